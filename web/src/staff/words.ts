/**
 * What the staff pages say, in three languages: one JSON file each for the shell and for every face, plurals and dates
 * by `Intl`. A face adds `locales/staff-<face>.{uk,ru,en}.json`; nothing has to be registered.
 */

import { keepText, keptText } from "./keeping";

export type Lang = "uk" | "ru" | "en";
export const LANGUAGES: readonly Lang[] = ["uk", "ru", "en"];
/** What each language calls itself. */
export const LANGUAGE_NAMES: Readonly<Record<Lang, string>> = { uk: "Українська", ru: "Русский", en: "English" };

type Entry = string | Readonly<Record<string, string>>;
type Table = Readonly<Record<string, Entry>>;
/** What stands in for `{name}` in a text; `count` also chooses the plural. */
export type Params = Readonly<Record<string, string | number>>;

const FILES = import.meta.glob<Table>("../../locales/staff*.json", { eager: true, import: "default" });
const KEPT = "letter-relay/staff/lang";

/** One language's words, with its way of writing numbers and times. */
export class Words {
  readonly #table: Table;
  readonly #plural: Intl.PluralRules;

  constructor(readonly lang: Lang) {
    this.#table = tableOf(lang);
    this.#plural = new Intl.PluralRules(lang);
  }

  /** Say something; a key that is missing shows itself, so that tests and eyes find it. */
  t = (key: string, params: Params = {}): string => {
    const entry = this.#table[key];
    if (entry === undefined) return key;
    const count = Number(params.count ?? 0);
    const text = typeof entry === "string" ? entry : (entry[this.#plural.select(count)] ?? entry.other ?? key);
    return text.replace(/\{(\w+)\}/g, (whole, name: string) => this.#shown(params[name], whole));
  };

  /** Whether there are words for a key, where the key comes from outside. */
  has(key: string): boolean {
    return key in this.#table;
  }

  /** A number with this language's separators. */
  number(value: number): string {
    return new Intl.NumberFormat(this.lang).format(value);
  }

  /** A day, from `YYYY-MM-DD…` (UTC). */
  day(at: string): string {
    return this.#time(at, { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" });
  }

  /** A moment in this device's own time zone, from `YYYY-MM-DDTHH:MM:SSZ`. */
  moment(at: string): string {
    return this.#time(at, { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });
  }

  /** The name of a language, from its tag. */
  language(tag: string): string {
    if (tag === "und" || tag === "") return this.t("language.unknown");
    try {
      return new Intl.DisplayNames(this.lang, { type: "language" }).of(tag) ?? tag;
    } catch {
      return tag;
    }
  }

  #shown(value: string | number | undefined, whole: string): string {
    if (value === undefined) return whole;
    return typeof value === "number" ? this.number(value) : value;
  }

  #time(at: string, form: Intl.DateTimeFormatOptions): string {
    const moment = new Date(at.length === 10 ? `${at}T00:00:00Z` : at);
    return Number.isNaN(moment.getTime()) ? at : new Intl.DateTimeFormat(this.lang, form).format(moment);
  }
}

/** The language that was chosen on this device, or the first of the browser's that there is. */
export function firstLanguage(): Lang {
  const wanted = [keptText(KEPT), ...navigator.languages.map((tag) => tag.slice(0, 2))];
  return LANGUAGES.find((lang) => lang === wanted.find((one) => LANGUAGES.includes(one as Lang))) ?? "en";
}

/** Remember a choice of language. */
export function keepLanguage(lang: Lang): void {
  keepText(KEPT, lang);
}

function tableOf(lang: Lang): Table {
  const ours = Object.entries(FILES).filter(([path]) => path.endsWith(`.${lang}.json`));
  return Object.assign({}, ...ours.map(([, table]) => table)) as Table;
}
