/** The checkpoint that the relay has published: verified by the log's keys, and compared with what was seen here. */

import { hex } from "../../core/bytes";
import { parseCheckpoint } from "../../core/checkpoint";
import { verifyCosignature } from "../../core/cosignatures";
import { formatTime } from "../../core/forms";
import { parseNote } from "../../core/notes";
import { claimOf, ED25519 } from "../../core/vkeys";
import type { StaffSession } from "../session";

/** A checkpoint whose signatures hold. */
export interface Published {
  readonly origin: string;
  readonly size: number;
  /** Hex. */
  readonly root: string;
  /** When the log's own time-stamped key signed it, UTC; undefined where the log has none. */
  readonly signedAt: string | undefined;
}

/** Fetch it; throws those of `parseCheckpoint` and `Wire`. */
export async function askPublished({ wire, book: { trust } }: StaffSession): Promise<Published> {
  const generation = trust.origin.slice(trust.origin.lastIndexOf("/") + 1);
  const note = await wire.getBytes(`/log/${generation}/checkpoint`);
  const { origin, size, root, by } = parseCheckpoint(note, trust.origin, trust.logVkeys, {
    verifyOther: verifyCosignature,
  });
  const claims = new Set(by.filter((vkey) => vkey.algorithm !== ED25519).map((vkey) => vkey.claim));
  const signature = parseNote(note).signatures.find(({ name, keyId }) => claims.has(claimOf(name, keyId)));
  return { origin, size, root: hex(root), signedAt: signature && timeOf(signature.blob) };
}

/** A cosignature begins with its time: POSIX seconds, eight bytes, big-endian. */
function timeOf(blob: Uint8Array): string {
  const seconds = new DataView(blob.buffer, blob.byteOffset).getBigUint64(0);
  return formatTime(Number(seconds) * 1_000);
}
