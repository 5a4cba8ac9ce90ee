/** Several sealed files in one body, each behind its length as four big-endian bytes. */

import { type Bytes, concat } from "../core/bytes";
import { Problem } from "../core/problems";

export const FRAMED = "application/vnd.letter-relay.parts";
/** The most that one upload may hold, lengths included. */
export const MOST_FRAMED_BYTES = 8 * 1024 * 1024;
const LENGTH_BYTES = 4;

/** Write files one after the other. */
export function frameParts(parts: readonly Uint8Array[]): Bytes {
  return concat(...parts.flatMap((part) => [lengthOf(part), part]));
}

/** Read framed files; throws Problem "answer_malformed" if the last is cut short. */
export function unframeParts(data: Uint8Array): Bytes[] {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const parts: Bytes[] = [];
  for (let at = 0; at < data.length; ) {
    const end = at + LENGTH_BYTES <= data.length ? at + LENGTH_BYTES + view.getUint32(at) : Number.POSITIVE_INFINITY;
    if (end > data.length) throw new Problem("answer_malformed", "framed files are cut short");
    parts.push(data.slice(at + LENGTH_BYTES, end) as Bytes);
    at = end;
  }
  return parts;
}

/** Split files, in order, into bodies that one upload may hold; one that is larger by itself stands alone. */
export function batchParts(parts: readonly Uint8Array[], most = MOST_FRAMED_BYTES): Uint8Array[][] {
  const batches: Uint8Array[][] = [];
  let size = 0;
  for (const part of parts) {
    const framed = LENGTH_BYTES + part.length;
    if (batches.length === 0 || size + framed > most) {
      batches.push([]);
      size = 0;
    }
    batches.at(-1)!.push(part);
    size += framed;
  }
  return batches;
}

function lengthOf(part: Uint8Array): Bytes {
  const bytes = new Uint8Array(LENGTH_BYTES);
  new DataView(bytes.buffer).setUint32(0, part.length);
  return bytes;
}
