/** What the page holds while somebody is there; nothing of it is written down unless they ask, and all of it is wiped. */

import type { Language } from "./words";

/** What is known of somebody whose number is not known: docs/spec/sealed.md §3.4, each as the family wrote it. */
export const PARTICULARS = [
  "surname",
  "given",
  "patronymic",
  "birth_date",
  "birth_place",
  "mother_maiden_name",
  "service_number",
] as const;

/** One of the particulars. */
export type Particular = (typeof PARTICULARS)[number];

/** A picture, drawn anew here: without place, time, or anything else that hides in files. */
export interface Picture {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly type: "image/jpeg" | "image/png";
  /** A blob: address to show it by. */
  readonly url: string;
}

/** A letter that is being written. */
export interface Letter {
  /** Twelve digits; null if the number is not known. */
  number: string | null;
  person: Partial<Record<Particular, string>>;
  /** About the writer, in their own words; or whatever else helps to find somebody. */
  about: string;
  text: string;
  /** A BCP 47 tag; `und` for a language that the page does not speak. */
  language: Language | "und";
  pictures: Picture[];
}

/** A blank sheet. */
export function blankLetter(language: Language | "und"): Letter {
  return { number: null, person: {}, about: "", text: "", language, pictures: [] };
}

/** Say whether somebody has begun to write. */
export function isBegun(letter: Letter): boolean {
  return letter.text.trim() !== "" || letter.pictures.length > 0;
}

/**
 * Write the address of a manifest in its one encoding; null if there is nothing to say.
 *
 * Without particulars it is the words alone: relay/client/particulars.py reads both.
 */
export function addressOf(letter: Letter): string | null {
  const said = Object.fromEntries(
    PARTICULARS.map((name) => [name, letter.person[name]?.trim() ?? ""]).filter(([, text]) => text),
  );
  const words = letter.about.trim();
  if (letter.number !== null || Object.keys(said).length === 0) return words || null;
  return JSON.stringify({ v: 1, ...said, ...(words ? { words } : {}) });
}

/** Free the pictures of a letter that is over. */
export function dropPictures(letter: Letter): void {
  for (const picture of letter.pictures) URL.revokeObjectURL(picture.url);
  letter.pictures = [];
}
