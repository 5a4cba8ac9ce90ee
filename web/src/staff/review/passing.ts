/**
 * How decided items are sealed on: part 0 for its next reader, signed by whoever passes it, and the contact of the family
 * it comes from. Enclosures keep their bytes; one is left out by leaving its key out.
 */

import { type Bytes, utf8 } from "../../core/bytes";
import { type Excision, excise, type Manifest } from "../../core/manifests";
import { Problem } from "../../core/problems";
import { partDigest, type SealedLine, sealDocument, sealLetter } from "../../core/sealed";
import type { Subject } from "../../core/statements";
import { subjectOf } from "../rows";
import type { Fields, StaffSession } from "../session";
import { newId } from "../wire";
import { type Contact, encodeContact, renewContact } from "./contacts";
import { type Draft, reasonsOf } from "./drafts";
import type { Judgement, OpenedItem } from "./opening";

/** Where a letter goes next. */
export interface Leg {
  readonly hop: SealedLine["hop"];
  /** A `desk/epoch` for each recipient, or just `family`. */
  readonly to: readonly string[];
  readonly recipients: readonly string[];
  /** The desk it is passed to; nothing for families. */
  readonly place?: string | undefined;
}

/** A decision that is sealed and only wants to be signed and sent. */
export interface Sealed {
  readonly subject: Subject;
  /** What has to be uploaded first. */
  readonly files: readonly Uint8Array[];
  readonly fields: Fields;
  /** The contact as it will stand, if the letter renews it. */
  readonly contact?: Contact | undefined;
}

/** Lead to a facility or a bureau; what goes to one without computers is sealed to the review desk itself. */
export function legToPlace(session: StaffSession, place: string, reviewDesk: string): Leg {
  const desk = session.directory.desk(place);
  const { to, recipient } = session.directory.current(desk.keyless ? reviewDesk : place);
  const hop = desk.kind === "bureau" ? "review>bureau" : "review>facility";
  return { hop, to: [to], recipients: [recipient], place };
}

/** Lead to the next review desk of the route; throws Problem "unknown_desk" for anything but a review desk. */
export function legToReview(session: StaffSession, desk: string): Leg {
  if (session.directory.desk(desk).kind !== "review") throw new Problem("unknown_desk");
  const { to, recipient } = session.directory.current(desk);
  return { hop: "review>review", to: [to], recipients: [recipient] };
}

/** Lead to the family that a contact names; throws Problem "no_address" if it has left no key for an answer. */
export function legToFamily(replyTo: string | undefined): Leg {
  if (replyTo === undefined) throw new Problem("no_address");
  return { hop: "review>family", to: ["family"], recipients: [replyTo] };
}

/** Seal an item on, and renew the contact of the family whose letter it is; throws Problem "contact_key_differs". */
export async function sealOn(
  session: StaffSession,
  desk: string,
  item: OpenedItem,
  leg: Leg,
  draft: Draft,
  judgement: Judgement,
  newest: Contact | undefined,
): Promise<Sealed> {
  const file = await reseal(session, item, leg, draft);
  const contact = renewed(item, draft, judgement, newest);
  const document = contact && (await sealContact(session, desk, contact));
  const reasons = reasonsOf(draft);
  const fields: Fields = {
    to: leg.to,
    place: leg.place,
    reasons: reasons.length > 0 ? reasons : undefined,
    contact: document && [partDigest(document)],
  };
  const files = document === undefined ? [file] : [file, document];
  return { subject: subjectOf(item.row, partDigest(file)), files, fields, contact };
}

/** Seal a note to a family, beside a letter that is returned or withheld; throws Problem "no_address". */
export async function sealNote(
  session: StaffSession,
  item: string,
  text: string,
  replyTo: string | undefined,
): Promise<Bytes> {
  const { recipients, to } = legToFamily(replyTo);
  return sealDocument({
    line: { relay: session.relay, kind: "note", id: newId(), item, to, dir: session.directory.version, version: 1 },
    content: utf8(text),
    author: { staff: session.id },
    signSeed: session.signSeed,
    recipients,
  });
}

async function reseal(session: StaffSession, item: OpenedItem, leg: Leg, draft: Draft): Promise<Bytes> {
  const before = item.letter.line;
  const line: SealedLine = {
    relay: before.relay,
    item: before.item,
    kind: before.kind,
    hop: leg.hop,
    detainee: item.row.detainee,
    to: leg.to,
    dir: session.directory.version,
    re: before.re,
    enclosures: before.enclosures,
  };
  const manifest = nextManifest(session, item.letter.manifest, leg, draft);
  return sealLetter({ line, manifest, signSeed: session.signSeed, recipients: leg.recipients });
}

/** What the next reader shall see; where the answer goes is for review desks only. */
function nextManifest(session: StaffSession, before: Manifest, leg: Leg, draft: Draft): Manifest {
  const out = new Set(draft.leftOut.map((one) => one.part));
  const excised: Excision[] = [...(before.excised ?? []), ...draft.cuts];
  return {
    by: { staff: session.id },
    lang: before.lang,
    text: excise(before.text, draft.cuts),
    reply_to: leg.hop === "review>review" ? before.reply_to : undefined,
    address: leg.hop === "review>family" ? undefined : before.address,
    note: draft.note.trim() || undefined,
    excised: excised.sort((one, other) => one.start - other.start),
    enclosures: before.enclosures?.map((entry, at) => (out.has(at + 1) ? { ...entry, seed: null } : entry)),
  };
}

/** What nobody has proved to be the family's changes no contact, nor does a reply, nor what another desk sealed on. */
function renewed(
  { row, letter }: OpenedItem,
  draft: Draft,
  judgement: Judgement,
  newest: Contact | undefined,
): Contact | undefined {
  const isFirstHand = judgement.proven && letter.line.hop === "family>review";
  if (row.mailbox === undefined || row.kind === "reply" || !isFirstHand) return undefined;
  const { by, reply_to: replyTo } = letter.manifest;
  return renewContact(newest, {
    item: letter.line.item,
    mailbox: row.mailbox,
    detainee: row.detainee,
    vkey: "family" in by ? by.family : undefined,
    replyTo,
    names: draft.names.trim() || undefined,
  });
}

async function sealContact(session: StaffSession, desk: string, contact: Contact): Promise<Bytes> {
  const { mailbox: id, version } = contact;
  return session.sealDocument("contact", utf8(encodeContact(contact)), { desk, id, version });
}
