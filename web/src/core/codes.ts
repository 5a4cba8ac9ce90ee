/**
 * Codes on paper, detainee numbers, and the keys that are derived from codes and roots.
 *
 * A receipt code is the only thing a family has, so everything the family needs is derived from it, and nothing of it is
 * ever sent but the locator. Entropy carries the security (30 random digits, 99.7 bits); Argon2id is there for the day when
 * a random source was worse than it should have been.
 */

import { ed25519 } from "@noble/curves/ed25519.js";
import { argon2id } from "@noble/hashes/argon2.js";
import { type Bytes, concat, hex, hmac, randomBytes, sha256, sha256hex, unhex, utf8 } from "./bytes";
import { recipientOf } from "./hybrid";
import { isId } from "./ids";
import { ensure, Problem } from "./problems";

export const CODE_DIGITS = 32;
export const NUMBER_DIGITS = 12;
export const ROOT_BYTES = 32;
const CHECK_DIGITS = 2;
const ARGON2 = { m: 19_456, t: 2, p: 1, dkLen: 32 };
const RECEIPT = "letter-relay/receipt/v1";
const STAFF_CODE = "letter-relay/staff-code/v1";
const DESK_CODE = "letter-relay/desk-code/v1";
const STAFF = "letter-relay/staff/v1";

/** What people put between groups: spaces, hyphens, line ends. Digits are the ten of ASCII. */
const BETWEEN = /[ \t\r\n-]+/g;
const DIGITS = /^[0-9]+$/;

/** What opens sealed files: a seed (32 bytes), and the recipient, `age1pq1…`, that others seal to. */
export interface Identity {
  readonly ageSeed: Uint8Array;
  readonly recipient: string;
}

/** An identity and a signer: an Ed25519 seed (32 bytes), and its raw public half in hex. */
export interface SigningKeys extends Identity {
  readonly signSeed: Uint8Array;
  readonly vkey: string;
}

/** What a member's root opens. */
export type StaffKeys = SigningKeys;

/** What a receipt code opens; the locator (16 bytes in hex) finds the mailbox and never stands in a URL. */
export interface FamilyKeys extends SigningKeys {
  readonly locator: string;
}

/** Told how much of a derivation is done, from 0 to 1, at most once for each percent. */
export type Progress = (done: number) => void;

/** Make a receipt code, or a recovery code: 30 random digits and two that check them (ISO 7064 MOD 97-10). */
export function newCode(random: (size: number) => Uint8Array = randomBytes): string {
  return checked(random(32), CODE_DIGITS);
}

/** Read a code as somebody typed it, with spaces or hyphens anywhere; throws Problem "code_mistyped". */
export function parseCode(text: string): string {
  return unchecked(text, CODE_DIGITS, "code_mistyped");
}

/** Write a code for paper: 8 groups of 4. */
export function showCode(code: string): string {
  return code.replace(/(....)(?!$)/g, "$1 ");
}

/** Make a detainee number: 10 random digits and two that check them. */
export function newNumber(random: (size: number) => Uint8Array = randomBytes): string {
  return checked(random(32), NUMBER_DIGITS);
}

/** Read a detainee number as somebody typed it, with spaces or hyphens anywhere; throws Problem "number_mistyped". */
export function parseNumber(text: string): string {
  return unchecked(text, NUMBER_DIGITS, "number_mistyped");
}

/** Write a detainee number to be read and typed: 3 groups of 4. On the wire it has no spaces. */
export function showNumber(number: string): string {
  return showCode(number);
}

/**
 * Derive all that a family has from its receipt code, as typed or as stored.
 *
 * It takes 19 MiB and from a tenth of a second to some seconds, on purpose, and blocks the thread: call it in a Worker, from
 * where `progress` can still be posted. (@noble/hashes' asynchronous variant waits in microtasks only, so it would keep a page
 * from painting just the same.) `relay` is the relay's id in hex. Throws Problem "code_mistyped".
 */
export function familyKeys(code: string, relay: string, progress?: Progress): FamilyKeys {
  return familyKeysFrom(stretch(code, relay, RECEIPT, progress));
}

/** Name a mailbox by the hash of its locator (hex), so that a stolen database opens no mailbox. */
export function mailboxId(locator: string): string {
  return sha256hex(unhex(locator));
}

/** Derive the identity to which a member's keyring is sealed from the printed staff code; as slow as `familyKeys`. */
export function staffCodeIdentity(code: string, relay: string, progress?: Progress): Identity {
  return recoveryIdentity(code, relay, STAFF_CODE, progress);
}

/** Derive the identity to which a desk's key is sealed from the desk's recovery code; as slow as `familyKeys`. */
export function deskCodeIdentity(code: string, relay: string, progress?: Progress): Identity {
  return recoveryIdentity(code, relay, DESK_CODE, progress);
}

/** Derive a member's signer and identity from the staff root (32 bytes), which is random and needs no stretching. */
export function staffKeys(root: Uint8Array): StaffKeys {
  ensure(root.length === ROOT_BYTES, "keyring_malformed", "a staff root is 32 bytes");
  return signingKeys(expand(root, `${STAFF}/sign`, 32), expand(root, `${STAFF}/age`, 32));
}

/** Name the key of a member of staff by the relay's and the member's id. */
export function staffName(relay: string, staff: string): string {
  return `${relay}/staff/${staff}`;
}

/** Name a family's key: all families' alike, since which one it is stands in the mailbox. */
export function familyName(relay: string): string {
  return `${relay}/family`;
}

/** Take 32 bytes as one number modulo a power of ten, whose bias is below 2^-150. */
function checked(random: Uint8Array, digits: number): string {
  const payloadDigits = digits - CHECK_DIGITS;
  const payload = (BigInt(`0x${hex(random)}`) % 10n ** BigInt(payloadDigits)).toString().padStart(payloadDigits, "0");
  return payload + checkOf(payload);
}

/** The check is recomputed, not only the sum taken, so that 00, 01 and 99 never pass. */
function unchecked(text: string, digits: number, code: string): string {
  const joined = text.replace(BETWEEN, "");
  const payload = joined.slice(0, -CHECK_DIGITS);
  if (joined.length === digits && DIGITS.test(joined) && joined === payload + checkOf(payload)) return joined;
  throw new Problem(code);
}

function checkOf(payload: string): string {
  return (98n - ((BigInt(payload) * 100n) % 97n)).toString().padStart(CHECK_DIGITS, "0");
}

function familyKeysFrom(stretched: Uint8Array): FamilyKeys {
  const keys = signingKeys(expand(stretched, `${RECEIPT}/sign`, 32), expand(stretched, `${RECEIPT}/age`, 32));
  return { locator: hex(expand(stretched, `${RECEIPT}/locator`, 16)), ...keys };
}

function signingKeys(signSeed: Uint8Array, ageSeed: Uint8Array): SigningKeys {
  return { signSeed, vkey: hex(ed25519.getPublicKey(signSeed)), ageSeed, recipient: recipientOf(ageSeed) };
}

function recoveryIdentity(code: string, relay: string, label: string, progress?: Progress): Identity {
  const ageSeed = expand(stretch(code, relay, label, progress), `${label}/age`, 32);
  return { ageSeed, recipient: recipientOf(ageSeed) };
}

function stretch(code: string, relay: string, label: string, progress?: Progress): Uint8Array {
  return argon2id(utf8(parseCode(code)), saltOf(relay, label), optionsOf(progress));
}

/** The library tells of each block; whoever posts it to another thread wants each percent. */
function optionsOf(progress: Progress | undefined) {
  if (!progress) return ARGON2;
  let percent = -1;
  const onProgress = (done: number) => {
    if (Math.floor(done * 100) === percent) return;
    percent = Math.floor(done * 100);
    progress(done);
  };
  return { ...ARGON2, onProgress };
}

function saltOf(relay: string, label: string): Uint8Array {
  ensure(isId(relay), "not_canonical", "a relay id is 16 bytes in hex");
  return sha256(concat(utf8(`${label}\0`), unhex(relay))).subarray(0, 16);
}

/** HKDF-Expand-SHA256 of at most 32 bytes, which is a single block of RFC 5869's expand. */
function expand(key: Uint8Array, info: string, size: number): Bytes {
  return hmac(key, concat(utf8(info), Uint8Array.of(1))).slice(0, size);
}
