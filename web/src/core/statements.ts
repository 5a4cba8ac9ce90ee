/**
 * Statements: what a member of staff, or a family, signs to say "I do this to these items, whose heads are these".
 *
 * A statement names each item with the hash of its head event, so it can be neither replayed nor moved to another item.
 * It is a signed note with exactly one signature. What its further keys may hold is in statementfields.ts.
 */

import type { Bytes } from "./bytes";
import { encodeJson, isRecord } from "./canonical";
import { hasKeys, isTime } from "./forms";
import { areDistinct, isDigest, isId, isInteger } from "./ids";
import { parseNote, type Signature, signNote, verifySignature } from "./notes";
import { ensure, Problem } from "./problems";
import { EITHER, FIELDS, isOfType, type StatementKind } from "./statementfields";
import { claimOf, type Vkey } from "./vkeys";

export { EITHER, FIELDS, type StatementKind } from "./statementfields";

const FIRST_LINE = "letter-relay/statement/v1";
const CODE = "statement_malformed";
export const MAX_SUBJECTS = 500;
export const MAX_PARTS = 64;

/** Kinds about no item. */
export const WITHOUT_SUBJECTS: ReadonlySet<string> = new Set("sign-in place register run suspend audited".split(" "));
/** Kinds that open an item's chain: each `prev` is null, as in no other kind. */
export const OPENING: ReadonlySet<string> = new Set(["reply-accept"]);
/** Kinds signed by a family's key: `directory` is null, since families stand in none. */
export const BY_FAMILY: ReadonlySet<string> = new Set(["withdraw", "collected"]);

/** One item, as the signer saw it. */
export interface Subject {
  readonly item: string;
  /** The hash of its head event; null for an accept. */
  readonly prev: string | null;
  /** The digests of all its parts after the event, part 0 first. */
  readonly parts: readonly string[];
}

/** A statement, signed or about to be. */
export interface Statement {
  readonly kind: StatementKind;
  /** The relay's id. */
  readonly relay: string;
  /** The directory version the signer went by; null for families. */
  readonly directory: number | null;
  /** The signer's clock; informs, never decides. */
  readonly signedAt: string;
  /** 1 to 500, each item once; none for kinds about no item. */
  readonly subjects: readonly Subject[];
  /** The further keys of the kind, as JSON has them. */
  readonly fields: Readonly<Record<string, unknown>>;
}

/** A statement whose signature has not been judged yet. */
export interface UnverifiedStatement {
  readonly statement: Statement;
  /** The key name it claims. */
  readonly signer: string;
  /** The member's id in that name; null for a family. */
  readonly staff: string | null;
  /** What was signed, and the signature's bytes, for whoever verifies them by other hands. */
  readonly text: string;
  readonly signature: Bytes;
  /** The key it claims, as `Vkey.claim` has it. */
  readonly claim: string;
  /** Return the statement if this key signed it; throws Problem "note_unsigned" or "signature_invalid". */
  verifiedBy(vkey: Vkey): Statement;
}

/** Write a statement as the text of a note; throws Problem "statement_malformed" if it breaks a rule of its kind. */
export function encodeStatement(statement: Statement): string {
  check(statement);
  const { kind, relay, directory, signedAt, subjects, fields } = statement;
  const plain: Record<string, unknown> = { relay, directory, signed_at: signedAt };
  if (!WITHOUT_SUBJECTS.has(kind)) {
    plain.subjects = subjects.map(({ item, prev, parts }) => ({ item, prev, parts }));
  }
  for (const { key, type } of FIELDS[kind]) {
    if (fields[key] !== undefined) plain[key] = type === "remarks" ? remarksOf(fields[key]) : fields[key];
  }
  return `${FIRST_LINE} ${kind}\n${encodeJson(plain)}\n`;
}

/** Read a statement from a note's text; throws Problem "statement_malformed". */
export function parseStatement(text: string): Statement {
  const end = text.indexOf("\n");
  const [label, kind = ""] = split(text.slice(0, Math.max(end, 0)), " ");
  ensure(label === FIRST_LINE && Object.hasOwn(FIELDS, kind), CODE, "the first line is not that of a statement");
  const statement = build(kind as StatementKind, readJson(text.slice(end + 1, -1)));
  ensure(encodeStatement(statement) === text, CODE, "the statement re-encodes differently");
  return statement;
}

/** Sign a statement and return the note, which is stored and sent as it is; `keyName` must be one of its kind's. */
export function signStatement(statement: Statement, keyName: string, seed: Uint8Array): Bytes {
  signingStaff(statement, keyName);
  return signNote(encodeStatement(statement), [{ name: keyName, seed }]);
}

/**
 * Read a signed statement far enough to know whose key to verify it with.
 *
 * Throws Problem "note_malformed", or "statement_malformed" also for a second signature, which would give one statement
 * many hashes.
 */
export function readStatement(data: Uint8Array): UnverifiedStatement {
  const { text, signatures } = parseNote(data);
  ensure(signatures.length === 1, CODE, "a statement has more than one signature");
  const statement = parseStatement(text);
  const signature = signatures[0]!;
  const staff = signingStaff(statement, signature.name);
  const verifiedBy = (vkey: Vkey) => verified(statement, text, signature, vkey);
  const claim = claimOf(signature.name, signature.keyId);
  return { statement, signer: signature.name, staff, text, signature: signature.blob, claim, verifiedBy };
}

/** Return the statement in a note if this key signed it; throws as `readStatement` and its `verifiedBy`. */
export function verifyStatement(data: Uint8Array, vkey: Vkey): Statement {
  return readStatement(data).verifiedBy(vkey);
}

function verified(statement: Statement, text: string, signature: Signature, vkey: Vkey): Statement {
  if (claimOf(signature.name, signature.keyId) !== vkey.claim) throw new Problem("note_unsigned");
  verifySignature(text, signature, vkey);
  return statement;
}

function readJson(json: string): Record<string, unknown> {
  let plain: unknown;
  try {
    plain = JSON.parse(json);
  } catch {
    plain = null;
  }
  ensure(isRecord(plain), CODE, "the second line is not the JSON of a statement");
  return plain;
}

function build(kind: StatementKind, plain: Record<string, unknown>): Statement {
  const { relay, directory, signed_at, subjects = [] } = plain;
  const fields: Record<string, unknown> = {};
  for (const { key } of FIELDS[kind]) if (plain[key] !== undefined) fields[key] = plain[key];
  return { kind, relay, directory, signedAt: signed_at, subjects, fields } as Statement;
}

function signingStaff({ kind, relay }: Statement, name: string): string | null {
  if (BY_FAMILY.has(kind)) {
    ensure(name === `${relay}/family`, CODE, "a family's statement is signed in another name");
    return null;
  }
  const staff = name.slice(name.lastIndexOf("/") + 1);
  const isTheirs = isId(staff) && name === `${relay}/staff/${staff}`;
  ensure(isTheirs, CODE, "a statement by staff is signed in another name");
  return staff;
}

function check(statement: Statement): void {
  const { kind, relay, directory, signedAt, subjects } = statement;
  ensure(Object.hasOwn(FIELDS, kind), CODE, "a statement has no such kind");
  ensure(isId(relay) && isTime(signedAt), CODE, "a statement's relay or signed_at is not in its form");
  const isDirected = BY_FAMILY.has(kind) ? directory === null : isInteger(directory);
  ensure(isDirected, CODE, "a statement's directory is null for families, and a version for all others");
  checkSubjects(kind, subjects);
  checkFields(statement);
}

function checkSubjects(kind: string, subjects: readonly Subject[]): void {
  const isCounted = Array.isArray(subjects) && WITHOUT_SUBJECTS.has(kind) === (subjects.length === 0);
  ensure(isCounted && subjects.length <= MAX_SUBJECTS, CODE, "a statement has more subjects, or fewer, than it may");
  for (const subject of subjects) {
    const isWhole = isRecord(subject) && hasKeys(subject, ["item", "prev", "parts"]);
    const isNamed =
      isWhole && isId(subject.item) && (OPENING.has(kind) ? subject.prev === null : isDigest(subject.prev));
    ensure(isNamed, CODE, "a subject's item or prev is not in its form");
    const { parts } = subject;
    const areParts = Array.isArray(parts) && parts.length >= 1 && parts.length <= MAX_PARTS && parts.every(isDigest);
    ensure(areParts, CODE, "a subject's parts are not 1 to 64 digests");
  }
  ensure(areDistinct(subjects.map(({ item }) => item)), CODE, "a statement names one item twice");
}

function checkFields({ kind, fields, subjects }: Statement): void {
  const known = FIELDS[kind];
  const areKnown = Object.keys(fields).every(
    (key) => fields[key] === undefined || known.some((one) => one.key === key),
  );
  ensure(areKnown, CODE, "a statement has a key that its kind does not have");
  for (const { key, type, optional } of known) {
    const value = fields[key];
    if (value === undefined) ensure(optional, CODE, `a statement lacks its ${key}`);
    else ensure(isOfType(type, value, subjects), CODE, `a statement's ${key} is not in its form`);
  }
  const either = EITHER[kind];
  const hasOne = !either || either.filter((key) => fields[key] !== undefined).length === 1;
  ensure(hasOne, CODE, "a statement has none of the keys of which its kind has one, or more than one");
}

function remarksOf(value: unknown): unknown {
  return (value as { item: string; remark: string }[]).map(({ item, remark }) => ({ item, remark }));
}

function split(text: string, between: string): [string, string] {
  const at = text.indexOf(between);
  return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at + between.length)];
}
