/**
 * Who signed for each move, and that each statement was carried out once, whole and in its order (audit.md, 8).
 *
 * The door carries a statement out in one batch, so its events stand side by side in the log, in the order of its
 * subjects. At any time one statement is walked through; it is read and its signature verified once.
 */

import { sha256hex, unhex, utf8 } from "../bytes";
import { encodeJson } from "../canonical";
import type { Member } from "../directory";
import { Problem } from "../problems";
import { readStatement, type Statement, type UnverifiedStatement } from "../statements";
import { ed25519Vkey, type Vkey } from "../vkeys";
import type { Documents } from "./bundle";
import type { InForce } from "./inforce";
import { isSignedBy } from "./signatures";
import { Broken, inStep } from "./steps";

/** An event under a statement, as far as the judgement of its signer goes. */
export interface Occasion {
  /** The item's id. */
  readonly item: string;
  /** The entry's index. */
  readonly index: number;
  /** The event's time, UTC. */
  readonly at: string;
  /** Who has authority at that index. */
  readonly inForce: InForce;
  /** The family's key (hex) that the item has, null if it has none. */
  readonly signer: string | null;
}

/** A statement whose subjects the log walks through. */
export interface Walked {
  readonly digest: string;
  readonly statement: Statement;
  /** Who signed, as the directory in force has them; null for a family, whose key (hex) then is `signer`. */
  readonly member: Member | null;
  readonly signer: string | null;
  /** When it was carried out. */
  readonly at: string;
  /** The log index of its first subject. */
  readonly base: number;
  /** How many subjects have been passed, erased ones among them. */
  reached: number;
}

/** The statements of a log, in the order in which it names them. */
export class Statements {
  readonly #documents: Documents;
  readonly #erased: ReadonlySet<number>;
  readonly #used = new Set<string>();
  #walked: Walked | null = null;

  /** `erased` are the indexes of entries that can no longer be opened. */
  constructor(documents: Documents, erased: ReadonlySet<number>) {
    this.#documents = documents;
    this.#erased = erased;
  }

  /** Find and verify the statement (by its digest) that an event names, and walk on to its subject; throws 8 or 9.1. */
  async take(digest: string, occasion: Occasion): Promise<Walked> {
    if (this.#walked?.digest !== digest) {
      this.finish();
      this.#walked = await this.#begin(digest, occasion);
    }
    const walked = this.#walked!;
    const { item, index, at, signer } = occasion;
    const position = index - walked.base;
    const isNext = walked.statement.subjects[position]?.item === item && at === walked.at;
    if (!isNext) throw new Broken("8.4", item);
    if (walked.signer !== null && walked.signer !== signer) throw new Broken("8.3", item);
    if (position !== walked.reached) this.#skip(walked, position, item);
    walked.reached = position + 1;
    return walked;
  }

  /** Require that the statement reached last has been carried out whole; throws 8.4. */
  finish(): void {
    const walked = this.#walked;
    if (!walked) return;
    const { subjects } = walked.statement;
    this.#skip(walked, subjects.length, subjects.at(walked.reached - 1)!.item);
    this.#walked = null;
  }

  /** Pass subjects whose items have been erased since, and no others. */
  #skip({ base, reached }: Walked, position: number, item: string): void {
    for (let index = base + reached; index < base + position; index++) {
      if (!this.#erased.has(index)) throw new Broken("8.4", item);
    }
  }

  async #begin(digest: string, occasion: Occasion): Promise<Walked> {
    const { item, index, at } = occasion;
    if (this.#used.has(digest)) throw new Broken("8.4", item);
    this.#used.add(digest);
    const note = await this.#documents.require(digest, item);
    const read = inStep("8.1", () => readStatement(note), item);
    const { statement } = read;
    const position = statement.subjects.findIndex((subject) => subject.item === item);
    if (position < 0) throw new Broken("8.1", item);
    const by = read.staff === null ? await verifyFamily(read, occasion) : await verifyStaff(read, read.staff, occasion);
    await this.#checkFields(statement, item);
    return { digest, statement, ...by, at, base: index - position, reached: 0 };
  }

  async #checkFields(statement: Statement, item: string): Promise<void> {
    const { manifest, paper, note, contact } = statement.fields;
    if (statement.kind === "bag" && manifest !== manifestDigest(statement)) throw new Broken("8.6", item);
    for (const named of [paper, note, contact]) {
      const every = (Array.isArray(named) ? named : [named]).filter((digest) => typeof digest === "string");
      await this.#documents.allow(every, item);
    }
  }
}

type By = Pick<Walked, "member" | "signer">;

async function verifyStaff(read: UnverifiedStatement, staff: string, { item, at, inForce }: Occasion): Promise<By> {
  const member = inStep("8.2", () => inForce.signerOf(read.statement, staff, at), item);
  await checkSignature(read, member.verifier, item);
  return { member, signer: null };
}

async function verifyFamily(read: UnverifiedStatement, { item, inForce, signer }: Occasion): Promise<By> {
  const relay = inForce.trust?.relay;
  inStep("8.2", () => requireRelay(read.statement.relay, relay), item);
  if (signer === null) throw new Broken("8.3", item);
  await checkSignature(read, ed25519Vkey(`${relay}/family`, unhex(signer)), item);
  return { member: null, signer };
}

async function checkSignature(read: UnverifiedStatement, vkey: Vkey, item: string): Promise<void> {
  if (!(await isSignedBy(read, vkey))) throw new Broken("8.3", item);
}

function requireRelay(named: string, relay: string | undefined): void {
  if (named !== relay) throw new Problem("wrong_relay");
}

/** Hash a bag's manifest, which items go where: SHA-256 as hex, as its statement names it. */
export function manifestDigest({ relay, subjects, fields }: Statement): string {
  const items = subjects.map(({ item, prev, parts }) => ({ item, prev, parts }));
  return sha256hex(utf8(encodeJson({ v: 1, relay, bag: fields.bag, to: fields.to, items })));
}
