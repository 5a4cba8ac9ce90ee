/**
 * The textual header of an age file (C2SP age, "Header"): stanzas that wrap the file key, and a MAC over them.
 *
 * The parser accepts one encoding only, so a header that parses encodes to the same bytes again.
 */

import { type Bytes, b64, concat, unb64, utf8 } from "./bytes";
import { Problem } from "./problems";

/** The largest header that is read, in bytes. */
export const MAX_HEADER_BYTES = 256 * 1024;
const MAX_STANZAS = 64;
const MAX_LINE_BYTES = 8 * 1024;
const VERSION_LINE = "age-encryption.org/v1";
const COLUMNS = 64;
const ARGUMENTS = /^-> [!-~]+(?: [!-~]+)*$/;
const MAC_LINE = /^--- [A-Za-z0-9+/]{43}$/;
const LINE_FEED = 0x0a;

/** One section of the header; `body` is decoded, at most a few dozen bytes. */
export interface Stanza {
  readonly type: string;
  readonly args: readonly string[];
  readonly body: Uint8Array;
}

/** A parsed header; its MAC is still to be verified with the file key. */
export interface Header {
  readonly stanzas: readonly Stanza[];
  readonly mac: Uint8Array;
  /** What the MAC covers: from the version line to the three dashes. */
  readonly macInput: Uint8Array;
  /** Where the payload begins. */
  readonly length: number;
}

/** Write unpadded standard base64. */
export function encodeUnpadded(bytes: Uint8Array): string {
  return b64(bytes).replace(/=+$/, "");
}

/** Read unpadded, canonical base64; throws Problem "age_header" for anything else. */
export function decodeUnpadded(text: string): Bytes {
  try {
    if (!text.includes("=")) return unb64(text.padEnd(Math.ceil(text.length / 4) * 4, "="));
  } catch {
    // Said below, in the words of the header.
  }
  throw malformed("a value is not canonical base64");
}

/** Write the header up to and including the three dashes: what the MAC covers. */
export function encodeStanzas(stanzas: readonly Stanza[]): Bytes {
  const lines = stanzas.flatMap(({ type, args, body }) => [["->", type, ...args].join(" "), ...columns(body)]);
  return utf8([VERSION_LINE, ...lines, "---"].join("\n"));
}

/** Write the header's last line after the three dashes. */
export function encodeMac(mac: Uint8Array): Bytes {
  return utf8(` ${encodeUnpadded(mac)}\n`);
}

/**
 * Read the header at the start of an age file.
 *
 * Throws Problem "age_header": not version 1; no stanza, or more than 64; a line over 8 KiB; no end within 256 KiB; a
 * stanza, value or MAC line that is not written the one way the format allows.
 */
export function parseHeader(file: Uint8Array): Header {
  const lines = readLines(file);
  const macLine = lines.pop()!;
  if (!MAC_LINE.test(macLine)) throw malformed("its last line is not a MAC");
  if (lines.shift() !== VERSION_LINE) throw malformed("this is not an age file of version 1");
  const length = [VERSION_LINE, ...lines, macLine].reduce((sum, line) => sum + line.length + 1, 0);
  return {
    stanzas: parseStanzas(lines),
    mac: decodeUnpadded(macLine.slice(4)),
    macInput: concat(file.subarray(0, length - macLine.length - 1 + 3)),
    length,
  };
}

/** A body that fills its last line is followed by an empty one: a stanza ends at its first short line. */
function columns(body: Uint8Array): string[] {
  const text = encodeUnpadded(body);
  return Array.from({ length: Math.floor(text.length / COLUMNS) + 1 }, (_, at) =>
    text.slice(at * COLUMNS, (at + 1) * COLUMNS),
  );
}

/** Give the lines up to that of the MAC; each byte is one character, so lengths are in bytes. */
function readLines(file: Uint8Array): string[] {
  const lines: string[] = [];
  let at = 0;
  while (at < Math.min(file.length, MAX_HEADER_BYTES)) {
    const end = file.indexOf(LINE_FEED, at);
    if (end < 0 || end >= MAX_HEADER_BYTES || end - at > MAX_LINE_BYTES) break;
    const line = String.fromCharCode(...file.subarray(at, end));
    lines.push(line);
    if (line.startsWith("---")) return lines;
    at = end + 1;
  }
  throw malformed("it has no end, or too long a line");
}

function parseStanzas(lines: readonly string[]): Stanza[] {
  const stanzas: Stanza[] = [];
  for (let at = 0; at < lines.length; ) {
    const end = lines.findIndex((line, place) => place > at && line.length !== COLUMNS);
    const body = lines.slice(at + 1, end + 1);
    if (!ARGUMENTS.test(lines[at]!)) throw malformed("a line does not begin a stanza");
    if (end < 0 || lines[end]!.length > COLUMNS) throw malformed("a stanza has no short last line");
    const [type, ...args] = lines[at]!.slice(3).split(" ");
    stanzas.push({ type: type!, args, body: decodeUnpadded(body.join("")) });
    at = end + 1;
    if (stanzas.length > MAX_STANZAS) break;
  }
  if (stanzas.length < 1 || stanzas.length > MAX_STANZAS) throw malformed("it has no stanza, or more than 64");
  return stanzas;
}

function malformed(where: string): Problem {
  return new Problem("age_header", `the age header: ${where}`);
}
