/**
 * Entries: what stands in the public log, and how little it says.
 *
 * A custody entry is two HMACs: whoever is given a tag key and a nonce can find and open it, to all others it is noise.
 */

import { type Bytes, b64, concat, fromUtf8, hmac, u64be, utf8 } from "./bytes";
import { encodeJson, parseJson } from "./canonical";
import { hasKeys } from "./forms";
import { isDigest, isInteger } from "./ids";
import { ensure, Problem } from "./problems";
import { MAX_ENTRY_BYTES } from "./tiles";
import { tryUnb64 } from "./vkeys";

const LABEL = "letter-relay/entry/v1 ";
const CODE = "entry_malformed";
const TAG = /* @__PURE__ */ utf8("tag");

/** One event of one item: `tag` is found by the item's tag key, `commitment` opened by the event's nonce. */
export interface CustodyEntry {
  readonly kind: "custody";
  readonly tag: Bytes;
  readonly commitment: Bytes;
}

/** A signed note that everybody may read; not verified here. */
export interface ClearEntry {
  readonly kind: "trust" | "directory" | "suspend";
  readonly note: Bytes;
}

/** One erasure run: which entries can no longer be opened, on purpose; all of them below `size`, ascending. */
export interface ErasureEntry {
  readonly kind: "erasure";
  readonly size: number;
  readonly indexes: readonly number[];
}

/** Which pages the relay serves from here on: SHA-256 (hex) of their `manifest.json`. */
export interface SiteEntry {
  readonly kind: "site";
  readonly manifest: string;
}

/** A commitment to a statement about no item. */
export interface CommittedEntry {
  readonly kind: "register" | "run" | "audited";
  readonly commitment: Bytes;
}

/** Any line of the log. */
export type Entry = CustodyEntry | ClearEntry | ErasureEntry | SiteEntry | CommittedEntry;

/** Name one event of one item so that only holders of the item's tag key (32 bytes) can tell. */
export function tagOf(tagKey: Uint8Array, seq: number | bigint): Bytes {
  return hmac(tagKey, concat(TAG, u64be(seq)));
}

/** Commit to bytes without showing them: an event's JSON, or a statement's whole note; the nonce is 32 fresh bytes. */
export function commitmentOf(nonce: Uint8Array, opened: Uint8Array): Bytes {
  return hmac(nonce, opened);
}

/** Write a custody entry from its tag and commitment, 32 bytes each. */
export function encodeCustody(tag: Uint8Array, commitment: Uint8Array): Bytes {
  return utf8(`${LABEL}custody\n${b64(tag)}\n${b64(commitment)}\n`);
}

/** Write any entry; the one inverse of `parseEntry`. */
export function encodeEntry(entry: Entry): Bytes {
  const head = `${LABEL}${entry.kind}\n`;
  switch (entry.kind) {
    case "custody":
      return encodeCustody(entry.tag, entry.commitment);
    case "erasure":
      return utf8(`${head}${encodeJson({ size: entry.size, indexes: entry.indexes })}\n`);
    case "site":
      return utf8(`${head}${encodeJson({ manifest: entry.manifest })}\n`);
    case "trust":
    case "directory":
    case "suspend":
      return concat(utf8(head), entry.note);
    default:
      return utf8(`${head}${b64(entry.commitment)}\n`);
  }
}

/** Read an entry by its first line; throws Problem "entry_malformed", or "not_canonical" for an erasure's JSON. */
export function parseEntry(data: Uint8Array): Entry {
  ensure(data.length <= MAX_ENTRY_BYTES, CODE, "an entry is longer than 65,535 bytes");
  const end = data.indexOf(0x0a);
  const first = end < 0 ? "" : latin(data.subarray(0, end));
  ensure(first.startsWith(LABEL), CODE);
  const kind = first.slice(LABEL.length);
  const rest = data.slice(end + 1);
  switch (kind) {
    case "custody":
      return parseCustody(rest);
    case "erasure":
      return parseErasure(rest);
    case "site":
      return parseSite(rest);
    case "trust":
    case "directory":
    case "suspend":
      ensure(rest.length > 0, CODE, "an entry in the clear holds no note");
      return { kind, note: rest };
    case "register":
    case "run":
    case "audited":
      return { kind, commitment: parseMacs(rest, 1)[0]! };
    default:
      throw new Problem(CODE, "an entry is of no known kind");
  }
}

function parseCustody(rest: Uint8Array): CustodyEntry {
  const [tag, commitment] = parseMacs(rest, 2);
  return { kind: "custody", tag: tag!, commitment: commitment! };
}

/** Read lines of 32 bytes in base64, each with its newline; what would be written otherwise is refused. */
function parseMacs(rest: Uint8Array, count: number): Bytes[] {
  const lines = latin(rest).split("\n");
  ensure(lines.length === count + 1 && lines[count] === "", CODE);
  return lines.slice(0, count).map((line) => {
    const mac = tryUnb64(line);
    if (mac?.length !== 32) throw new Problem(CODE);
    return mac;
  });
}

function parseErasure(rest: Uint8Array): ErasureEntry {
  const { size, indexes } = parseLine(rest, ["size", "indexes"]);
  ensure(Array.isArray(indexes) && indexes.length > 0, CODE);
  const numbers = [...indexes, size];
  const ascend = numbers.every((number, at) => isInteger(number) && (at === 0 || numbers[at - 1] < number));
  ensure(ascend, CODE, "an erasure's indexes do not ascend from 0 to its size");
  return { kind: "erasure", size, indexes };
}

function parseSite(rest: Uint8Array): SiteEntry {
  const { manifest } = parseLine(rest, ["manifest"]);
  ensure(isDigest(manifest), CODE, "a manifest is named by 64 hex digits");
  return { kind: "site", manifest };
}

/** Read one line of JSON with these keys. */
// biome-ignore lint/suspicious/noExplicitAny: whoever calls checks each of its keys next
function parseLine(rest: Uint8Array, keys: readonly string[]): any {
  ensure(rest.at(-1) === 0x0a, CODE);
  let text: string;
  try {
    text = fromUtf8(rest.subarray(0, -1));
  } catch {
    throw new Problem("not_canonical", "an entry is not UTF-8");
  }
  const fields = parseJson(text, "entry");
  ensure(hasKeys(fields, keys), CODE);
  return fields;
}

/** Read each byte as one character; what is not ASCII then fails its comparison. */
function latin(data: Uint8Array): string {
  let text = "";
  for (const byte of data) text += String.fromCharCode(byte);
  return text;
}
