/** Whom a letter without a number is for: the line of JSON that a family's form seals, or just its words. */

import { encodeJson, parseJson } from "../../core/canonical";

export const PARTICULARS = [
  "surname",
  "given",
  "patronymic",
  "birth_date",
  "birth_place",
  "mother_maiden_name",
  "service_number",
] as const;

export type Particulars = Readonly<Partial<Record<(typeof PARTICULARS)[number], string>>>;

/** Whom a letter is for, as far as its writer could say. */
export interface Sought {
  readonly particulars: Particulars;
  readonly words: string;
}

/** Read the address of a manifest; what is not in the one encoding of the form is all words. */
export function readAddress(address: string | undefined): Sought {
  const text = address ?? "";
  const fields = parsed(text);
  if (fields === undefined) return { particulars: {}, words: text };
  const { v, words = "", ...said } = fields;
  const known: readonly string[] = PARTICULARS;
  const whole = v === 1 && [words, ...Object.values(said)].every((value) => typeof value === "string");
  if (!whole || !Object.keys(said).every((key) => known.includes(key))) return { particulars: {}, words: text };
  const sought: Sought = { particulars: said as Particulars, words: words as string };
  return encodeAddress(sought) === text ? sought : { particulars: {}, words: text };
}

function encodeAddress({ particulars, words }: Sought): string {
  const said = Object.fromEntries(PARTICULARS.map((key) => [key, particulars[key] || undefined]));
  return encodeJson({ v: 1, ...said, words: words || undefined });
}

function parsed(text: string): Record<string, unknown> | undefined {
  try {
    return parseJson(text, "address");
  } catch {
    return undefined;
  }
}
