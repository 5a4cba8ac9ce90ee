/**
 * Birth dates as relatives write them: «03.07.91», «7 березня 1991 р.», "March 7, 1991", or a year alone. What a text does
 * not say stays unknown. As relay/client/birthdates.py.
 */

import type { Agreement } from "./agreement";

/** How the names of months begin; longer beginnings first where one contains another. */
const MONTHS = [
  ["січ", "янв", "jan"],
  ["лют", "фев", "feb"],
  ["берез", "мар", "mar"],
  ["квіт", "апр", "apr"],
  ["трав", "мая", "май", "мае", "may"],
  ["черве", "червн", "июн", "jun"],
  ["лип", "июл", "jul"],
  ["серп", "авг", "aug"],
  ["верес", "сен", "sep"],
  ["жовт", "окт", "oct"],
  ["листоп", "ноя", "nov"],
  ["груд", "дек", "dec"],
];
const ROMAN = ["i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii"];

/** A birth date as far as a text says it; a year below 100 has only its last two digits. */
export interface Birth {
  readonly year?: number | undefined;
  readonly month?: number | undefined;
  readonly day?: number | undefined;
}

/** A date of the register. */
export interface Born {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

/** The register's date, from `YYYY-MM-DD`. */
export function readBorn(text: string | undefined): Born | undefined {
  const [year, month, day] = (text ?? "").split("-").map(Number);
  return year && month && day ? { year, month, day } : undefined;
}

/** The years that can be meant. */
export function yearsOf({ year }: Birth): number[] {
  if (year === undefined) return [];
  return year >= 100 ? [year] : [1900 + year, 2000 + year];
}

/** Read a birth date as somebody wrote it; undefined if no date can be found in it. */
export function readBirth(text: string): Birth | undefined {
  const tokens = text.toLowerCase().match(/\p{Nd}+|\p{L}+/gu) ?? [];
  const numbers = tokens.filter((token) => /^\p{Nd}+$/u.test(token));
  const months = tokens.map(monthNamed).filter((month) => month !== undefined);
  if (months.length === 1) return withMonth(numbers, months[0]!);
  if (numbers.length === 1 && numbers[0]!.length === 8) return runTogether(numbers[0]!);
  if (numbers.length >= 3) return inOrder(numbers);
  if (numbers.length === 2 && isYear(numbers[1]!)) return checked(Number(numbers[1]), Number(numbers[0]), undefined);
  const year = numbers.find(isYear);
  return year === undefined ? undefined : { year: Number(year) };
}

/** Say how far a birth date agrees with the register's. */
export function compareBirth(said: Birth | undefined, listed: Born | undefined): Agreement {
  if (said === undefined || listed === undefined) return "missing";
  if (said.day === undefined || said.month === undefined || said.year === undefined) return comparePart(said, listed);
  const isYearRight = yearsOf(said).includes(listed.year);
  const agreeing = [isYearRight, said.month === listed.month, said.day === listed.day];
  const right = agreeing.filter(Boolean).length;
  if (right === 3) return "same";
  if (isYearRight && said.day === listed.month && said.month === listed.day) return "turned";
  if (right === 2) return isOneSlip(said, listed, agreeing.indexOf(false)) ? "near" : "part";
  return isYearRight ? "around" : "different";
}

function comparePart(said: Birth, listed: Born): Agreement {
  const isYearRight = yearsOf(said).includes(listed.year);
  const known: boolean[] = [];
  if (said.year !== undefined) known.push(isYearRight);
  if (said.month !== undefined) known.push(said.month === listed.month);
  if (said.day !== undefined) known.push(said.day === listed.day);
  if (known.every(Boolean)) return known.length > 1 ? "part" : "year";
  const isNear = said.month === undefined && yearsOf(said).some((year) => Math.abs(listed.year - year) === 1);
  return isNear || isYearRight ? "around" : "different";
}

/** Whether the one part that does not agree is off by one, by one digit, or by two digits that change places. */
function isOneSlip(said: Birth, listed: Born, wrong: number): boolean {
  const pairs = [
    yearsOf(said).map((year) => [two(year % 100), two(listed.year % 100), year - listed.year] as const),
    [[two(said.month!), two(listed.month), said.month! - listed.month] as const],
    [[two(said.day!), two(listed.day), said.day! - listed.day] as const],
  ];
  return pairs[wrong]!.some(
    ([one, other, off]) => Math.abs(off) === 1 || turned(one) === other || isOneDigit(one, other),
  );
}

function two(number: number): string {
  return String(number).padStart(2, "0");
}

function turned(digits: string): string {
  return [...digits].reverse().join("");
}

function isOneDigit(one: string, other: string): boolean {
  return [...one].filter((digit, at) => digit !== other[at]).length === 1;
}

function monthNamed(token: string): number | undefined {
  if (/^\p{Nd}+$/u.test(token)) return undefined;
  const roman = ROMAN.indexOf(token.replace(/[іх]/g, (letter) => (letter === "і" ? "i" : "x")));
  if (roman >= 0) return roman + 1;
  const named = MONTHS.findIndex((starts) => starts.some((start) => token.startsWith(start)));
  return named < 0 ? undefined : named + 1;
}

function withMonth(numbers: readonly string[], month: number): Birth | undefined {
  const years = numbers.filter(isYear);
  const short = numbers.filter((number) => !isYear(number));
  if (years.length > 0) return checked(Number(years[0]), month, short.length > 0 ? Number(short[0]) : undefined);
  if (short.length > 1) return checked(Number(short[1]), month, Number(short[0]));
  return short.length > 0 ? checked(undefined, month, Number(short[0])) : undefined;
}

function runTogether(digits: string): Birth | undefined {
  const part = (start: number, end: number) => Number(digits.slice(start, end));
  if (isYear(digits.slice(4))) return checked(part(4, 8), part(2, 4), part(0, 2));
  return checked(part(0, 4), part(4, 6), part(6, 8));
}

function inOrder(numbers: readonly string[]): Birth | undefined {
  const [first, second, third] = numbers.slice(0, 3).map(Number) as [number, number, number];
  if (isYear(numbers[0]!)) return checked(first, second, third) ?? checked(first, third, second);
  return checked(third, second, first) ?? checked(third, first, second);
}

function checked(year: number | undefined, month: number, day: number | undefined): Birth | undefined {
  const isPossible = month >= 1 && month <= 12 && (day === undefined || (day >= 1 && day <= 31));
  const isYearOfLife = year === undefined || year < 100 || (year >= 1900 && year < 2100);
  return isPossible && isYearOfLife ? { year, month, day } : undefined;
}

function isYear(number: string): boolean {
  return number.length === 4 && Number(number) >= 1900 && Number(number) < 2100;
}
