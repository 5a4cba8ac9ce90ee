/** The one function that moves an item: it gives the new item and the event that explains it, or a refusal. */

import type { Directory, Member } from "../directory";
import { type CustodyEvent, detailMac, encodeDetail, encodeEvent, eventHash } from "../events";
import { ensure, Problem } from "../problems";
import type { Statement, Subject } from "../statements";
import { checkAt, checkHand, checkMember } from "./authority";
import { type Acceptance, accepted, type Fields, type Item, moved } from "./items";
import {
  type Action,
  BY_FAMILY,
  BY_RELAY,
  CUSTODIANS,
  type Custodian,
  RULES,
  stateAfter,
  type Taker,
} from "./lifecycle";
import { actionOf, areSame, checkBag, checkMatched, checkParts, nextDesk } from "./route";

/** A statement by staff, for one of its subjects; `digest` is the SHA-256 (hex) of the whole signed note. */
export interface Signed {
  readonly statement: Statement;
  readonly digest: string;
  readonly position: number;
  /** Who signed, as the directory in force has them. */
  readonly member: Member;
}

/** What can be asked of one item, each already parsed and its signature verified. */
export type Command =
  | { readonly by: "family's letter"; readonly acceptance: Acceptance }
  | { readonly by: "bringer"; readonly acceptance: Acceptance; readonly signed: Signed }
  | { readonly by: "staff"; readonly signed: Signed; readonly until?: string | null; readonly signer?: string | null }
  | { readonly by: "family"; readonly statement: Statement; readonly digest: string; readonly position: number }
  | { readonly by: "relay"; readonly action: Action };

type Of<B extends Command["by"]> = Extract<Command, { readonly by: B }>;

/** What a decision is made under. */
export interface Setting {
  /** The one in force at the event's log index. */
  readonly directory: Directory;
  /** The relay's clock, UTC. */
  readonly at: string;
  readonly detailNonce: Uint8Array;
}

/** A moved item, and what the custody log must record of it. */
export interface Decision {
  readonly item: Item;
  readonly action: Action;
  readonly event: CustodyEvent;
  readonly eventJson: string;
  readonly detailJson: string;
}

/** Apply one command to an item, or to null for one that comes in; throws Problem with the relay's code if refused. */
export function decide(item: Item | null, command: Command, setting: Setting): Decision {
  if (command.by === "family's letter" || command.by === "bringer") {
    ensure(item === null, "illegal_move", "there is such an item already");
    return command.by === "bringer" ? acceptReply(command, setting) : acceptLetter(command.acceptance, setting);
  }
  ensure(item !== null, "illegal_move", "there is no such item");
  if (command.by === "staff") return byStaff(item, command, setting);
  if (command.by === "family") return byFamily(item, command, setting);
  ensure(BY_RELAY.has(command.action), "illegal_move", "the relay itself does nothing but lapse and expire");
  return move(item, command.action, {}, setting, { parts: item.parts, person: null });
}

function acceptLetter(acceptance: Acceptance, setting: Setting): Decision {
  ensure(acceptance.kind !== "reply", "illegal_move", "a reply comes in under a statement of whoever brings it");
  return accept(acceptance, "family", {}, setting);
}

function acceptReply({ acceptance, signed }: Of<"bringer">, setting: Setting): Decision {
  const isReply = acceptance.kind === "reply" && signed.statement.kind === "reply-accept";
  ensure(isReply, "illegal_move", "only a reply comes in under a statement, and only under one of its own kind");
  const subject = subjectOf(signed);
  ensure(subject.item === acceptance.item && areSame(subject.parts, acceptance.parts), "parts_differ");
  const giver = bringerOf(acceptance, signed, setting.directory);
  return accept(acceptance, giver, signedFields(signed), setting);
}

function accept(acceptance: Acceptance, giver: Custodian, more: Fields, { at, detailNonce }: Setting): Decision {
  const { item, kind, detainee, route, parts, re, signer, tagKey, into } = acceptance;
  const action: Action = into === "held" ? "hold" : "accept";
  ensure(stateAfter(null, action) === into, "illegal_move");
  const fields = { at, kind, state: into, detainee, desk: route[0], route, re, tag_key: tagKey, signer, ...more };
  const detailJson = encodeDetail(fields);
  const about = { item, seq: 0, event: RULES[action].event, from: giver, to: "relay" };
  const event: CustodyEvent = { ...about, day: at.slice(0, 10), parts, detail: detailMac(detailNonce, detailJson) };
  const eventJson = encodeEvent(event);
  return { item: accepted(acceptance, eventHash(eventJson), at), action, event, eventJson, detailJson };
}

/** Say which class of custodian a reply comes from, and check that the signer may bring it. */
function bringerOf(acceptance: Acceptance, { statement, member }: Signed, directory: Directory): Custodian {
  if (member.roles.includes("officer")) {
    const kinds = new Set(member.desks.map((desk) => directory.desk(desk).kind));
    if (kinds.has("facility")) return "facility";
    if (kinds.has("bureau")) return "bureau";
  }
  checkAt(member, ["dispatcher"], acceptance.route[0]!);
  if (statement.fields.paper === undefined) throw new Problem("paper_required");
  return "facility";
}

/** Take over from the statement what the detail repeats. */
function signedFields(signed: Signed): Fields {
  const { statement, digest, member, position } = signed;
  const { reasons, bag, paper, hint, note, contact, remarks } = statement.fields;
  const named = { staff: member.id, statement: digest, directory: statement.directory };
  const each = (values: unknown) => (values === undefined ? undefined : (values as unknown[])[position]);
  const said = { reasons, bag, paper, hint, note: each(note), contact: each(contact) };
  if (remarks === undefined) return { ...named, ...said };
  const about = (remarks as { item: string; remark: string }[]).filter(({ item }) => item === subjectOf(signed).item);
  return { ...named, ...said, remarks: about.map(({ remark }) => remark) };
}

function byStaff(item: Item, command: Of<"staff">, setting: Setting): Decision {
  const { signed } = command;
  const { statement, member } = signed;
  const { prev, parts } = subjectOf(signed);
  if (prev !== item.head) throw new Problem("stale_statement");
  const action = actionOf(item, statement);
  ensure(stateAfter(item.state, action) !== undefined, "illegal_move", `${item.state} cannot be moved by ${action}`);
  checkMember(item, action, statement, member, setting.directory);
  checkHand(item, action, member, setting.at);
  checkMatched(item, action, statement);
  checkParts(item, action, parts);
  checkBag(item, action, statement);
  if ((statement.fields.desk ?? item.desk) !== item.desk) throw new Problem("wrong_desk");
  const desk = nextDesk(item, action, statement, setting.directory, setting.at);
  const fields = { ...signedFields(signed), desk, ...particularsOf(action, command) };
  return move(item, action, fields, setting, { parts, person: member.person });
}

/** Give what only this action's detail has; `until` and `signer` are the relay's to say, not the statement's. */
function particularsOf(action: Action, { signed, until, signer }: Of<"staff">): Fields {
  const { number, mailbox } = signed.statement.fields;
  if (mailbox !== undefined || action === "ready") {
    ensure(signer != null, "wrong_destination", "there is no such mailbox, or the reply was not matched to a family");
    return { signer };
  }
  if (action === "claim") {
    ensure(until != null, "illegal_move", "a claim says when it lapses");
    return { until };
  }
  return action === "match" ? { detainee: number } : {};
}

/** Withdraw or collect: a family names the last event that it was given, and the part 0 in that event. */
function byFamily(item: Item, { statement, digest, position }: Of<"family">, setting: Setting): Decision {
  const { kind } = statement;
  const subject = statement.subjects[position]!;
  const isTheirs = BY_FAMILY.has(kind) && !(kind === "withdraw" && item.kind === "reply");
  ensure(isTheirs, "illegal_move", "a family withdraws what it wrote and collects what came for it");
  if (subject.prev !== item.shown) throw new Problem("moved_since");
  const areTheirs = areSame(subject.parts.slice(1), item.parts.slice(1));
  ensure(areTheirs && (kind !== "collected" || areSame(subject.parts, item.parts)), "parts_differ");
  return move(item, kind as Action, { statement: digest }, setting, { parts: item.parts, person: null });
}

function move(
  item: Item,
  action: Action,
  more: Fields,
  { directory, at, detailNonce }: Setting,
  { parts, person }: { parts: readonly string[]; person: string | null },
): Decision {
  const state = stateAfter(item.state, action);
  ensure(state !== undefined, "illegal_move", `${item.state} cannot be moved by ${action}`);
  const fields = { ...more, at, kind: item.kind, state };
  const detailJson = encodeDetail(fields);
  const to = takerOf(item, action, directory);
  const about = {
    item: item.id,
    seq: item.seq + 1,
    prev: item.head,
    event: RULES[action].event,
    from: item.holder,
    to,
  };
  const event: CustodyEvent = { ...about, day: at.slice(0, 10), parts, detail: detailMac(detailNonce, detailJson) };
  const eventJson = encodeEvent(event);
  const head = eventHash(eventJson);
  const shown = RULES[action].shown ? head : item.shown;
  // Whoever packed a bag holds it until it is received.
  const holder = action === "bag" ? item.holder : to;
  const after = moved(item, action, fields, person, { state, parts, head, shown, holder });
  return { item: after, action, event, eventJson, detailJson };
}

/** Say who takes the item. */
function takerOf(item: Item, action: Action, directory: Directory): Custodian {
  const taker: Taker = RULES[action].taker;
  const isReply = item.kind === "reply";
  if (taker === "holder") return item.holder;
  if (taker === "addressee") return isReply ? "family" : "detainee";
  if (taker === "sender") return isReply ? "detainee" : "family";
  if (taker !== "destination") return taker;
  const { kind } = directory.desk(item.destination ?? "");
  ensure(CUSTODIANS.includes(kind), "illegal_move", "the place where the item is has become another kind of desk");
  return kind as Custodian;
}

function subjectOf({ statement, position }: Signed): Subject {
  return statement.subjects[position]!;
}
