/** The decisions of a reviewer, each as a statement over one letter; what goes on or back is sealed before it is signed. */

import { UNKNOWN_DETAINEE } from "../../core/firstlines";
import { Problem } from "../../core/problems";
import type { StatementKind } from "../../core/statements";
import { isTrustworthy } from "../authors";
import { type Row, subjectOf } from "../rows";
import type { Fields, StaffSession } from "../session";
import { isPassed } from "./astray";
import type { Deed } from "./counters";
import type { Letter, ReviewDesk } from "./desk";
import { LETTER_NOT_ITS, type OpenedItem } from "./opening";
import type { Decision } from "./outbox";
import { type Leg, legToFamily, legToPlace, legToReview, type Sealed, sealNote, sealOn } from "./passing";

/** Why a letter cannot simply pass, as codes with words in the locale files: `hurdle.<code>`. */
export type Hurdle =
  | "unproven"
  | "not_their_letter"
  | "readdressed"
  | "no_number"
  | "number_unknown"
  | "no_place"
  | "no_address"
  | "register_unread";

/** What stands in the way of passing an item: the first three can be judged by the reviewer, the others cannot. */
export function hurdleOf(desk: ReviewDesk, item: OpenedItem): Hurdle | undefined {
  const { proven, authenticity } = desk.judge(item);
  const nowhere = isPassed(item.row) ? undefined : nowhereFor(desk, item);
  if (nowhere !== undefined) return nowhere;
  // Its author is proved, and it answers a letter of another mailbox: so is every reply that was recalled for a new code.
  const isOfAnother = item.contactRefused === LETTER_NOT_ITS && isTrustworthy(authenticity);
  if (!proven) return isOfAnother ? "not_their_letter" : "unproven";
  const typed = item.letter.line.detainee;
  const isOthers = typed !== item.row.detainee && desk.register?.records.has(typed);
  return isOthers ? "readdressed" : undefined;
}

/** Whether a reviewer may pass it knowingly all the same. */
export function isJudgeable(hurdle: Hurdle): boolean {
  return hurdle === "unproven" || hurdle === "not_their_letter" || hurdle === "readdressed";
}

/** The review desk that reads an item after this one; nothing, if this one decides. */
export function nextReader({ route, desk }: Row): string | undefined {
  const at = route.indexOf(desk);
  return at < 0 ? undefined : route[at + 1];
}

/** Pass a letter to where the register has its addressee, a reply to its family, or to the place that is named. */
export function passing(desk: ReviewDesk, item: string, place?: string): Decision {
  return {
    item,
    deed: "passed",
    prepare: async (letter) => {
      const { subject, fields, contact } = await sealedOn(desk, letter, legOf(desk, openedOf(letter), place));
      return { signed: desk.session.prepare("pass", [subject], fields), contact };
    },
  };
}

/** Send a letter on to the next review desk of its route; the relay takes a pass that names no place for that. */
export function forwarding(desk: ReviewDesk, item: string, to: string): Decision {
  return {
    item,
    deed: "forwarded",
    prepare: async (letter) => {
      const { subject, fields, contact } = await sealedOn(desk, letter, legToReview(desk.session, to));
      return { signed: desk.session.prepare("pass", [subject], fields), contact };
    },
  };
}

/** Send elsewhere what was passed, went missing or could not be delivered: the letter as this desk read it. */
export function redirecting(desk: ReviewDesk, item: string, place: string, reasons: readonly string[]): Decision {
  return {
    item,
    deed: "redirected",
    prepare: async (letter) => {
      const { subject, fields, contact } = await sealedOn(desk, letter, legToPlace(desk.session, place, desk.id));
      const all = [...new Set([...reasons, ...((fields.reasons as readonly string[]) ?? [])])];
      return { signed: desk.session.prepare("redirect", [subject], { ...fields, reasons: listed(all) }), contact };
    },
  };
}

/** Seal a letter on with what was marked in it, and upload it. */
async function sealedOn(desk: ReviewDesk, letter: Letter, leg: Leg): Promise<Sealed> {
  const opened = openedOf(letter);
  const newest = desk.newestContact(opened);
  const sealed = await sealOn(desk.session, desk.id, opened, leg, letter.draft, desk.judge(opened), newest);
  await desk.session.uploadParts(sealed.files);
  return sealed;
}

/** Return a letter to its family, or confirm that it is withheld, with a note that only the family can open. */
export function answering(
  desk: ReviewDesk,
  item: string,
  kind: "return" | "confirm",
  answer: { readonly reasons: readonly string[]; readonly note: string },
): Decision {
  return {
    item,
    deed: kind === "return" ? "returned" : "withheld",
    prepare: async (letter) => {
      const text = answer.note.trim();
      const note = text === "" ? undefined : await uploadNote(desk, letter, text);
      return plainly(desk.session, kind, letter, { reasons: listed(answer.reasons), note });
    },
  };
}

/** A decision that seals nothing. */
export function deciding(
  desk: ReviewDesk,
  item: string,
  kind: "propose_withhold" | "overturn" | "escalate" | "release" | "match",
  fields: {
    readonly reasons?: readonly string[];
    readonly hint?: string | undefined;
    readonly number?: string;
    readonly mailbox?: string;
  },
): Decision {
  const { reasons, ...others } = fields;
  const given: Fields = reasons === undefined ? others : { ...others, reasons: listed(reasons) };
  return { item, deed: DEEDS[kind], prepare: async (letter) => plainly(desk.session, kind, letter, given) };
}

const DEEDS = {
  propose_withhold: "withheld",
  overturn: "overturned",
  escalate: "escalated",
  release: "released",
  match: "matched",
} as const satisfies Readonly<Record<string, Deed>>;

/** Where an item would go; throws Problem "number_unknown", "no_place" or "no_address". */
export function legOf(desk: ReviewDesk, item: OpenedItem, place?: string): Leg {
  const { session } = desk;
  if (place !== undefined) return legToPlace(session, place, desk.id);
  if (item.row.kind === "reply") return legToFamily(desk.newestContact(item)?.replyTo);
  if (desk.register === undefined) throw new Problem("register_unread");
  return legToPlace(session, desk.register.placeOf(item.row.detainee), desk.id);
}

function nowhereFor(desk: ReviewDesk, item: OpenedItem): Hurdle | undefined {
  if (item.row.detainee === UNKNOWN_DETAINEE) return "no_number";
  if (nextReader(item.row) !== undefined) return undefined;
  try {
    legOf(desk, item);
    return undefined;
  } catch (fault) {
    if (fault instanceof Problem) return fault.code as Hurdle;
    throw fault;
  }
}

async function uploadNote(desk: ReviewDesk, letter: Letter, text: string): Promise<string[]> {
  const { session } = desk;
  const replyTo = letter.opened && desk.judge(letter.opened).replyTo;
  return session.uploadParts([await sealNote(session, letter.row.item, text, replyTo)]);
}

async function plainly(session: StaffSession, kind: StatementKind, { row }: Letter, fields: Fields) {
  return { signed: session.prepare(kind, [subjectOf(row)], fields) };
}

function openedOf(letter: Letter): OpenedItem {
  if (letter.opened === undefined) throw new Problem("letter_closed");
  return letter.opened;
}

function listed(reasons: readonly string[]): readonly string[] | undefined {
  return reasons.length > 0 ? reasons : undefined;
}
