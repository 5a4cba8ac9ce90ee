/**
 * What a detainee has written, put together by whoever brings it in: scanned pages or words typed off the sheet, and the
 * letter that they answer. It is sealed here, to the desk that reads first, before anything of it leaves the machine.
 */

import { parseNumber } from "../../core/codes";
import { NEW_CORRESPONDENCE, type SealedLine } from "../../core/firstlines";
import { countCharacters, MAX_NOTE_CHARACTERS, MAX_TEXT_CHARACTERS } from "../../core/manifests";
import { Problem } from "../../core/problems";
import { partDigest, sealEnclosure, sealLetter } from "../../core/sealed";
import type { Subject } from "../../core/statements";
import type { StaffSession } from "../session";
import { newId } from "../wire";
import type { Page } from "./images";

export const MOST_PAGES = 3;

/** A reply as it is being put together; it lives in memory only. */
export interface ReplyDraft {
  readonly text: string;
  readonly pages: readonly Page[];
  /** The number of whoever wrote it, as typed. */
  readonly about: string;
  /** The letter that it answers; `new` if none. */
  readonly re: string;
  readonly lang: string;
  /** For `new`: whom it is for, in the detainee's words. */
  readonly address: string;
  /** For the reviewer. */
  readonly note: string;
}

export const NO_REPLY: ReplyDraft = { text: "", pages: [], about: "", re: "", lang: "und", address: "", note: "" };

/** A reply that is sealed: its files, part 0 first, and how a statement names it. */
export interface SealedReply {
  readonly item: string;
  readonly parts: readonly Uint8Array[];
  readonly subject: Subject;
}

/** Whether anything would be lost. */
export function isWritten(draft: ReplyDraft): boolean {
  return (
    draft.pages.length > 0 || [draft.text, draft.about, draft.address, draft.note].some((part) => part.trim() !== "")
  );
}

/** Why a draft cannot be sealed, as codes in the order of the form; empty if it can. */
export function lacks(draft: ReplyDraft): string[] {
  const found: string[] = [];
  if (draft.pages.length === 0 && draft.text.trim() === "") found.push("reply_empty");
  if (countCharacters(draft.text.trim()) > MAX_TEXT_CHARACTERS) found.push("text_too_long");
  if (draft.re === "") found.push("reply_answers");
  if (!isReadable(draft.about)) found.push("number_mistyped");
  if ([draft.address, draft.note].some((text) => countCharacters(text) > MAX_NOTE_CHARACTERS))
    found.push("note_too_long");
  return found;
}

/** Seal a reply to the desk that reads first; throws Problem "number_mistyped", "text_too_long", "too_large" or "manifest". */
export async function sealReply(session: StaffSession, desk: string, draft: ReplyDraft): Promise<SealedReply> {
  const [missing] = lacks(draft);
  if (missing !== undefined) throw new Problem(missing);
  const item = newId();
  const { relay, directory } = session;
  const sealed = await Promise.all(
    draft.pages.map(({ bytes, type }, at) =>
      sealEnclosure({ relay, item, part: at + 1, bytes, type, name: `page-${at + 1}.${type.slice("image/".length)}` }),
    ),
  );
  const target = directory.intake();
  const line: SealedLine = {
    relay,
    item,
    kind: "reply",
    hop: directory.desk(desk).kind === "bureau" ? "bureau>review" : "facility>review",
    detainee: parseNumber(draft.about),
    to: [target.to],
    dir: directory.version,
    re: draft.re,
    enclosures: sealed.map(({ digest }) => digest),
  };
  const manifest = {
    by: { staff: session.id },
    lang: draft.lang,
    text: draft.text.trim(),
    address: draft.re === NEW_CORRESPONDENCE ? said(draft.address) : undefined,
    note: said(draft.note),
    enclosures: sealed.map(({ entry }) => entry),
  };
  const letter = await sealLetter({ line, manifest, signSeed: session.signSeed, recipients: [target.recipient] });
  const parts = [letter, ...sealed.map(({ file }) => file)];
  return { item, parts, subject: { item, prev: null, parts: parts.map(partDigest) } };
}

function isReadable(number: string): boolean {
  try {
    parseNumber(number);
    return true;
  } catch {
    return false;
  }
}

function said(text: string): string | undefined {
  return text.trim() === "" ? undefined : text.trim();
}
