/**
 * Trust: the one page, signed by the offline root, from which everything else about a relay can be verified.
 *
 * Its fingerprint is printed on address cards and receipts, and outlives every change but the root's.
 */

import { concat, sha256hex, unhex, utf8 } from "./bytes";
import { encodeJson, isRecord } from "./canonical";
import { hasKeys } from "./forms";
import { isDigest, isId, isInteger } from "./ids";
import { parseNote, verifyNote } from "./notes";
import { ensure, Problem } from "./problems";
import { COSIGNATURE, ED25519, Vkey } from "./vkeys";

const FIRST_LINE = "letter-relay/trust/v1";
const MAX_TEXT_CHARACTERS = 65_536;
const MAX_KEYS = 32;
const KEYS = ["version", "root", "relay", "origin", "log", "directory", "k", "policy", "previous"] as const;
const NUMBER = /^(?:0|[1-9][0-9]{0,8})$/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: it is they that are refused
const NOT_POLICY = /[\x00-\x08\x0b-\x1f\x7f]/;

/** The head of an older log generation, which a new one continues; the root in hex. */
export interface PreviousLog {
  readonly origin: string;
  readonly size: number;
  readonly root: string;
}

/** What the root says of a relay. */
export interface Trust {
  /** From 1, rising. */
  readonly version: number;
  /** The root's vkey, named `<relay>/root`. */
  readonly root: string;
  /** The relay's id. */
  readonly relay: string;
  /** The log's origin. */
  readonly origin: string;
  /** The log's vkeys as they are written, named by the origin. */
  readonly log: readonly string[];
  /** The vkeys that sign directories, named `<relay>/directory/<n>`. */
  readonly directory: readonly string[];
  /** How many of them must sign. */
  readonly k: number;
  /** The witness policy, as C2SP tlog-policy text. */
  readonly policy: string;
  readonly previous: PreviousLog | null;
}

/** A trust page whose keys have been read. */
export interface ParsedTrust extends Trust {
  readonly rootVkey: Vkey;
  readonly logVkeys: readonly Vkey[];
  readonly directoryVkeys: readonly Vkey[];
  /** What is printed on paper, hex. */
  readonly fingerprint: string;
}

/** Make the fingerprint that goes onto paper, hex, from the relay's id (hex) and the root's raw public key. */
export function fingerprintOf(relay: string, rootPublic: Uint8Array): string {
  return sha256hex(concat(utf8("letter-relay/root/v1\0"), unhex(relay), rootPublic));
}

/** Write a trust page as the text of a note. */
export function encodeTrust(trust: Trust): string {
  return `${FIRST_LINE}\n${encodeJson(Object.fromEntries(KEYS.map((key) => [key, trust[key]])))}\n`;
}

/** Read a trust page from a note's text; throws Problem "trust_malformed". */
export function parseTrust(text: string): ParsedTrust {
  const plain = readPlain(text);
  checkFields(plain);
  const [rootVkey, ...vkeys] = readVkeys([plain.root, ...plain.log, ...plain.directory]);
  const logVkeys = vkeys.slice(0, plain.log.length);
  const directoryVkeys = vkeys.slice(plain.log.length);
  checkKeys(plain, rootVkey!, logVkeys, directoryVkeys);
  const fingerprint = fingerprintOf(plain.relay, rootVkey!.publicKey);
  return { ...plain, rootVkey: rootVkey!, logVkeys, directoryVkeys, fingerprint };
}

/**
 * Return the trust page in a note if it is the one that paper vouches for.
 *
 * `fingerprint` is from an address card, a receipt or a leaflet, in hex; `relay` the id expected, if it is known;
 * `seenVersion` the newest version seen. Throws Problem "fingerprint_differs", "trust_rolled_back", and those of notes.
 */
export function verifyTrust(
  note: Uint8Array,
  fingerprint: string,
  { relay, seenVersion = 0 }: { relay?: string | undefined; seenVersion?: number | undefined } = {},
): ParsedTrust {
  const trust = parseTrust(parseNote(note).text);
  const isMeant = trust.fingerprint === fingerprint && (relay === undefined || relay === trust.relay);
  if (!isMeant) throw new Problem("fingerprint_differs");
  verifyNote(note, [trust.rootVkey]);
  if (trust.version < seenVersion) throw new Problem("trust_rolled_back");
  return trust;
}

function readPlain(text: string): Trust {
  const [first, json = "", ...more] = text.split("\n");
  ensure(first === FIRST_LINE, "trust_malformed", "the first line is not that of a trust page");
  let plain: unknown;
  try {
    plain = JSON.parse(json);
    if (encodeJson(plain) !== json) plain = null;
  } catch {
    plain = null;
  }
  const isWhole = isRecord(plain) && hasKeys(plain, KEYS) && more.length === 1 && more[0] === "";
  ensure(isWhole, "trust_malformed", "the second line is not the JSON of a trust page");
  return plain as unknown as Trust;
}

function checkFields({ version, relay, policy, previous, k, directory, log }: Trust): void {
  ensure(isId(relay) && isInteger(version, 1), "trust_malformed", "a trust page's relay or version is not in its form");
  const isPolicy = isText(policy) && !NOT_POLICY.test(policy);
  ensure(isPolicy, "trust_malformed", "a trust page's policy is no text, too long, or has a control character in it");
  ensure(previous === null || isPrevious(previous), "trust_malformed", "a trust page's previous log is none");
  ensure(Array.isArray(log) && Array.isArray(directory), "trust_malformed", "a trust page's keys are not lists");
  const isThreshold = isInteger(k, 1) && k <= directory.length;
  ensure(isThreshold, "trust_malformed", "k is not from 1 to the number of directory keys");
}

function isPrevious(value: unknown): boolean {
  if (!isRecord(value) || !hasKeys(value, ["origin", "size", "root"])) return false;
  return isText(value.origin) && isInteger(value.size) && isDigest(value.root);
}

function isText(value: unknown): boolean {
  return typeof value === "string" && value !== "" && Array.from(value).length <= MAX_TEXT_CHARACTERS;
}

/** One key under two names would count twice towards k, or sign for two purposes. */
function readVkeys(texts: readonly unknown[]): Vkey[] {
  const areTexts = texts.length <= MAX_KEYS && texts.every((text) => typeof text === "string");
  ensure(areTexts, "trust_malformed", "a trust page's keys are not texts, or there are more than 32");
  let vkeys: Vkey[];
  try {
    vkeys = texts.map((text) => Vkey.parse(text as string));
  } catch {
    throw new Problem("trust_malformed", "a trust page has a key that is no verifier key");
  }
  const publics = new Set(vkeys.map((vkey) => vkey.publicKey.join()));
  ensure(publics.size === vkeys.length, "trust_malformed", "a trust page has one key twice");
  return vkeys;
}

function checkKeys({ relay, origin }: Trust, root: Vkey, log: readonly Vkey[], directory: readonly Vkey[]): void {
  const isRoot = root.name === `${relay}/root` && root.algorithm === ED25519;
  ensure(isRoot, "trust_malformed", "the root's key has another name or type");
  const areLogs = log.every((vkey) => vkey.name === origin && vkey.algorithm !== COSIGNATURE);
  ensure(areLogs, "trust_malformed", "a log key is not named by the origin, or has another type");
  const hasLog = log.some((vkey) => vkey.algorithm === ED25519);
  ensure(hasLog, "trust_malformed", "a log needs an Ed25519 key");
  const numbers = new Set(directory.map((vkey) => vkey.name));
  const areNumbered = directory.every((vkey) => isDirectoryKey(relay, vkey)) && numbers.size === directory.length;
  ensure(areNumbered, "trust_malformed", "a directory key has another name or type, or a number that another has");
}

function isDirectoryKey(relay: string, { name, algorithm }: Vkey): boolean {
  const prefix = `${relay}/directory/`;
  return name.startsWith(prefix) && NUMBER.test(name.slice(prefix.length)) && algorithm === ED25519;
}
