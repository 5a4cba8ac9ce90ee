/** Whose signatures count, and whose word is taken for it that a key counts no more. */

import { ed25519 } from "@noble/curves/ed25519.js";
import { expect, test } from "vitest";
import { hex, sha256, sha256hex, utf8 } from "../src/core/bytes";
import { Directory, type Member, type Role, readSuspensions, Signers } from "../src/core/directory";
import { type Statement, signStatement } from "../src/core/statements";
import { ed25519Vkey } from "../src/core/vkeys";

const RELAY = sha256hex(utf8("relay")).slice(0, 32);
const AT = "2026-11-28T09:00:00Z";

function idOf(name: string): string {
  return sha256hex(utf8(name)).slice(0, 32);
}

function seedOf(name: string): Uint8Array {
  return sha256(utf8(`${name}'s key`));
}

function member(name: string, ...roles: Role[]): Member {
  const [id, key] = [idOf(name), Uint8Array.from(ed25519.getPublicKey(seedOf(name)))];
  const verifier = ed25519Vkey(`${RELAY}/staff/${id}`, key);
  const recipient_sha256 = sha256hex(utf8(`${name}'s recipient`));
  return { id, person: id, desks: [], roles, vkey: String(verifier), recipient_sha256, verifier, key };
}

const STAFF = [member("Opi", "operator"), member("Una", "operator"), member("Ann", "reviewer")];
const DIRECTORY = new Directory({ version: 3, intake: "", sides: [], desks: [], staff: STAFF });
const SIGNERS = new Signers(
  DIRECTORY,
  new Map([[idOf("Zoe"), { vkey: hex(seedOf("x")), roles: ["reviewer"], version: 2 }]]),
);

function suspension(of: string, by: string, seed = seedOf(by), more: Partial<Statement> = {}): Uint8Array {
  const fields = { staff: idOf(of), reason: "LOST_DEVICE" };
  const statement: Statement = {
    kind: "suspend",
    relay: RELAY,
    directory: 3,
    signedAt: AT,
    subjects: [],
    fields,
    ...more,
  };
  return signStatement(statement, `${statement.relay}/staff/${idOf(by)}`, seed);
}

function suspendedBy(...notes: Uint8Array[]): string[] {
  return [...readSuspensions(notes, SIGNERS, RELAY).keys()];
}

test("an operator's suspension counts, from the directory after it on, and for what came in since", () => {
  const suspended = readSuspensions([suspension("Ann", "Opi")], SIGNERS, RELAY);
  expect(suspended.get(idOf("Ann"))).toEqual({ staff: idOf("Ann"), version: 3, at: AT });
  const signers = new Signers(DIRECTORY, new Map(), suspended);
  expect(signers.vkey(idOf("Ann"), ["reviewer"], 4)).toBeUndefined();
  expect(signers.vkey(idOf("Ann"), ["reviewer"], 3)).toEqual(STAFF[2]!.key);
  expect(signers.isSuspended(idOf("Ann"), 3, "2026-11-28T09:00:01Z")).toBe(true);
  expect(signers.isSuspended(idOf("Ann"), 3, AT)).toBe(false);
});

test("nobody else's does: no reviewer's, no stranger's, no false signature, none for another relay", () => {
  expect(suspendedBy(suspension("Opi", "Ann"))).toEqual([]);
  expect(suspendedBy(suspension("Ann", "Nobody"))).toEqual([]);
  expect(suspendedBy(suspension("Ann", "Opi", seedOf("another")))).toEqual([]);
  expect(suspendedBy(suspension("Ann", "Opi", seedOf("Opi"), { relay: idOf("another relay") }))).toEqual([]);
  expect(suspendedBy(utf8("no note"))).toEqual([]);
});

test("an operator who was suspended suspends nobody any more", () => {
  expect(suspendedBy(suspension("Una", "Opi"), suspension("Ann", "Una"))).toEqual([idOf("Una")]);
});

test("who has left counts for what they sealed while they were there", () => {
  expect(SIGNERS.vkey(idOf("Zoe"), ["reviewer"], 2)).toEqual(seedOf("x"));
  expect(SIGNERS.vkey(idOf("Zoe"), ["reviewer"], 3)).toBeUndefined();
  expect(SIGNERS.vkey(idOf("Zoe"), ["officer"], 2)).toBeUndefined();
});
