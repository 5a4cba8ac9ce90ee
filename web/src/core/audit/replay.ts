/**
 * Each item's life, decided again (docs/spec/audit.md, steps 6 and 7).
 *
 * An event is checked by making it anew: from what its detail and its statement say was asked, the same rules that move
 * items at the relay's door must give the same bytes.
 */

import { b64, equal, hex, sha256hex, utf8 } from "../bytes";
import type { Directory } from "../directory";
import { commitmentOf, encodeCustody, tagOf } from "../entries";
import { detailMac } from "../events";
import { isId } from "../ids";
import { Problem } from "../problems";
import { OPENING } from "../statements";
import { type ReadDetail, type ReadEvent, readAcceptance, readDetail, readEvent, readSigner, readUntil } from "./asked";
import type { EventOpening } from "./bundle";
import { type Command, type Decision, decide } from "./decide";
import type { InForce } from "./inforce";
import type { Item } from "./items";
import { isToFamily, NEW } from "./route";
import type { Statements, Walked } from "./signers";
import { Broken, inStep } from "./steps";

/** Where every event has its item's id. */
const ITEM_ID = [15, 47] as const;
/** A base64 line of 32 bytes, with its newline. */
const MAC_LINE_BYTES = 45;
/** Refusals that concern the signer, not the move. */
const POWER: readonly string[] = ["wrong_role", "wrong_desk", "paper_required"];

/** An item as its events have made it, and the tag key that names them. */
export interface Chain {
  readonly item: Item;
  readonly tagKey: Uint8Array;
}

/** One event that was decided again: the item before it, what came of it, its detail, and who had authority. */
export interface Replayed {
  readonly before: Item | null;
  readonly decision: Decision;
  readonly detail: ReadDetail;
  readonly directory: Directory;
}

/** One event and all that it is judged by. */
interface Case {
  readonly item: string;
  readonly opening: EventOpening;
  readonly detail: ReadDetail;
  readonly before: Item | null;
  readonly inForce: InForce;
  readonly directory: Directory;
}

/** All items of a log while it is walked. */
export class Replay {
  /** Every item that has been opened, by id. */
  readonly chains = new Map<string, Chain>();
  /** The time of the last event; empty before the first, which is before all times. */
  at = "";
  readonly #statements: Statements;
  /** Whether the log has any; then a letter that a reply answers may be gone. */
  readonly #withErasures: boolean;
  /** The keys of all families whose letters the log has: what a mailbox that a statement names can have. */
  readonly #writers = new Set<string>();
  /** The part 0 of each reply as it was read before it became ready. */
  readonly #read = new Map<string, string>();

  constructor(statements: Statements, withErasures: boolean) {
    this.#statements = statements;
    this.#withErasures = withErasures;
  }

  /** Check one opened event against its entry, its item's chain, its statement, and the rules; throws 6.3 to 9.1. */
  async take(opening: EventOpening, entry: Uint8Array, inForce: InForce): Promise<Replayed> {
    const [item, chain] = this.#follow(opening, entry);
    const replayed = await this.#decided(item, chain, opening, inForce);
    const { before, decision, detail } = replayed;
    this.at = detail.at;
    this.chains.set(item, { item: decision.item, tagKey: opening.tagKey });
    if (decision.action === "ready" && before) this.#read.set(item, before.parts[0]!);
    else if (decision.action === "recall") {
      if (decision.item.parts[0] !== this.#read.get(item)) throw new Broken("7.8", item);
    } else if (!before && decision.item.signer !== null) this.#writers.add(decision.item.signer);
    return replayed;
  }

  /** Require that no item lost its last events while its first ones can still be opened; throws 7.6. */
  checkEnds(erasedTags: ReadonlySet<string>): void {
    if (erasedTags.size === 0) return;
    for (const { item, tagKey } of this.chains.values()) {
      if (erasedTags.has(hex(tagOf(tagKey, item.seq + 1)))) throw new Broken("7.6", item.id);
    }
  }

  /** Check that these are the bytes that the entry was made of, and that they follow the item's last event. */
  #follow({ event, nonce, tagKey }: EventOpening, entry: Uint8Array): [string, Chain | undefined] {
    const committed = commitmentOf(nonce, utf8(event));
    if (!equal(entry.subarray(-MAC_LINE_BYTES), utf8(`${b64(committed)}\n`))) throw new Broken("6.4");
    let item = event.slice(...ITEM_ID);
    let chain = this.chains.get(item);
    if (!chain || !event.startsWith(beginningOf(chain.item))) {
      // Most events follow as they should, and are not read at all: what they say is made anew and compared.
      const read = readEvent(event);
      item = read.item;
      chain = this.chains.get(item);
      const [seq, prev] = chain ? [chain.item.seq + 1, chain.item.head] : [0, null];
      if (read.seq !== seq || (read.prev ?? null) !== prev) throw new Broken("7.1", item);
    }
    const tag = tagOf(tagKey, chain ? chain.item.seq + 1 : 0);
    if (!equal(entry, encodeCustody(tag, committed))) throw new Broken("6.3", item);
    return [item, chain];
  }

  async #decided(item: string, chain: Chain | undefined, opening: EventOpening, inForce: InForce): Promise<Replayed> {
    try {
      const one = this.#case(item, chain, opening, inForce);
      const decision = decidedAgain(one, await this.#command(one));
      return { before: one.before, decision, detail: one.detail, directory: one.directory };
    } catch (error) {
      // Deciding again makes the detail's MAC anew and compares it. Only a failure needs to ask whose fault it is.
      const isForeign =
        error instanceof Broken && detailMac(opening.detailNonce, opening.detail) !== namedDetail(opening);
      throw isForeign ? new Broken("6.5", item) : error;
    }
  }

  /** Read the detail, and check its tag key, its time, and that a directory was in force then. */
  #case(item: string, chain: Chain | undefined, opening: EventOpening, inForce: InForce): Case {
    const detail = readDetail(opening.detail, item);
    const isSame = chain ? equal(opening.tagKey, chain.tagKey) : detail.tag_key === sha256hex(opening.tagKey);
    if (!isSame) throw new Broken("6.6", item);
    if (detail.at < this.at) throw new Broken("7.5", item);
    const directory = inStep("7.7", () => inForce.opened(detail.at), item);
    return { item, opening, detail, before: chain?.item ?? null, inForce, directory };
  }

  /** Rebuild what was asked of the item. */
  async #command(one: Case): Promise<Command> {
    const { item, detail, before, opening, inForce } = one;
    const { statement: digest = null, at } = detail;
    if (digest === null) return unsigned(one);
    const occasion = { item, index: opening.index, at, inForce, signer: before?.signer ?? null };
    const walked = await this.#statements.take(digest, occasion);
    const { statement, member } = walked;
    if (OPENING.has(statement.kind) !== (before === null)) throw new Broken("8.1", item);
    const position = walked.reached - 1;
    if (!member) return { by: "family", statement, digest, position };
    const signed = { statement, digest, position, member };
    return before ? this.#staff(one, before, signed) : this.#reply(one, signed);
  }

  #staff(one: Case, before: Item, signed: Signed): Command {
    const { kind, fields } = signed.statement;
    const isMoved = fields.mailbox !== undefined;
    if (isToFamily(fields.to) || isMoved) {
      const signer = readSigner(one.detail, one.item);
      this.#checkFamily(before, signer, isMoved);
      return { by: "staff", signed, signer };
    }
    return { by: "staff", signed, until: kind === "claim" ? readUntil(one.detail, one.item) : null };
  }

  #reply(one: Case, signed: Signed): Command {
    const acceptance = readAcceptance(readEvent(one.opening.event), one.detail, one.directory);
    const { re, kind, detainee } = acceptance;
    const answered = this.chains.get(re ?? "");
    const isGone = !answered && this.#withErasures && isId(re);
    const isKnown = answered?.item.detainee === detainee || isGone || re === NEW;
    if (kind !== "reply" || !isKnown) throw new Broken("7.4", one.item);
    return { by: "bringer", acceptance, signed };
  }

  /**
   * Require that a reply is moved to a family that has written, and is ready for the one it was moved to or answers. An
   * erasure may have taken the letters that would say so.
   */
  #checkFamily(reply: Item, signer: string | null, isMoved: boolean): void {
    const expected = reply.signer ?? this.chains.get(reply.re ?? "")?.item.signer ?? null;
    const isWriter = (signer !== null && this.#writers.has(signer)) || this.#withErasures;
    const isRight = isMoved ? isWriter : expected === signer || (expected === null && reply.re !== NEW);
    if (!isRight) throw new Broken("8.8", reply.id);
  }
}

type Signed = Pick<Walked, "statement" | "digest"> & { readonly position: number; readonly member: Member };
type Member = NonNullable<Walked["member"]>;

/** Write how the item's next event begins. */
function beginningOf({ id, seq, head }: Item): string {
  return `{"v":1,"item":"${id}","seq":${seq + 1},"prev":"${head}",`;
}

function namedDetail({ event }: EventOpening): unknown {
  const read: ReadEvent = readEvent(event);
  return read.detail;
}

/** Rebuild what needs no statement: a family's acceptance, and the relay's own policy. */
function unsigned({ item, before, opening, detail, directory }: Case): Command {
  const event = readEvent(opening.event);
  if (!before) {
    const acceptance = readAcceptance(event, detail, directory);
    if (acceptance.kind === "reply" || acceptance.signer === null) throw new Broken("8.7", item);
    return { by: "family's letter", acceptance };
  }
  if (event.event === "lapsed") return { by: "relay", action: "lapse" };
  if (event.event === "expired") return { by: "relay", action: "expire" };
  throw new Broken("8.7", item);
}

function decidedAgain({ item, before, directory, detail, opening }: Case, command: Command): Decision {
  let decision: Decision;
  try {
    decision = decide(before, command, { directory, at: detail.at, detailNonce: opening.detailNonce });
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    throw new Broken(POWER.includes(error.code) ? "8.5" : "7.2", item, error.message);
  }
  const isSame = decision.eventJson === opening.event && decision.detailJson === opening.detail;
  if (!isSame) throw new Broken("7.2", item);
  return decision;
}
