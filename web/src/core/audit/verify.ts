/**
 * The auditor's whole algorithm, numbered as docs/spec/audit.md, run by the auditor's own browser.
 *
 * It needs the evidence, and one thing that does not come from the relay: the fingerprint on paper. It believes no file, no
 * database and no clock; it recomputes the tree, opens every entry, and decides every move again.
 */

import { equal, fromUtf8, hex } from "../bytes";
import { type Checkpoint, readCheckpoint } from "../checkpoint";
import { verifyCosignature } from "../cosignatures";
import { parseNote } from "../notes";
import { parseProof, type VerifiedReceipt, verifyReceipt } from "../receipts";
import { CHECKPOINT, DOCUMENTS, Documents, type EvidenceReader, OPENINGS } from "./bundle";
import { checkSeen, Powers, readSize, type Trusts, verifyHead, verifyTrusts } from "./powers";
import type { Report } from "./report";
import { Broken, inStep, STEPS, type Step } from "./steps";
import { checkNoMoreTiles, readTree, type Tree } from "./tree";
import { type ChainLink, type Progress, Walk } from "./walk";

export type { ChainLink, Progress } from "./walk";

/** What the auditor brings, and asks for. */
export interface Auditing {
  /** Of the relay's root, 64 hex digits, from paper. */
  readonly fingerprint: string;
  /** The checkpoint that this auditor saw last, as it was kept. */
  readonly seen?: Uint8Array | undefined;
  /** Now, UTC, to reckon ages by; without it the time of the last event. Nothing is judged by it. */
  readonly at?: string | undefined;
  /** The item whose chain to return. */
  readonly item?: string | undefined;
  /** A family's receipt, the whole file, to verify against the same log; its item's chain is returned. */
  readonly receipt?: string | undefined;
  /** Told how far it is: entries read and recomputed, then walked through. */
  readonly onProgress?: ((progress: Progress) => void) | undefined;
}

/** Evidence in which nothing is broken. */
export interface Verified {
  /** Of what log, how long, with which root (hex). */
  readonly origin: string;
  readonly size: number;
  readonly root: string;
  /** The checkpoint as signed: keep it, and give it as `seen` the next time. */
  readonly note: string;
  /** The relay's id, and the log's directory version in force at its end. */
  readonly relay: string;
  readonly directory: number;
  readonly report: Report;
  /** The events of the item that was asked for; empty if none was, or all are erased. */
  readonly chain: readonly ChainLink[];
  readonly receipt: VerifiedReceipt | null;
  /** Every numbered step that was recomputed here. */
  readonly recomputed: readonly Step[];
  /** Every numbered step that was not, and why. */
  readonly notRecomputed: readonly NotRecomputed[];
}

/** A step that was not recomputed: there was nothing seen before, files could not be listed, or no receipt was given. */
export interface NotRecomputed {
  readonly step: Step;
  readonly why: "nothing-seen-before" | "files-not-listed" | "no-receipt";
}

/**
 * Verify everything that the evidence claims.
 *
 * Throws `Broken` with the step that failed first and the item that it touches; whatever else is thrown says that the
 * evidence could not be read, and breaks nothing.
 */
export async function verify(reader: EvidenceReader, auditing: Auditing): Promise<Verified> {
  const { fingerprint, seen, at = null, receipt, onProgress = () => {} } = auditing;
  const note = (await reader.checkpoint()) ?? null;
  const reading = (done: number, total: number) => onProgress({ phase: "reading", done, total });
  const tree = await readTree(reader, readSize(note), reading); // 4.1 to 4.3, 5.1
  const trusts = verifyTrusts(tree, fingerprint); // 1
  const head = verifyHead(note!, trusts); // 1.4, 2
  if (!equal(tree.rootAt(tree.size), head.root)) throw new Broken("4.4");
  if (seen) checkSeen(seen, tree, trusts); // 3
  const names = await reader.names();
  const documents = listFiles(reader, names, tree.size); // 4.5, 9.2
  const held = receipt === undefined ? null : verifyHeldReceipt(receipt, tree, trusts); // 11
  const item = held?.event.item ?? auditing.item;
  const walk = new Walk(reader, tree, new Powers(trusts, documents), item, onProgress);
  await walk.run(); // 5, 6, 7, 8, 9.1
  documents.checkAllNamed(); // 9.2
  const steps = coverage({ seen: seen !== undefined, listed: names !== null, receipt: held !== null });
  return { ...describe(head, note!, trusts, walk), ...steps, report: walk.report(at), receipt: held };
}

function describe(head: Checkpoint, note: Uint8Array, trusts: Trusts, walk: Walk) {
  const { origin, size, root } = head;
  const { relay } = trusts.at(size);
  return { origin, size, root: hex(root), note: fromUtf8(note), relay, directory: walk.directory, chain: walk.chain };
}

/** Say which steps were recomputed: never more than there was something to recompute from. */
function coverage({ seen, listed, receipt }: { seen: boolean; listed: boolean; receipt: boolean }) {
  const notRecomputed: NotRecomputed[] = [];
  const recomputed: Step[] = [];
  for (const step of Object.keys(STEPS) as Step[]) {
    if (!seen && step.startsWith("3.")) notRecomputed.push({ step, why: "nothing-seen-before" });
    else if (!listed && (step === "4.5" || step === "9.2")) notRecomputed.push({ step, why: "files-not-listed" });
    else if (!receipt && step.startsWith("11.")) notRecomputed.push({ step, why: "no-receipt" });
    else recomputed.push(step);
  }
  return { recomputed, notRecomputed };
}

function verifyHeldReceipt(receipt: string, tree: Tree, trusts: Trusts): VerifiedReceipt {
  const verified = inStep("11.1", () => {
    const { size } = readCheckpoint(parseNote(parseProof(receipt).checkpoint).text);
    return verifyReceipt(receipt, trusts.at(size), undefined, { verifyOther: verifyCosignature });
  });
  const { size, root } = verified.checkpoint;
  if (size > tree.size || !equal(tree.rootAt(size), root)) throw new Broken("11.2");
  return verified;
}

/** Take the list of files, and refuse those that cannot belong to any evidence of this size; throws 4.5 or 9.2. */
function listFiles(reader: EvidenceReader, names: Iterable<string> | null, size: number): Documents {
  if (names === null) return new Documents(reader, null);
  const every = [...new Set(names)].filter((name) => name !== CHECKPOINT && name !== OPENINGS);
  checkNoMoreTiles(
    every.filter((name) => name.startsWith("tile/")),
    size,
  );
  const documents = every.filter((name) => name.startsWith(DOCUMENTS));
  const [more] = every.filter((name) => !name.startsWith("tile/") && !name.startsWith(DOCUMENTS)).sort();
  if (more !== undefined) throw new Broken("9.2", undefined, more);
  return new Documents(
    reader,
    documents.map((name) => name.slice(DOCUMENTS.length)),
  );
}
