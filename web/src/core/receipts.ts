/**
 * Receipts: a C2SP tlog-proof with the opening inside, by which a family sees for itself that its letter is in the log.
 *
 * Nothing in it is believed before the numbered steps of docs/spec/custody.md, "Receipts", have passed.
 */

import { type Bytes, fromUtf8, unhex, utf8 } from "./bytes";
import { parseJson } from "./canonical";
import { type Checkpoint, parseCheckpoint, type Witnessing } from "./checkpoint";
import { commitmentOf, encodeCustody } from "./entries";
import { type CustodyEvent, parseEvent, wordOf } from "./events";
import { hasKeys } from "./forms";
import { isDigest } from "./ids";
import { leafHash, verifyInclusion } from "./merkle";
import { ensure, Problem } from "./problems";
import { tryUnb64, type Vkey } from "./vkeys";

const FIRST_LINE = "c2sp.org/tlog-proof@v1";
const INDEX = /^index (0|[1-9][0-9]{0,18})$/;
const MAX_HASHES = 63;
const MAX_PROOF_BYTES = 256 * 1024;

/** A tlog-proof as it was parsed; it proves nothing yet. */
export interface Proof {
  /** The entry's place in the log, counted from 0. */
  readonly index: number;
  /** 32-byte hashes from the leaf's sibling up. */
  readonly hashes: readonly Bytes[];
  /** The signed checkpoint, the whole note. */
  readonly checkpoint: Bytes;
  /** What the application added, authenticated by nothing. */
  readonly extra?: Bytes;
}

/** A receipt as it was parsed: the proof, and what the custody entry was made of. It proves nothing yet. */
export interface Receipt extends Proof {
  readonly tag: Bytes;
  readonly nonce: Bytes;
  /** The event's JSON. */
  readonly event: string;
}

/** The keys by which a receipt is verified: of a trust whose fingerprint was compared with paper. */
export interface LogTrust {
  readonly origin: string;
  readonly logVkeys: readonly Vkey[];
}

/** The letter that a receipt should be for: its id, and the digests of part 0 or of all its parts. */
export interface Sent {
  readonly item?: string | undefined;
  readonly digest?: string | undefined;
  readonly parts?: readonly string[] | undefined;
}

/** What a receipt proves. */
export interface VerifiedReceipt {
  /** The entry's number in the log, counted from 0, and how many entries the log had. */
  readonly index: number;
  readonly size: number;
  /** UTC day, `YYYY-MM-DD`. */
  readonly day: string;
  /** What the family is told of the event: `accepted`. */
  readonly word: string;
  readonly event: CustodyEvent;
  readonly checkpoint: Checkpoint;
}

/** Read a tlog-proof; throws Problem "proof_malformed". */
export function parseProof(text: string): Proof {
  const blank = text.indexOf("\n\n");
  const isWhole = blank >= 0 && text.startsWith(`${FIRST_LINE}\n`) && utf8(text).length <= MAX_PROOF_BYTES;
  ensure(isWhole, "proof_malformed");
  const lines = text.slice(0, blank).split("\n").slice(1);
  const extra = lines[0]?.startsWith("extra ") ? unbase64(lines.shift()!.slice("extra ".length)) : undefined;
  const index = Number(INDEX.exec(lines[0] ?? "")?.[1]);
  ensure(Number.isSafeInteger(index), "proof_malformed");
  const hashes = lines.slice(1).map(unbase64);
  const areHashes = hashes.length <= MAX_HASHES && hashes.every((hash) => hash.length === 32);
  ensure(areHashes, "proof_malformed", "a proof has more than 63 hashes, or one that is not 32 bytes long");
  const proof = { index, hashes, checkpoint: utf8(text.slice(blank + 2)) };
  return extra === undefined ? proof : { ...proof, extra };
}

/** Read a receipt, a whole `.tlog-proof` file; throws Problem "proof_malformed", "receipt_malformed", "not_canonical". */
export function parseReceipt(text: string): Receipt {
  const proof = parseProof(text);
  const fields = parseJson(textOf(proof.extra), "receipt");
  const { v, tag, nonce, event } = fields;
  const isWhole = hasKeys(fields, ["v", "tag", "nonce", "event"]) && v === 1 && typeof event === "string";
  ensure(isWhole && isDigest(tag) && isDigest(nonce), "receipt_malformed");
  return { ...proof, tag: unhex(tag), nonce: unhex(nonce), event };
}

/** Rebuild the leaf hash of the entry that a receipt opens. */
export function receiptLeaf({ tag, nonce, event }: Receipt): Bytes {
  return leafHash(encodeCustody(tag, commitmentOf(nonce, utf8(event))));
}

/**
 * Verify that the log has the event that a receipt tells, and that it is the acceptance of the letter that was sent.
 *
 * `text` is the whole file, `trust` one whose fingerprint was compared with paper, `sent` the letter; without it only the
 * log is judged. Throws Problem "inclusion_invalid" if the event is not the one in the log, "receipt_differs" (step 11.3)
 * if it is about something else than was sent, and those of `parseReceipt` and `parseCheckpoint`.
 */
export function verifyReceipt(text: string, trust: LogTrust, sent?: Sent, witnessing?: Witnessing): VerifiedReceipt {
  const receipt = parseReceipt(text);
  const checkpoint = parseCheckpoint(receipt.checkpoint, trust.origin, trust.logVkeys, witnessing);
  const { index, hashes } = receipt;
  const { size, root } = checkpoint;
  verifyInclusion(hashes, { index, size, leaf: receiptLeaf(receipt), root });
  const event = parseEvent(receipt.event);
  const word = wordOf(event.event);
  ensure(word !== undefined, "receipt_malformed", "the receipt's event has no known name");
  if (sent && !isFor(event, sent)) {
    throw new Problem("receipt_differs", "the receipt is not for the letter that was sent", { step: "11.3" });
  }
  return { index, size, day: event.day, word, event, checkpoint };
}

function isFor({ item, seq, event, parts }: CustodyEvent, sent: Sent): boolean {
  if (seq !== 0 || event !== "accepted") return false;
  if (sent.item !== undefined && sent.item !== item) return false;
  if (sent.digest !== undefined && sent.digest !== parts[0]) return false;
  const { parts: all } = sent;
  return all === undefined || (all.length === parts.length && all.every((part, at) => part === parts[at]));
}

function unbase64(line: string): Bytes {
  const value = tryUnb64(line);
  if (!value) throw new Problem("proof_malformed");
  return value;
}

function textOf(extra: Uint8Array | undefined): string {
  try {
    return fromUtf8(extra ?? new Uint8Array());
  } catch {
    throw new Problem("receipt_malformed");
  }
}
