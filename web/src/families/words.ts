/** The words of the page: one language at a time is loaded, with its plurals, numbers and days. */

import en from "../../locales/families.en.json?url";
import ru from "../../locales/families.ru.json?url";
import uk from "../../locales/families.uk.json?url";

type English = typeof import("../../locales/families.en.json");

/** Every key under which a locale has a list of sentences that belong together. */
export type ListKey = { [K in keyof English]: English[K] extends readonly string[] ? K : never }[keyof English];

/** Every key under which a locale has one sentence. */
export type Key = Exclude<keyof English, ListKey>;

/** A sentence; or one for each plural form that the language has; or several that belong together. */
export type Messages = Readonly<Record<string, string | Readonly<Record<string, string>> | readonly string[]>>;

/** What may be put into a sentence; `n` chooses its plural form. */
export type Values = Readonly<Record<string, string | number>>;

/** The languages, each by its own name, in the order in which they are offered. */
export const LANGUAGES = { uk: "Українська", ru: "Русский", en: "English" } as const;

/** A language of the page. */
export type Language = keyof typeof LANGUAGES;

const FILES: Readonly<Record<Language, string>> = { uk, ru, en };
const HOLE = /\{(\w+)\}/g;

/** One language's words. */
export class Words {
  private readonly plurals: Intl.PluralRules;
  private readonly numbers: Intl.NumberFormat;
  private readonly days: Intl.DateTimeFormat;

  constructor(
    readonly language: Language,
    private readonly messages: Messages,
  ) {
    this.plurals = new Intl.PluralRules(language);
    this.numbers = new Intl.NumberFormat(language);
    // Whoever reads English here reads it in Europe, where the day stands before the month.
    const place = language === "en" ? "en-GB" : language;
    this.days = new Intl.DateTimeFormat(place, { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" });
  }

  /** Say a sentence, with values in its holes such as `{n}`. */
  readonly say = (key: Key, values: Values = {}): string => {
    const message = (this.messages[key] ?? key) as string | Readonly<Record<string, string>>;
    const text = typeof message === "string" ? message : (message[this.plurals.select(Number(values.n))] ?? key);
    return text.replace(HOLE, (hole, name: string) => {
      const value = values[name];
      return typeof value === "number" ? this.numbers.format(value) : (value ?? hole);
    });
  };

  /** Give the sentences under a key, in their order. */
  readonly list = (key: ListKey): readonly string[] => this.messages[key] as readonly string[];

  /** Write a day, given as `YYYY-MM-DD`; its last short word, as in “2026 р.”, stays on the line of the year. */
  readonly day = (day: string): string =>
    this.days.format(new Date(`${day}T00:00:00Z`)).replace(/ (?=\S\.$)/, "\u00a0");
}

/** Load one language; throws TypeError where the network is gone. */
export async function loadWords(language: Language): Promise<Words> {
  const answer = await fetch(FILES[language]);
  if (!answer.ok) throw new TypeError("the words cannot be fetched");
  return new Words(language, (await answer.json()) as Messages);
}
