/** What a reviewer has written and marked about one letter and not yet signed; it lives in memory only. */

/** Characters to be blocked out, counted in Unicode code points, and why. */
export interface Cut {
  readonly start: number;
  readonly end: number;
  readonly reason: string;
}

/** A picture to be left out, and why. */
export interface LeftOut {
  readonly part: number;
  readonly reason: string;
}

/** The work on one letter. */
export interface Draft {
  /** In order, without overlap. */
  readonly cuts: readonly Cut[];
  readonly leftOut: readonly LeftOut[];
  /** A translation or a remark for the next reader: sealed beside the letter, no part of it. */
  readonly note: string;
  /** For the contact: who the people are. */
  readonly names: string;
  /** The answer to the family, where the letter goes back. */
  readonly answer: string;
}

export const NO_DRAFT: Draft = { cuts: [], leftOut: [], note: "", names: "", answer: "" };
/** What is put in place of each character: U+2588, FULL BLOCK. */
export const BLOCK = "\u2588";
/** The most that a note to the next reader may hold, in code points. */
export const MOST_NOTE_CHARACTERS = 2_000;

/** Whether the detainee will get something else than the family wrote. */
export function hasEdits(draft: Draft): boolean {
  return draft.cuts.length > 0 || draft.leftOut.length > 0;
}

/** Block out one more place; what it touches becomes one with it, under the newer reason. */
export function addCut(draft: Draft, cut: Cut): Draft {
  if (cut.end <= cut.start) return draft;
  const apart = draft.cuts.filter((one) => one.end < cut.start || one.start > cut.end);
  const touched = draft.cuts.filter((one) => !apart.includes(one));
  const whole = {
    start: Math.min(cut.start, ...touched.map((one) => one.start)),
    end: Math.max(cut.end, ...touched.map((one) => one.end)),
    reason: cut.reason,
  };
  return { ...draft, cuts: [...apart, whole].sort((one, other) => one.start - other.start) };
}

/** Take one back. */
export function dropCut(draft: Draft, cut: Cut): Draft {
  return { ...draft, cuts: draft.cuts.filter((one) => one.start !== cut.start) };
}

/** Leave a picture out, or let it pass again. */
export function togglePicture(draft: Draft, part: number, reason: string): Draft {
  const others = draft.leftOut.filter((one) => one.part !== part);
  const isOut = others.length < draft.leftOut.length;
  return { ...draft, leftOut: isOut ? others : [...others, { part, reason }] };
}

/** Say why a picture is left out. */
export function explainPicture(draft: Draft, part: number, reason: string): Draft {
  return { ...draft, leftOut: draft.leftOut.map((one) => (one.part === part ? { part, reason } : one)) };
}

/** The reasons of all that was taken out, each once. */
export function reasonsOf(draft: Draft): string[] {
  return [...new Set([...draft.cuts, ...draft.leftOut].map((one) => one.reason))];
}

/** The text as its next reader gets it. */
export function blockedOut(text: string, cuts: readonly Cut[]): string {
  const characters = Array.from(text);
  for (const { start, end } of cuts) characters.fill(BLOCK, start, end);
  return characters.join("");
}

/** A run of the text that is or is not blocked out. */
export interface Run {
  readonly start: number;
  readonly end: number;
  readonly text: string;
  readonly cut?: Cut | undefined;
}

/** Divide a text into what stays and what is blocked out, in order. */
export function runsOf(text: string, cuts: readonly Cut[]): Run[] {
  const characters = Array.from(text);
  const runs: Run[] = [];
  const add = (start: number, end: number, cut?: Cut) => {
    if (end > start) runs.push({ start, end, text: characters.slice(start, end).join(""), cut });
  };
  let at = 0;
  for (const cut of cuts) {
    add(at, cut.start);
    add(cut.start, cut.end, cut);
    at = cut.end;
  }
  add(at, characters.length);
  return runs;
}

/** A word with its place, for marking by keyboard: letters and digits, with what hangs on them. */
export interface Word {
  readonly start: number;
  readonly end: number;
}

/** Find the words of a text, places in code points. */
export function wordsOf(text: string): Word[] {
  const words: Word[] = [];
  let start = -1;
  Array.from(text).forEach((character, at) => {
    const isSpace = /\s/u.test(character);
    if (!isSpace && start < 0) start = at;
    if (isSpace && start >= 0) {
      words.push({ start, end: at });
      start = -1;
    }
  });
  const length = Array.from(text).length;
  return start < 0 ? words : [...words, { start, end: length }];
}

/** Turn a place in UTF-16 units, as the browser counts, into one in code points. */
export function codePointAt(text: string, unit: number): number {
  return Array.from(text.slice(0, unit)).length;
}
