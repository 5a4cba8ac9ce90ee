/** Codes, detainee numbers and derived keys: the shared vectors, and what a page shows of them. */

import { expect, test } from "vitest";
import { encodeBech32 } from "../src/core/bech32";
import { hex, unhex } from "../src/core/bytes";
import {
  deskCodeIdentity,
  familyKeys,
  familyName,
  type Identity,
  mailboxId,
  newCode,
  newNumber,
  parseCode,
  parseNumber,
  showCode,
  showNumber,
  staffCodeIdentity,
  staffKeys,
  staffName,
} from "../src/core/codes";
import { ed25519Vkey } from "../src/core/vkeys";
import { problemOf, readVectors } from "./vectors";

type Vector = Record<string, string> & { name: string };

const CODES: Vector[] = readVectors("codes/codes.json").vectors;
const NUMBERS: Vector[] = readVectors("codes/numbers.json").vectors;
const KEYS: Vector[] = readVectors("codes/keys.json").vectors;

test("the vectors are all here", () => {
  expect([CODES.length, NUMBERS.length, KEYS.length]).toEqual([18, 15, 9]);
});

test.each(CODES)("code $name", ({ random, text, code, shown, error }) => {
  const read = () => (random ? newCode(() => unhex(random)) : parseCode(text!));
  if (error) return expect(problemOf(read)).toBe(error);
  expect(read()).toBe(code);
  if (shown) expect(showCode(code!)).toBe(shown);
});

test.each(NUMBERS)("number $name", ({ random, text, number, error }) => {
  const read = () => (random ? newNumber(() => unhex(random)) : parseNumber(text!));
  if (error) return expect(problemOf(read)).toBe(error);
  expect(read()).toBe(number);
});

const kinds: Record<string, (vector: Vector) => void> = {
  code(vector) {
    const keys = familyKeys(showCode(vector.code!), vector.relay!);
    expect(keys).toMatchObject({ locator: vector.locator, recipient: vector.recipient, vkey: vector.vkey });
    expect(mailboxId(keys.locator)).toBe(vector.mailbox);
    expect(spell(keys)).toBe(vector.identity);
  },
  staff_code(vector) {
    expect(spell(staffCodeIdentity(vector.staff_code!, vector.relay!))).toBe(vector.identity);
  },
  desk_code(vector) {
    expect(spell(deskCodeIdentity(vector.desk_code!, vector.relay!))).toBe(vector.identity);
  },
  root(vector) {
    const keys = staffKeys(unhex(vector.root!));
    const name = vector.vkey!.split("+")[0]!;
    expect(hex(keys.signSeed)).toBe(vector.signer_seed);
    expect(String(ed25519Vkey(name, unhex(keys.vkey)))).toBe(vector.vkey);
    expect(spell(keys)).toBe(vector.identity);
  },
};

test.each(KEYS)("keys of $name", (vector) => {
  const [kind] = Object.keys(kinds).filter((key) => key in vector);
  kinds[kind!]!(vector);
});

function spell({ ageSeed }: Identity): string {
  return encodeBech32("age-secret-key-pq-", ageSeed).toUpperCase();
}

test("a fresh code and a fresh number read back as they are shown", () => {
  const [code, number] = [newCode(), newNumber()];
  expect(parseCode(showCode(code))).toBe(code);
  expect(parseNumber(showNumber(number))).toBe(number);
  expect(showNumber("822025873478")).toBe("8220 2587 3478");
  expect(newCode()).not.toBe(code);
});

test("a derivation says how far it is, at most once for each percent", () => {
  const told: number[] = [];
  familyKeys(KEYS[0]!.code!, KEYS[0]!.relay!, (done) => told.push(done));
  expect(told.length).toBeGreaterThan(10);
  expect(told.length).toBeLessThanOrEqual(101);
  expect(told.at(-1)).toBeGreaterThanOrEqual(0.99);
  expect([...told].sort((one, other) => one - other)).toEqual(told);
});

test("the same code opens nothing at another relay, and not what another kind of code opens", () => {
  const { code, relay } = KEYS[0]!;
  const seeds = [staffCodeIdentity(code!, relay!), deskCodeIdentity(code!, relay!), familyKeys(code!, relay!)];
  expect(new Set(seeds.map(spell)).size).toBe(3);
});

test("a mistyped code, another relay id or a short root is refused", () => {
  expect(problemOf(() => familyKeys("1234", KEYS[0]!.relay!))).toBe("code_mistyped");
  expect(problemOf(() => familyKeys(KEYS[0]!.code!, "682F"))).toBe("not_canonical");
  expect(problemOf(() => staffKeys(new Uint8Array(31)))).toBe("keyring_malformed");
});

test("keys are named by relay and purpose", () => {
  expect(staffName("aa", "bb")).toBe("aa/staff/bb");
  expect(familyName("aa")).toBe("aa/family");
});
