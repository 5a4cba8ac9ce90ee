/** The further keys of each kind of statement, in their order, and what each may hold. */

import { isRecord } from "./canonical";
import { isNumber } from "./forms";
import { areDistinct, isDigest, isId, isInteger } from "./ids";

/** What a further key may hold. */
export type FieldType =
  | "id"
  | "digest"
  | "code"
  | "codes"
  | "language"
  | "recipients"
  | "remarks"
  | "digest-each"
  | "number"
  | "count";

/** One further key: its name, what it holds, and whether it may be absent. */
export interface Field {
  readonly key: string;
  readonly type: FieldType;
  readonly optional: boolean;
}

const MAX_SUBJECTS = 500;
const MAX_RECIPIENTS = 16;
const MAX_REASONS = 16;
const CODE = /^[A-Z][A-Z0-9_]{0,63}$/;
const LANGUAGE = /^[a-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,3}$/;
const RECIPIENT = /^[0-9a-f]{32}\/[1-9][0-9]{0,8}$/;

const REASONS = may("reasons", "codes");
const NOTE = may("note", "digest-each");
const BAG = must("bag", "id");
const PAPER = may("paper", "digest");
const REMARKS = may("remarks", "remarks");
const DOCUMENT = must("document", "digest");
const MAILBOX = may("mailbox", "digest");
/** `place` is absent for families. */
const PASSING = [must("to", "recipients"), may("place", "id"), REASONS, may("contact", "digest-each")];
const ANSWERING = [REASONS, NOTE];
const HANDING = [REASONS, PAPER, REMARKS];

/** Every kind with its further keys, in their order. A kind that is absent is refused. */
export const FIELDS = {
  "sign-in": [must("challenge", "digest")],
  claim: [must("desk", "id")],
  release: [may("hint", "language")],
  pass: PASSING,
  redirect: PASSING,
  return: ANSWERING,
  propose_withhold: ANSWERING,
  confirm: ANSWERING,
  escalate: ANSWERING,
  recall: [...ANSWERING, MAILBOX],
  overturn: [REASONS],
  "reply-accept": [PAPER],
  withdraw: [],
  collected: [],
  bag: [BAG, must("to", "id"), must("manifest", "digest")],
  receive: [BAG, PAPER, REMARKS],
  missing: [BAG, REASONS],
  find: [BAG, REASONS, PAPER],
  declare_lost: [BAG, REASONS],
  deliver: HANDING,
  refuse: HANDING,
  fail: HANDING,
  match: [may("number", "number"), MAILBOX],
  place: [must("number", "number"), must("place", "id")],
  register: [DOCUMENT, must("rows", "digest")],
  run: [DOCUMENT],
  suspend: [must("staff", "id"), must("reason", "code")],
  audited: [must("size", "count"), must("root", "digest")],
} as const satisfies Record<string, readonly Field[]>;

export type StatementKind = keyof typeof FIELDS;

/** Of these keys of a kind there is exactly one: a letter is matched to a number, a detainee's own to a mailbox. */
export const EITHER: Readonly<Partial<Record<string, readonly string[]>>> = { match: ["number", "mailbox"] };

/** Say whether a value is of a type, in a statement about these subjects. */
export function isOfType(type: FieldType, value: unknown, subjects: readonly { readonly item: string }[]): boolean {
  return IS_OF[type](value, subjects);
}

type IsOf = (value: unknown, subjects: readonly { readonly item: string }[]) => boolean;

const IS_OF: Readonly<Record<FieldType, IsOf>> = {
  id: isId,
  digest: isDigest,
  code: isCode,
  codes: (value) => isList(value, MAX_REASONS, isCode),
  language: (value) => typeof value === "string" && LANGUAGE.test(value),
  recipients: (value) => isFamily(value) || isList(value, MAX_RECIPIENTS, isRecipientName),
  remarks: areRemarks,
  "digest-each": isDigestEach,
  number: isNumber,
  count: (value) => isInteger(value),
};

function must(key: string, type: FieldType): Field {
  return { key, type, optional: false };
}

function may(key: string, type: FieldType): Field {
  return { key, type, optional: true };
}

function isCode(value: unknown): boolean {
  return typeof value === "string" && CODE.test(value);
}

function isRecipientName(value: unknown): boolean {
  return typeof value === "string" && RECIPIENT.test(value);
}

function isFamily(value: unknown): boolean {
  return Array.isArray(value) && value.length === 1 && value[0] === "family";
}

/** A list of 1 to `most` values of a form, each once. */
function isList(value: unknown, most: number, isOne: (one: unknown) => boolean): boolean {
  return (
    Array.isArray(value) &&
    value.length >= 1 &&
    value.length <= most &&
    value.every(isOne) &&
    areDistinct(value as string[])
  );
}

function areRemarks(value: unknown, subjects: readonly { readonly item: string }[]): boolean {
  if (!Array.isArray(value) || value.length < 1 || value.length > MAX_SUBJECTS || !value.every(isRecord)) return false;
  const items = new Set<unknown>(subjects.map((subject) => subject.item));
  const areAbout = value.every(({ item, remark }) => items.has(item) && isCode(remark));
  return areAbout && areDistinct(value.map(({ item, remark }) => `${item} ${remark}`));
}

function isDigestEach(value: unknown, subjects: readonly unknown[]): boolean {
  if (!Array.isArray(value) || value.length !== subjects.length) return false;
  const given = value.filter((one) => one !== null);
  return given.length > 0 && given.every(isDigest);
}
