/** Amounts as people read them: spans of time, bytes, shares; the units stand in the locale. */

import type { Words } from "../words";

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Say how long something took, in the two largest units that matter. */
export function span(seconds: number, { t }: Words): string {
  if (seconds >= DAY) return two(t, "days", Math.floor(seconds / DAY), "hours", Math.floor((seconds % DAY) / HOUR));
  if (seconds >= HOUR)
    return two(t, "hours", Math.floor(seconds / HOUR), "minutes", Math.floor((seconds % HOUR) / MINUTE));
  if (seconds >= MINUTE)
    return two(t, "minutes", Math.floor(seconds / MINUTE), "seconds", Math.floor(seconds % MINUTE));
  return t("amount.seconds", { count: Math.floor(seconds) });
}

/** Say how long a call took: milliseconds below a second. */
export function quick(seconds: number, words: Words): string {
  if (!Number.isFinite(seconds)) return words.t("amount.long");
  const figure = new Intl.NumberFormat(words.lang, { maximumSignificantDigits: 2 });
  return seconds < 1
    ? words.t("amount.ms", { figure: figure.format(seconds * 1000) })
    : words.t("amount.s", { figure: figure.format(seconds) });
}

/** Say how many bytes something takes, in MiB or GiB. */
export function bytes(count: number, { lang, t }: Words): string {
  const mebi = count / 1024 ** 2;
  const figure = new Intl.NumberFormat(lang, { maximumSignificantDigits: 3 });
  return mebi >= 1024
    ? t("amount.gib", { figure: figure.format(mebi / 1024) })
    : t("amount.mib", { figure: figure.format(mebi) });
}

function two(t: Words["t"], first: string, many: number, second: string, few: number): string {
  const head = t(`amount.${first}`, { count: many });
  return few === 0 ? head : `${head} ${t(`amount.${second}`, { count: few })}`;
}
