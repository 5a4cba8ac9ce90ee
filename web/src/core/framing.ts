/** Framed parts: several sealed files in one body, each after its length as four big-endian bytes; for staff. */

import { PARTS, type RelayApi, SEALED } from "./api";
import { type Bytes, concat } from "./bytes";
import { ensure } from "./problems";
import { partDigest } from "./sealed";

/** The most that one upload may hold, lengths included. */
const MAX_FRAME_BYTES = 8 * 1024 * 1024;
/** The most that is fetched at once; the relay gives 32 MiB. */
const MAX_FETCH_BYTES = 16 * 1024 * 1024;
const MAX_PARTS = 500;
const LENGTH_BYTES = 4;

/** A sealed file by its digest, with its size in bytes; 0 where that is not known. */
export interface PartSize {
  readonly digest: string;
  readonly bytes: number;
}

/** Write parts one after the other, in order. */
export function encodeParts(parts: readonly Uint8Array[]): Bytes {
  return concat(...parts.flatMap((part) => [lengthOf(part), part]));
}

/** Read framed parts; throws Problem "answer_malformed" if the last one is cut short. */
export function parseParts(data: Uint8Array): Bytes[] {
  const view = new DataView(data.buffer, data.byteOffset, data.length);
  const parts: Bytes[] = [];
  for (let start = 0; start < data.length; ) {
    const begin = start + LENGTH_BYTES;
    ensure(begin <= data.length, "answer_malformed", "framed parts are cut short");
    const end = begin + view.getUint32(start);
    ensure(end <= data.length, "answer_malformed", "framed parts are cut short");
    parts.push(concat(data.subarray(begin, end)));
    start = end;
  }
  return parts;
}

/**
 * Upload sealed files, many in one request, and return their digests; sent twice they are kept once.
 *
 * Throws Problem "parts_not_asked_for" if the relay names other digests.
 */
export async function uploadParts(api: RelayApi, parts: readonly Uint8Array[]): Promise<string[]> {
  const sized = parts.map((part) => ({ part, digest: partDigest(part), bytes: part.length + LENGTH_BYTES }));
  for (const batch of batchesOf(sized, MAX_FRAME_BYTES)) {
    const digests = batch.map(({ digest }) => digest);
    const framed = encodeParts(batch.map(({ part }) => part));
    if (framed.length > MAX_FRAME_BYTES) {
      await api.put(`/staff/parts/${digests[0]}`, batch[0]!.part, { mediaType: SEALED });
      continue;
    }
    const answer = (await api.post("/staff/parts", framed, { mediaType: PARTS })).json();
    checkSame(answer.digests, digests);
  }
  return sized.map(({ digest }) => digest);
}

/**
 * Fetch sealed files, many in one request, and give them by digest.
 *
 * Throws Problem "parts_not_asked_for" if the relay gives others, and its own if one is unknown or for another desk.
 */
export async function fetchParts(api: RelayApi, parts: Iterable<PartSize>): Promise<Map<string, Bytes>> {
  const wanted = new Map([...parts].map((part) => [part.digest, part]));
  const found = new Map<string, Bytes>();
  for (const batch of batchesOf([...wanted.values()], MAX_FETCH_BYTES)) {
    const digests = batch.map(({ digest }) => digest);
    const files = parseParts((await api.post("/staff/parts/fetch", { digests })).body);
    checkSame(files.map(partDigest), digests);
    files.forEach((file, at) => {
      found.set(digests[at]!, file);
    });
  }
  return found;
}

/** Split into runs of at most so many bytes; one that is larger by itself stands alone. */
function* batchesOf<T extends { readonly bytes: number }>(all: readonly T[], limitBytes: number): Generator<T[]> {
  let batch: T[] = [];
  let size = 0;
  for (const one of all) {
    if (batch.length > 0 && (size + one.bytes > limitBytes || batch.length === MAX_PARTS)) {
      yield batch;
      batch = [];
      size = 0;
    }
    batch.push(one);
    size += one.bytes;
  }
  if (batch.length > 0) yield batch;
}

function checkSame(found: unknown, expected: readonly string[]): void {
  const isSame =
    Array.isArray(found) && found.length === expected.length && found.every((one, at) => one === expected[at]);
  ensure(isSame, "parts_not_asked_for", "the relay has other files than were meant");
}

function lengthOf(part: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(LENGTH_BYTES);
  new DataView(bytes.buffer).setUint32(0, part.length);
  return bytes;
}
