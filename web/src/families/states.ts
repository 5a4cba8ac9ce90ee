/** Every state of the page by its name, and every step from one to the next: a step that is not here is a mistake. */

/** Where somebody is. */
export type Place =
  | "language"
  | "home"
  | "addressee"
  | "person"
  | "letter"
  | "pictures"
  | "drawing"
  | "check"
  | "sealing"
  | "sending"
  | "waiting"
  | "receipt"
  | "code"
  | "opening"
  | "mailbox"
  | "reading"
  | "trouble";

/** What somebody does there, or what happens to them. */
export type Step =
  | "chosen"
  | "write"
  | "look"
  | "resume"
  | "resend"
  | "unknown"
  | "next"
  | "draw"
  | "back"
  | "mailbox"
  | "sealed"
  | "accepted"
  | "offline"
  | "again"
  | "opened"
  | "read"
  | "done"
  | "home";

/** The whole machine. Trouble, language and leaving can happen anywhere and stand in `App`. */
export const STEPS: Readonly<Record<Place, Partial<Readonly<Record<Step, Place>>>>> = {
  language: { chosen: "home" },
  home: { write: "addressee", look: "code", resume: "letter", resend: "sending", back: "language" },
  addressee: { next: "letter", unknown: "person", back: "home", mailbox: "mailbox" },
  person: { next: "letter", back: "addressee" },
  letter: { next: "pictures", back: "addressee", unknown: "person" },
  pictures: { next: "check", draw: "drawing", back: "letter" },
  drawing: { next: "pictures", back: "pictures" },
  check: { next: "sealing", back: "pictures", look: "letter", write: "addressee" },
  sealing: { sealed: "sending", back: "check" },
  sending: { accepted: "receipt", offline: "waiting" },
  waiting: { again: "sending", done: "home" },
  receipt: { done: "home", mailbox: "opening", write: "addressee" },
  code: { next: "opening", back: "home" },
  opening: { opened: "mailbox", back: "code" },
  mailbox: { read: "reading", write: "addressee", again: "opening", back: "code", done: "home" },
  reading: { back: "mailbox", again: "opening" },
  trouble: { home: "home" },
};

/** Say where a step leads; throws RangeError if there is no such step. */
export function after(place: Place, step: Step): Place {
  const next = STEPS[place][step];
  if (next === undefined) throw new RangeError(`no step "${step}" from "${place}"`);
  return next;
}

/** Places where closing the page by mistake would lose something that cannot be had again. */
export const PRECIOUS: ReadonlySet<Place> = new Set([
  "letter",
  "pictures",
  "drawing",
  "check",
  "sealing",
  "sending",
  "waiting",
  "receipt",
]);
