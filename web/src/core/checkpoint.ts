/** Checkpoints: what the log says of itself, signed: origin, size and root in a note (C2SP tlog-checkpoint). */

import { type Bytes, b64 } from "./bytes";
import { type VerifyOther, verifyNote } from "./notes";
import { ensure, Problem } from "./problems";
import { isKeyName, tryUnb64, type Vkey } from "./vkeys";

const SIZE = /^(?:0|[1-9][0-9]{0,18})$/;

/** A log's tree at one moment. */
export interface Checkpoint {
  /** Which log: `<relay name>/log/<generation>`, which is also the name of the log's keys. */
  readonly origin: string;
  readonly size: number;
  /** The root over all entries, 32 bytes. */
  readonly root: Bytes;
}

/** A checkpoint, and which of the expected keys have signed it. */
export interface VerifiedCheckpoint extends Checkpoint {
  readonly by: readonly Vkey[];
}

/** Who else may sign: keys of witnesses, and how lines of keys that only cosign are verified (see cosignatures.ts). */
export interface Witnessing {
  readonly witnesses?: Iterable<Vkey>;
  readonly verifyOther?: VerifyOther | undefined;
}

/** Write a checkpoint's note text, the part that is signed. */
export function encodeCheckpoint({ origin, size, root }: Checkpoint): string {
  return `${origin}\n${size}\n${b64(root)}\n`;
}

/**
 * Read a checkpoint's note text, which nobody has verified yet; throws Problem "checkpoint_malformed".
 *
 * Extension lines are refused: no monitor could audit them. So is a size past 2^53 - 1, which is not exact here.
 */
export function readCheckpoint(text: string): Checkpoint {
  const [origin = "", size = "", encoded = "", ...rest] = text.split("\n");
  const root = tryUnb64(encoded);
  const isWhole = rest.length === 1 && rest[0] === "" && isKeyName(origin) && SIZE.test(size);
  if (!isWhole || root?.length !== 32 || !Number.isSafeInteger(Number(size))) throw new Problem("checkpoint_malformed");
  return { origin, size: Number(size), root };
}

/**
 * Verify a signed checkpoint of the log that is meant, by its keys.
 *
 * Throws Problem "note_unsigned" if none of the log's keys has signed, "signature_invalid" if a line by one of the keys is
 * false, "origin_differs", "checkpoint_malformed", "note_malformed".
 */
export function parseCheckpoint(
  note: Uint8Array,
  origin: string,
  vkeys: Iterable<Vkey>,
  { witnesses = [], verifyOther }: Witnessing = {},
): VerifiedCheckpoint {
  const log = [...vkeys];
  const { text, by } = verifyNote(note, [...log, ...witnesses], verifyOther);
  const claims = new Set(log.map((vkey) => vkey.claim));
  const isSigned = by.some((vkey) => claims.has(vkey.claim));
  ensure(isSigned, "note_unsigned", "witnesses have cosigned this checkpoint, but the log has not signed it");
  const checkpoint = readCheckpoint(text);
  ensure(checkpoint.origin === origin, "origin_differs", "the checkpoint is of another log");
  return { ...checkpoint, by };
}
