/**
 * What delays a letter, found by words while it is written: a hint, which never blocks and never leaves the device.
 *
 * Letters of prisoners of war are read (Third Geneva Convention, article 76), and a reviewer has to take out, or send
 * back, what is about places of units, arms, politics or money. Beginnings of words are enough in all three languages.
 */

/** What a word may be about. */
export type Hint = "places" | "units" | "politics" | "money" | "secrets";

const STEMS: Readonly<Record<Hint, string>> = {
  places:
    "координат|позиці|позици|блокпост|блок-пост|окоп|траншей|оборон|наступ|передов|фронт|колон[аиу]|переправ|аеродром|аэродром|склад боє|эшелон|ешелон|coordinate|checkpoint|trench|front ?line|airfield|convoy|frontline",
  units:
    "бригад|полк[уаіом]?(?![\\p{L}])|батальйон|батальон|дивізі|дивизи|взвод|рот[аиіуы](?![\\p{L}])|підрозділ|подразделен|частин[аиіу] №|воинск|військов|танк|ракет|снаряд|гранат|автомат[аиі]?(?![\\p{L}])|зброя|зброї|зброю|оружи|артилер|артиллер|дрон|мобілізац|мобилизац|brigade|regiment|battalion|platoon|tank|missile|rocket|artillery|drone|weapon|ammunition|mobili[sz]",
  politics:
    "президент|уряд|правительств|парламент|вибор|выбор[ыо]|парті[яїю]|партию|партия|партии|політик|политик|окупан|оккупант|агресор|агрессор|пропаганд|president|government|parliament|election|politic|propaganda|occupier",
  money:
    "грош[іие]|деньг|карт[ауок]{0,2} банк|рахун(?:ок|ку)|переказ|перевести|iban|пароль|пароля|пін-код|пин-код|криптовалют|біткоїн|биткоин|send money|bank account|wire transfer|password|pin code|bitcoin",
  secrets: "шифр|умовн[аиі]{1,2} знак|условн[ыа]\\p{L}* знак|між рядк|между строк|cipher|secret sign|between the lines",
};

const PATTERNS = Object.entries(STEMS).map(
  ([hint, stems]) => [hint as Hint, new RegExp(`(?:^|[^\\p{L}])(${stems})\\p{L}*`, "giu")] as const,
);

/** How many words of each kind are shown. */
const SHOWN = 3;

/** Find what may delay a letter: each kind once, with the first words that look like it. */
export function hintsIn(text: string): ReadonlyMap<Hint, readonly string[]> {
  const found = new Map<Hint, readonly string[]>();
  for (const [hint, pattern] of PATTERNS) {
    const words = new Set(
      [...text.matchAll(pattern)].map((match) => match[0].replace(/^[^\p{L}]+/u, "").toLowerCase()),
    );
    if (words.size) found.set(hint, [...words].slice(0, SHOWN));
  }
  return found;
}

/** Count characters as the formats do: Unicode code points. */
export function countCharacters(text: string): number {
  let count = 0;
  for (const _ of text) count++;
  return count;
}
