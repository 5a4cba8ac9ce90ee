/**
 * Who has authority, as the log itself says (docs/spec/audit.md, steps 1, 2, 3 and 5): trusts, the checkpoint that they
 * vouch for, directories, suspensions, erasures, and statements about no item.
 */

import { equal, hex } from "../bytes";
import { type Checkpoint, parseCheckpoint, readCheckpoint } from "../checkpoint";
import { verifyCosignature } from "../cosignatures";
import { type Member, type Role, readDirectoryNote, verifyDirectory } from "../directory";
import { type CommittedEntry, commitmentOf, type Entry } from "../entries";
import { parseNote } from "../notes";
import { ensure, Problem } from "../problems";
import { readStatement, type Statement, type UnverifiedStatement } from "../statements";
import { type ParsedTrust, verifyTrust } from "../trust";
import type { Documents, StatementOpening } from "./bundle";
import { InForce } from "./inforce";
import { Policy } from "./policy";
import { isSignedBy } from "./signatures";
import { Broken, inStep, type Step } from "./steps";
import type { Tree } from "./tree";

/** Who signs the statements about no item. A run has no rule yet, so that its entry can only stay closed. */
const ROLES: Readonly<Record<string, Role>> = { register: "registrar", suspend: "operator", audited: "auditor" };

/** Every trust of a log, by its index, ascending; the first one is entry 0. */
export class Trusts {
  constructor(readonly byIndex: ReadonlyMap<number, ParsedTrust>) {}

  /** Return the trust that a checkpoint of this size is verified under: the last one below it, or the first. */
  at(size: number): ParsedTrust {
    const below = [...this.byIndex].filter(([index]) => index < size);
    return below.at(-1)?.[1] ?? this.byIndex.get(0)!;
  }
}

/** Verify every trust of a log under the fingerprint from paper; throws 1.1, 1.2 or 1.3. */
export function verifyTrusts(tree: Tree, fingerprint: string): Trusts {
  const first = tree.others.get(0);
  if (first?.kind !== "trust") throw new Broken("1.1");
  let trust = inStep("1.1", () => verifyTrust(first.note, fingerprint));
  const trusts = new Map([[0, trust]]);
  for (const [index, entry] of tree.others) {
    if (index === 0 || entry.kind !== "trust") continue;
    const { relay, version } = trust;
    trust = inStep("1.2", () => verifyTrust(entry.note, fingerprint, { relay, seenVersion: version + 1 }));
    trusts.set(index, trust);
  }
  const origins = new Set([...trusts.values()].map(({ origin }) => origin));
  if (origins.size !== 1) throw new Broken("1.3");
  return new Trusts(trusts);
}

/** Read which size a checkpoint claims, before anybody can say whether it is signed; throws 2.1. */
export function readSize(note: Uint8Array | null): number {
  if (note === null) throw new Broken("2.1");
  return inStep("2.1", () => readCheckpoint(parseNote(note).text).size);
}

/** Verify the checkpoint and its cosignatures under the last trust below its size; throws 1.4, 2.2 or 2.3. */
export function verifyHead(note: Uint8Array, trusts: Trusts): Checkpoint {
  const { policy: text, origin, logVkeys } = trusts.at(readSize(note));
  const policy = inStep("1.4", () => new Policy(text));
  const witnessing = { witnesses: policy.witnesses.values(), verifyOther: verifyCosignature };
  const head = inStep("2.2", () => parseCheckpoint(note, origin, logVkeys, witnessing));
  if (!policy.isMet(head.by)) throw new Broken("2.3");
  return head;
}

/** Require that the log begins with the one that was seen before; throws 3.1, 3.2 or 3.3. */
export function checkSeen(seen: Uint8Array, tree: Tree, trusts: Trusts): void {
  const before = inStep("3.1", () => {
    const { origin, logVkeys } = trusts.at(readCheckpoint(parseNote(seen).text).size);
    return parseCheckpoint(seen, origin, logVkeys, { verifyOther: verifyCosignature });
  });
  if (before.size > tree.size) throw new Broken("3.2");
  if (!equal(tree.rootAt(before.size), before.root)) throw new Broken("3.3");
}

/** Collect what the erasures of a log list; throws 5.4. */
export function erasedIndexes(tree: Tree): Set<number> {
  const erased = new Set<number>();
  for (const [at, entry] of tree.others) {
    if (entry.kind !== "erasure") continue;
    if (entry.size > at) throw new Broken("5.4");
    for (const index of entry.indexes) {
      const other = tree.others.get(index);
      const isErasable = !other || isCommitted(other);
      if (erased.has(index) || !isErasable) throw new Broken("5.4", undefined, `entry ${index}`);
      erased.add(index);
    }
  }
  return erased;
}

/** Authority while the log is walked from its first entry to its last. */
export class Powers {
  /** Who has authority at the index reached. */
  inForce = new InForce();
  /** How many auditors have signed a root that this log never had. */
  differingAudits = 0;

  constructor(
    readonly trusts: Trusts,
    readonly documents: Documents,
  ) {}

  /**
   * Take over what an entry that is not about an item changes; `at` is the time of the last event below it, since it has
   * none and cannot be older. Throws 5.2, 5.3, 5.5 or 9.1.
   */
  async passOver(index: number, entry: Entry, at: string): Promise<void> {
    const opens = entry.kind === "trust" || entry.kind === "directory";
    if (!opens && !this.inForce.directory) throw new Broken("5.5");
    if (entry.kind === "trust") this.inForce = this.inForce.withTrust(this.trusts.byIndex.get(index)!);
    else if (entry.kind === "directory") await this.#direct(index, entry.note);
    else if (entry.kind === "suspend") await this.#suspend(entry.note, at);
  }

  /**
   * Verify the statement that a register or audited entry commits to, and return it; throws 5.6 or 9.1.
   *
   * An auditor's root that differs is counted, not judged: it may be a second view of the log, or a mistake.
   */
  async openStatement(opening: StatementOpening, entry: CommittedEntry, tree: Tree, at: string): Promise<Statement> {
    const note = await this.documents.require(opening.statement);
    if (!equal(commitmentOf(opening.nonce, note), entry.commitment)) throw new Broken("5.6");
    const { kind, fields } = await this.#statement(note, entry.kind, at, "5.6");
    const { document, rows } = fields;
    await this.documents.allow([document, rows].filter((digest) => typeof digest === "string"));
    if (kind === "audited" && !agrees(tree, fields)) this.differingAudits++;
    return { kind, fields } as Statement;
  }

  async #direct(index: number, note: Uint8Array): Promise<void> {
    const { sha256 } = inStep("5.2", () => readDirectoryNote(note));
    const document = await this.documents.require(sha256);
    const judging = { at: null, previous: this.inForce.now.noteBytes };
    const directory = inStep("5.2", () => verifyDirectory(note, document, this.trusts.at(index), judging));
    this.inForce = this.inForce.withDirectory(note, directory);
  }

  async #suspend(note: Uint8Array, at: string): Promise<void> {
    const { fields } = await this.#statement(note, "suspend", at, "5.3");
    const staff = fields.staff as string;
    if (this.inForce.suspended.has(staff)) throw new Broken("5.3");
    this.inForce = this.inForce.withSuspension(staff);
  }

  /** Verify a statement about no item: its kind, its signer's power and role, and the signature. */
  async #statement(note: Uint8Array, kind: string, at: string, step: Step): Promise<Statement> {
    const [read, member] = inStep(step, () => this.#signer(note, kind, at));
    if (!(await isSignedBy(read, member.verifier))) throw new Broken(step, undefined, "the signature is false");
    return read.statement;
  }

  #signer(note: Uint8Array, kind: string, at: string): [UnverifiedStatement, Member] {
    const read = readStatement(note);
    if (read.statement.kind !== kind || read.staff === null) {
      throw new Problem("statement_malformed", "it is of another kind");
    }
    const member = this.inForce.signerOf(read.statement, read.staff, at);
    const role = ROLES[kind];
    ensure(role !== undefined && member.roles.includes(role), "wrong_role");
    return [read, member];
  }
}

function agrees(tree: Tree, { size, root }: Statement["fields"]): boolean {
  return (size as number) <= tree.size && hex(tree.rootAt(size as number)) === root;
}

/** Say whether an entry commits to a statement about no item. */
export function isCommitted(entry: Entry): entry is CommittedEntry {
  return entry.kind === "register" || entry.kind === "run" || entry.kind === "audited";
}
