/** The shared vectors of notes, trust, directory and statements, each by its expected outcome. */

import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { fromUtf8, hex, unhex, utf8 } from "../src/core/bytes";
import { verifyCosignature } from "../src/core/cosignatures";
import { verifyDirectory } from "../src/core/directory";
import { encodeNote, parseNote, signNote, verifyNote } from "../src/core/notes";
import { Problem } from "../src/core/problems";
import { encodeStatement, FIELDS, parseStatement, signStatement, verifyStatement } from "../src/core/statements";
import { encodeTrust, fingerprintOf, parseTrust, verifyTrust } from "../src/core/trust";
import { Vkey } from "../src/core/vkeys";

// biome-ignore lint/suspicious/noExplicitAny: vectors are read as they are
type Vector = any;

const FOLDER = new URL("../../tests/vectors/", import.meta.url);

function load(name: string): Vector {
  return JSON.parse(readFileSync(new URL(name, FOLDER), "utf8"));
}

function vectors(name: string, least: number): [string, Vector][] {
  const listed = load(name).vectors;
  expect(listed.length).toBeGreaterThanOrEqual(least);
  return listed.map((vector: Vector) => [vector.name, vector]);
}

/** Return what is thrown as its code, or null. */
function outcome(run: () => unknown): string | null {
  try {
    run();
    return null;
  } catch (error) {
    if (error instanceof Problem) return error.code;
    throw error;
  }
}

describe("notes", () => {
  test.each([...vectors("notes/public.json", 4), ...vectors("notes/notes.json", 39)])("%s", (_, vector) => {
    const data = vector.note === undefined ? unhex(vector.note_hex) : utf8(vector.note);
    const vkeys = vector.vkeys.map(Vkey.parse);
    if (vector.error) return expect(outcome(() => verifyNote(data, vkeys, verifyCosignature))).toBe(vector.error);
    const verified = verifyNote(data, vkeys, verifyCosignature);
    expect([verified.text, verified.by.map(String)]).toEqual([vector.text, vector.by]);
    expect(encodeNote(parseNote(data))).toEqual(data);
  });

  test.each(vectors("notes/signing.json", 4))("signing: %s", (_, vector) => {
    const signers = vector.signers.map(({ name, seed }: Vector) => ({ name, seed: unhex(seed) }));
    expect(fromUtf8(signNote(vector.text, signers))).toBe(vector.note);
  });

  test.each(vectors("notes/vkeys.json", 15))("vkey: %s", (_, vector) => {
    if (vector.error) return expect(outcome(() => Vkey.parse(vector.vkey))).toBe(vector.error);
    const vkey = Vkey.parse(vector.vkey);
    const { key_name, key_id, algorithm } = vector;
    expect([vkey.name, hex(vkey.keyId), vkey.algorithm]).toEqual([key_name, key_id, algorithm]);
    expect([hex(vkey.publicKey), String(vkey)]).toEqual([vector.public, vector.vkey]);
  });

  test("without a verifier for them, lines of cosigners are ignored like a stranger's", () => {
    const [, vector] = vectors("notes/public.json", 4).find(([, one]) => one.vkeys.some(isCosigner))!;
    const cosigners = vector.vkeys.map(Vkey.parse).filter((vkey: Vkey) => vkey.algorithm !== 1);
    expect(outcome(() => verifyNote(utf8(vector.note), cosigners))).toBe("note_unsigned");
  });
});

describe("statements", () => {
  test.each(vectors("statements/statements.json", 100))("%s", (_, vector) => {
    const vkey = Vkey.parse(vector.vkey);
    if (vector.error) return expect(outcome(() => verifyStatement(utf8(vector.note), vkey))).toBe(vector.error);
    const statement = verifyStatement(utf8(vector.note), vkey);
    expect(statement).toEqual(parseStatement(vector.text));
    expect(encodeStatement(statement)).toBe(vector.text);
    expect(fromUtf8(signStatement(statement, vkey.name, unhex(vector.seed)))).toBe(vector.note);
  });

  test("every kind has a vector, and there are no others", () => {
    const texts = vectors("statements/statements.json", 100).flatMap(([, { text }]) => (text ? [text] : []));
    const kinds = new Set(texts.map((text: string) => text.slice(0, text.indexOf("\n")).split(" ")[1]));
    expect([...kinds].sort()).toEqual(Object.keys(FIELDS).sort());
  });
});

describe("trust", () => {
  test.each(vectors("directory/trust.json", 30))("%s", (_, vector) => {
    const { relay, fingerprint, seen_version: seenVersion } = vector;
    const verify = () => verifyTrust(utf8(vector.note), fingerprint, { relay, seenVersion });
    if (vector.error) return expect(outcome(verify)).toBe(vector.error);
    const trust = verify();
    expect(encodeTrust(trust)).toBe(parseNote(utf8(vector.note)).text);
    expect(fingerprintOf(relay, unhex(vector.root_public))).toBe(fingerprint);
    expect(trust.fingerprint).toBe(fingerprint);
  });
});

describe("directory", () => {
  const shared = load("directory/directory.json");
  const trust = parseTrust(shared.trust);

  test.each(vectors("directory/directory.json", 60))("%s", (_, vector) => {
    const [from, to] = vector.replace ?? ["", ""];
    const document = utf8(shared.documents[vector.document].replace(from, () => to));
    const previous = vector.previous === undefined ? undefined : utf8(vector.previous);
    const verify = () => verifyDirectory(utf8(vector.note), document, trust, { at: vector.at, previous });
    if (vector.error) return expect(outcome(verify)).toBe(vector.error);
    const directory = verify();
    const { intake } = JSON.parse(fromUtf8(document));
    expect(directory.intake().desk.id).toBe(intake);
    expect(directory.recipient(directory.intake().to)).toBe(directory.intake().recipient);
  });
});

function isCosigner(vkey: string): boolean {
  return Vkey.parse(vkey).algorithm !== 1;
}
