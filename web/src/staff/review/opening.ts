/**
 * How an item is opened by a reviewer: the letter, who wrote it, its pictures, and as whom the desk knows them. What
 * cannot be opened or is not believed is named as such, so that one bad letter does not keep a reviewer from the others.
 */

import { fromUtf8 } from "../../core/bytes";
import { checkDocument } from "../../core/documents";
import { NEW_CORRESPONDENCE, UNKNOWN_DETAINEE } from "../../core/firstlines";
import { Problem } from "../../core/problems";
import { checkLetter, type OpenedLetter, openDocument, openEnclosure, openLetter } from "../../core/sealed";
import {
  type Authenticity,
  BRINGERS,
  familyKeyOf,
  isTrustworthy,
  judgeFamilyLetter,
  judgeStaffLetter,
  READERS,
  requireAuthentic,
  staffKeyOf,
} from "../authors";
import { digestsOf, type Row } from "../rows";
import type { StaffSession } from "../session";
import { type Contact, parseContact } from "./contacts";

/** On which legs a review desk is given an item: what was sealed for a place is nothing to be reviewed. */
const LEGS: Readonly<Record<string, readonly string[]>> = {
  letter: ["family>review", "review>review"],
  parcel: ["family>review", "review>review"],
  reply: ["facility>review", "bureau>review", "review>review"],
};
/** The contact has not seen the letter that a reply answers: it may be of another family. */
export const LETTER_NOT_ITS = "letter_not_in_contact";
/** The relay hides, or gives an older, contact than this device has seen. */
const ROLLED_BACK = "document_rolled_back";

/** A picture, opened; nothing if a reviewer before left it out. */
export interface Picture {
  readonly part: number;
  readonly name: string;
  readonly blob?: Blob | undefined;
}

/** A letter or reply as a reader sees it; who wrote it is judged against the newest contact, see `judged`. */
export interface OpenedItem {
  readonly row: Row;
  readonly letter: OpenedLetter;
  readonly pictures: readonly Picture[];
  readonly contact?: Contact | undefined;
  /** Why the contact that the relay gave is not believed, as a code. */
  readonly contactRefused?: string | undefined;
}

/** What a reviewer may conclude about the writer. */
export interface Judgement {
  readonly authenticity: Authenticity;
  /** Whether the text may be taken for its author's, and the contact for the desk's own. */
  readonly proven: boolean;
  /** Where a note or a reply goes: what the desk has recorded before what a letter says of itself. */
  readonly replyTo?: string | undefined;
}

/**
 * Open one item from its sealed files, by digest; throws Problem for what cannot be opened. `known` is the contact of its
 * mailbox as it was read or renewed here: a row that was listed before that names an older one.
 */
export async function openItem(
  session: StaffSession,
  desk: string,
  row: Row,
  files: ReadonlyMap<string, Uint8Array>,
  known?: Contact,
): Promise<OpenedItem> {
  const [first, ...others] = digestsOf(row);
  const file = files.get(first!)!;
  const line = checkLetter(file);
  const isFamily = line.hop === "family>review";
  const roles = line.hop === "review>review" ? READERS : BRINGERS;
  const vkey = isFamily ? familyKeyOf : staffKeyOf(session.signers, roles, line.dir);
  const letter = await openLetter(file, session.deskSeeds(desk, line.to), { vkey });
  requireItsOwn(row, letter, others);
  const pictures = await openPictures(letter, others, files);
  const { contact, refused } = await contactOf(session, desk, row, files, known);
  const stranger = contact !== undefined && refused === undefined && !isAnswered(letter, contact);
  return { row, letter, pictures, contact, contactRefused: stranger ? LETTER_NOT_ITS : refused };
}

/** Judge who wrote an item, against the newest contact of its mailbox. */
export function judged(session: StaffSession, item: OpenedItem, newest = item.contact): Judgement {
  const authenticity = authenticityOf(session, item, newest);
  const proven = isTrustworthy(authenticity) && item.contactRefused === undefined;
  const replyTo = newest === undefined ? item.letter.manifest.reply_to : newest.replyTo;
  return { authenticity, proven, replyTo: proven ? replyTo : undefined };
}

/** The number that the family wrote, if the relay says that the letter is for another one. */
export function readdressed({ row, letter }: OpenedItem): string | undefined {
  const typed = letter.line.detainee;
  return typed === row.detainee || typed === UNKNOWN_DETAINEE ? undefined : typed;
}

/** Open the sealed record of who a mailbox is; throws Problem "document_not_authentic" or "letter_differs". */
export async function openContact(
  session: StaffSession,
  desk: string,
  file: Uint8Array,
  mailbox: string | undefined,
): Promise<Contact> {
  const { dir, to } = checkDocument(file);
  const vkey = staffKeyOf(session.signers, READERS, dir);
  const document = requireAuthentic(await openDocument(file, session.deskSeeds(desk, to), { vkey }));
  const contact = parseContact(fromUtf8(document.content), document.line.version);
  const isIts = document.line.kind === "contact" && document.line.id === mailbox && contact.mailbox === mailbox;
  if (!isIts) throw new Problem("letter_differs", "the contact is of another mailbox");
  return contact;
}

function authenticityOf(session: StaffSession, item: OpenedItem, contact: Contact | undefined): Authenticity {
  const { row, letter } = item;
  const since = row.acceptedAt;
  if (letter.line.hop === "review>review") return judgeStaffLetter(letter, session.signers, READERS, since);
  if (row.kind === "reply") return judgeStaffLetter(letter, session.signers, BRINGERS, since);
  const found = judgeFamilyLetter(letter, contact?.vkey);
  // The relay knows the mailbox by another key: somebody's letter was put into somebody else's mailbox.
  const isOthers = row.signer !== undefined && familyKeyOf(letter.manifest.by) !== row.signer;
  return isTrustworthy(found) && isOthers ? "forged" : found;
}

/** Require that the file is this item's, on a leg to a review desk, and addressed to whom the relay says. */
function requireItsOwn(row: Row, { line }: OpenedLetter, enclosures: readonly string[]): void {
  const isItem = line.item === row.item && line.kind === row.kind;
  const areParts = (line.enclosures ?? []).join() === enclosures.join();
  if (!isItem || !areParts || !LEGS[row.kind]!.includes(line.hop)) throw new Problem("letter_differs");
  // Only a letter straight from its family may name another number than the relay does: it may have been matched since.
  if (line.detainee !== row.detainee && line.hop !== "family>review") throw new Problem("letter_differs");
}

async function openPictures(
  letter: OpenedLetter,
  digests: readonly string[],
  files: ReadonlyMap<string, Uint8Array>,
): Promise<Picture[]> {
  const entries = letter.manifest.enclosures ?? [];
  return Promise.all(
    entries.map(async (entry, at) => {
      const part = at + 1;
      if (entry.seed === null) return { part, name: entry.name };
      const content = await openEnclosure(files.get(digests[at]!)!, letter.line, entry);
      return { part, name: entry.name, blob: new Blob([content.slice()], { type: entry.type }) };
    }),
  );
}

/** The contact that the relay gave, or why it is not believed: without it, anybody's letter would look like the first. */
async function contactOf(
  session: StaffSession,
  desk: string,
  row: Row,
  files: ReadonlyMap<string, Uint8Array>,
  known: Contact | undefined,
): Promise<{ contact?: Contact; refused?: string }> {
  const file = files.get(row.contact ?? "");
  if (file === undefined && known !== undefined) return { contact: known };
  if (file === undefined) return session.book.hasSeen(row.mailbox ?? "") ? { refused: ROLLED_BACK } : {};
  try {
    const given = await openContact(session, desk, file, row.mailbox);
    const contact = known !== undefined && known.version > given.version ? known : given;
    session.book.checkDocument(contact.mailbox, contact.version);
    return { contact };
  } catch (fault) {
    if (fault instanceof Problem) return { refused: fault.code };
    throw fault;
  }
}

/** Whether a reply answers a letter of the family that a contact is about; one to nobody yet, a reviewer matches. */
function isAnswered({ line }: OpenedLetter, contact: Contact): boolean {
  return line.kind !== "reply" || line.re === NEW_CORRESPONDENCE || contact.letters.includes(line.re!);
}
