/**
 * The first line of every sealed file: where it goes, in the clear, and covered by the age header's MAC.
 *
 *     letter-relay/sealed/v1 {"relay","item","kind","hop","detainee","to","dir","re","enclosures"}
 *     letter-relay/enclosure/v1 {"relay","item","part"}
 *     letter-relay/document/v1 {"relay","kind","id","item","to","dir","version"}
 */

import { type Bytes, equal, utf8 } from "./bytes";
import { encodeJson, parseJson } from "./canonical";
import { areDistinct, isDigest, isId, isInteger } from "./ids";
import { Problem } from "./problems";

export const MAX_LINE_BYTES = 1024;
export const MAX_ENCLOSURES = 3;
/** The detainee of a letter whose addressee has no number yet. */
export const UNKNOWN_DETAINEE = "unknown";
/** What a reply answers that answers no item. */
export const NEW_CORRESPONDENCE = "new";

/** What part 0 of an item is. */
export type ItemKind = "letter" | "reply" | "parcel";
/** From which custodian to which this file is sealed. */
export type Hop =
  | "family>review"
  | "review>review"
  | "review>facility"
  | "facility>review"
  | "review>family"
  | "review>bureau"
  | "bureau>review";
/** What a document is. */
export type DocumentKind = "contact" | "declaration" | "desk-key" | "note" | "register" | "scan";

/** Where part 0 of an item goes on this leg. */
export interface SealedLine {
  readonly relay: string;
  /** 16 random bytes in hex, chosen by whoever wrote first. */
  readonly item: string;
  readonly kind: ItemKind;
  readonly hop: Hop;
  /** Twelve digits as typed, or `unknown`. */
  readonly detainee: string;
  /** A `desk/epoch` for each recipient, or just `family`. */
  readonly to: readonly string[];
  /** The version of the directory that the recipients were taken from. */
  readonly dir: number;
  /** For a reply, and only then: the item it answers, or `new`. */
  readonly re?: string | undefined;
  /** The part digests of the enclosures, in order; at most three. */
  readonly enclosures?: readonly string[] | undefined;
}

/** To which item an enclosure belongs; it is the same on every leg. */
export interface EnclosureLine {
  readonly relay: string;
  readonly item: string;
  /** 1, 2 or 3; part 0 is the letter. */
  readonly part: number;
}

/** What a sealed document is and who may open it. */
export interface DocumentLine {
  readonly relay: string;
  readonly kind: DocumentKind;
  /** 16 or 32 bytes in hex; a contact's is its mailbox id. */
  readonly id: string;
  /** The item it belongs to, if any. */
  readonly item?: string | undefined;
  /** `desk/epoch` for each recipient; `family`; or `staff/<id>` and `desk-code/<desk>`. */
  readonly to: readonly string[];
  readonly dir: number;
  /** Counts up from 1; a client that saw a newer one refuses an older. */
  readonly version: number;
}

/** A first line and what kind of file it stands before. */
export type FirstLine =
  | { readonly part: "letter"; readonly line: SealedLine }
  | { readonly part: "enclosure"; readonly line: EnclosureLine }
  | { readonly part: "document"; readonly line: DocumentLine };

const PREFIXES = {
  letter: "letter-relay/sealed/v1 ",
  enclosure: "letter-relay/enclosure/v1 ",
  document: "letter-relay/document/v1 ",
} as const;

const KINDS: readonly unknown[] = ["letter", "reply", "parcel"] satisfies ItemKind[];
const HOPS: readonly unknown[] = [
  "family>review",
  "review>review",
  "review>facility",
  "facility>review",
  "review>family",
  "review>bureau",
  "bureau>review",
] satisfies Hop[];

const DESK = /^[0-9a-f]{32}\/[1-9][0-9]{0,8}$/;
const MEMBER_OR_CODE = /^(?:staff|desk-code)\/[0-9a-f]{32}$/;
const FAMILY = /^family$/;
const NUMBER = /^[0-9]{12}$/;
const ASCII = /^\p{ASCII}*$/u;
const LINE_FEED = 0x0a;

/** Who may be able to open a document of each kind. */
const READERS = new Map<unknown, RegExp>([
  ["contact", DESK],
  ["declaration", DESK],
  ["desk-key", MEMBER_OR_CODE],
  ["note", FAMILY],
  ["register", DESK],
  ["scan", DESK],
]);

/** Write a letter's first line, without its line feed; throws Problem "sealed_line". */
export function encodeLine(line: SealedLine): Bytes {
  checkLetter(line);
  const { relay, item, kind, hop, detainee, to, dir, re, enclosures } = line;
  const listed = enclosures?.length ? enclosures : undefined;
  return write("letter", { relay, item, kind, hop, detainee, to, dir, re, enclosures: listed });
}

/** Write an enclosure's first line; throws as `encodeLine`. */
export function encodeEnclosureLine(line: EnclosureLine): Bytes {
  checkEnclosure(line);
  const { relay, item, part } = line;
  return write("enclosure", { relay, item, part });
}

/** Write a document's first line; throws as `encodeLine`. */
export function encodeDocumentLine(line: DocumentLine): Bytes {
  checkDocument(line);
  const { relay, kind, id, item, to, dir, version } = line;
  return write("document", { relay, kind, id, item, to, dir, version });
}

/**
 * Read a first line of any kind, without its line feed.
 *
 * Throws Problem "sealed_kind": another prefix. "sealed_line": a key that is missing, unknown, out of order or not what it
 * may be; not ASCII; longer than 1,024 bytes. "not_canonical": not JSON, or not written the one way.
 */
export function parseFirstLine(data: Uint8Array): FirstLine {
  const text = Array.from(data, (byte) => String.fromCharCode(byte)).join("");
  const part = (Object.keys(PREFIXES) as FirstLine["part"][]).find((kind) => text.startsWith(PREFIXES[kind]));
  if (part === undefined) throw new Problem("sealed_kind");
  if (data.length > MAX_LINE_BYTES || !ASCII.test(text)) throw malformed("it is longer than 1,024 bytes, or not ASCII");
  const line = parseJson(text.slice(PREFIXES[part].length), "first line");
  const parsed = { part, line } as FirstLine;
  if (!equal(encodeFirstLine(parsed), data))
    throw malformed("it has keys in another order, or some that it may not have");
  return parsed;
}

/** Write a first line of any kind, without its line feed; throws as `encodeLine`. */
export function encodeFirstLine(first: FirstLine): Bytes {
  if (first.part === "letter") return encodeLine(first.line);
  if (first.part === "enclosure") return encodeEnclosureLine(first.line);
  return encodeDocumentLine(first.line);
}

/** Give the first line of a sealed file, without its line feed; throws Problem "sealed_line" if there is none. */
export function splitFirstLine(file: Uint8Array): Uint8Array {
  const end = file.subarray(0, MAX_LINE_BYTES + 1).indexOf(LINE_FEED);
  if (end < 0) throw malformed("there is none of at most 1,024 bytes");
  return file.subarray(0, end);
}

// ---------------------------------------------------------------- checks; what is parsed has any type until they pass

function write(part: FirstLine["part"], fields: Record<string, unknown>): Bytes {
  const encoded = utf8(PREFIXES[part] + encodeJson(fields));
  if (encoded.length > MAX_LINE_BYTES) throw malformed("it is longer than 1,024 bytes");
  return encoded;
}

function checkLetter(line: SealedLine): void {
  const { relay, item, kind, hop, detainee, to, dir, re, enclosures = [] } = line;
  check(isId(relay), "relay");
  check(isId(item), "item");
  check(KINDS.includes(kind), "kind");
  check(HOPS.includes(hop), "hop");
  check(detainee === UNKNOWN_DETAINEE || matches(detainee, NUMBER), "detainee");
  const isToFamily = hop.endsWith(">family");
  check(allDistinct(to, isToFamily ? FAMILY : DESK), "to");
  check(isInteger(dir, 1), "dir");
  check((re !== undefined) === (kind === "reply"), "re");
  check(re === undefined || re === NEW_CORRESPONDENCE || isId(re), "re");
  check(Array.isArray(enclosures) && enclosures.length <= MAX_ENCLOSURES, "enclosures");
  check(enclosures.every(isDigest) && areDistinct(enclosures), "enclosures");
}

function checkEnclosure({ relay, item, part }: EnclosureLine): void {
  check(isId(relay), "relay");
  check(isId(item), "item");
  check(isInteger(part, 1) && part <= MAX_ENCLOSURES, "part");
}

function checkDocument({ relay, kind, id, item, to, dir, version }: DocumentLine): void {
  const readers = READERS.get(kind);
  check(isId(relay), "relay");
  check(isId(id) || isDigest(id), "id");
  check(item === undefined || isId(item), "item");
  check(readers !== undefined && allDistinct(to, readers), readers ? "to" : "kind");
  check(isInteger(dir, 1), "dir");
  check(isInteger(version, 1), "version");
}

function check(holds: boolean, key: string): asserts holds {
  if (!holds) throw malformed(`its \`${key}\` is not what it may be`);
}

function matches(value: unknown, form: RegExp): boolean {
  return typeof value === "string" && form.test(value);
}

/** Say whether there is at least one value, each has the form, and none comes twice. */
function allDistinct(values: unknown, form: RegExp): boolean {
  if (!Array.isArray(values) || values.length === 0) return false;
  return values.every((value) => matches(value, form)) && areDistinct(values);
}

function malformed(where: string): Problem {
  return new Problem("sealed_line", `the first line: ${where}`);
}
