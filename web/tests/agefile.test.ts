/** The age file format: C2SP's official vectors, round trips, and age-encryption as the other implementation. */

import { readdirSync, readFileSync } from "node:fs";
import { inflateSync } from "node:zlib";
import * as age from "age-encryption";
import { describe, expect, test } from "vitest";
import { decryptAge, encryptAge, identitiesOf, plaintextSize, type Unwrap } from "../src/core/agefile";
import { parseHeader } from "../src/core/ageheader";
import { decodeBech32, encodeBech32 } from "../src/core/bech32";
import { equal, randomBytes, sha256hex, utf8 } from "../src/core/bytes";
import { parseRecipient, recipientOf } from "../src/core/hybrid";
import { Problem } from "../src/core/problems";
import { passphraseIdentity, x25519Identity } from "./ageplugins";
import { problemOf } from "./vectors";

const VECTORS = new URL("../../tests/vectors/age/testdata/", import.meta.url);
const CHUNK = 64 * 1024;
const ANN = Uint8Array.from({ length: 32 }, (_, at) => at);
const BEN = new Uint8Array(32);
const CODES: Record<string, string> = {
  "no match": "wrong_key",
  "HMAC failure": "age_header_forged",
  "header failure": "age_header",
  "payload failure": "age_payload",
};

/** One file of the official collection: a few `key: value` lines, an empty one, and the age file. */
interface Vector {
  readonly name: string;
  readonly fields: Map<string, string>;
  readonly identities: Unwrap[];
  readonly file: Uint8Array;
}

function readVector(name: string): Vector {
  const data = readFileSync(new URL(name, VECTORS));
  const end = data.indexOf("\n\n");
  const lines = data.subarray(0, end).toString().split("\n");
  const pairs = lines.map((line): [string, string] => [line.split(": ")[0]!, line.split(": ").slice(1).join(": ")]);
  const body = data.subarray(end + 2);
  const fields = new Map(pairs);
  const identities = pairs.flatMap(([key, value]) => identityOf(key, value));
  return { name, fields, identities, file: fields.get("compressed") === "zlib" ? inflateSync(body) : body };
}

function identityOf(key: string, value: string): Unwrap[] {
  if (key === "passphrase") return [passphraseIdentity(value)];
  if (key !== "identity") return [];
  if (!value.startsWith("AGE-SECRET-KEY-PQ-1")) return [x25519Identity(value)];
  return identitiesOf(decodeBech32("age-secret-key-pq-", value.toLowerCase()));
}

// ASCII armor is no part of a sealed file, and nothing here reads it.
const vectors = readdirSync(VECTORS)
  .map(readVector)
  .filter(({ fields }) => !fields.has("armored"));

test("the official vectors are all here", () => {
  expect(vectors.length).toBe(110);
  expect(vectors.filter(({ name }) => name.startsWith("hybrid")).length).toBe(18);
});

test.each(vectors)("official vector $name", ({ fields, identities, file }) => {
  const outcome = fields.get("expect")!;
  if (outcome === "success") expect(sha256hex(decryptAge(file, identities))).toBe(fields.get("payload"));
  else expect(problemOf(() => decryptAge(file, identities))).toBe(CODES[outcome]);
});

describe("round trips", () => {
  const sizes = [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK];
  test.each(sizes)("%i bytes come back for each recipient, in a file as long as promised", (size) => {
    const plaintext = new Uint8Array(size).fill(7);
    const file = encryptAge(plaintext, [recipientOf(ANN), recipientOf(BEN)]);

    expect(equal(decryptAge(file, identitiesOf(ANN)), plaintext)).toBe(true);
    expect(equal(decryptAge(file, identitiesOf([randomBytes(32), BEN])), plaintext)).toBe(true);
    expect(plaintextSize(file.length - parseHeader(file).length)).toBe(size);
  });

  test("a payload has a size that no plaintext has", () => {
    expect([0, 16, 31, 32 + CHUNK + 1, 32 + CHUNK + 16].map(plaintextSize)).toEqual(Array(5).fill(undefined));
    expect(plaintextSize(32)).toBe(0);
  });

  test("damage to the payload, also at a chunk's edge, is refused", () => {
    const file = encryptAge(new Uint8Array(2 * CHUNK), [recipientOf(ANN)]);
    const begin = parseHeader(file).length;
    const flipped = Uint8Array.from(file);
    flipped[file.length - 1]! ^= 1;
    const longer = new Uint8Array(file.length + 1);
    longer.set(file);
    for (const broken of [file.subarray(0, -1), file.subarray(0, begin + 32 + CHUNK), flipped, longer]) {
      expect(problemOf(() => decryptAge(broken, identitiesOf(ANN)))).toBe("age_payload");
    }
  });

  test("a changed stanza breaks the header's MAC", () => {
    const note = { type: "example.org/note", args: ["seven"], body: new Uint8Array(0) };
    const file = encryptAge(utf8("text"), [recipientOf(ANN)], [note]);
    const at = Buffer.from(file).indexOf("seven");
    file[at + 4] = "m".charCodeAt(0);
    expect(problemOf(() => decryptAge(file, identitiesOf(ANN)))).toBe("age_header_forged");
  });
});

describe("recipients", () => {
  test("a classic recipient is refused: it would make the letter as weak as itself", () => {
    const classic = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p";
    expect(problemOf(() => parseRecipient(classic))).toBe("key_malformed");
    expect(problemOf(() => encryptAge(utf8("text"), [recipientOf(ANN), classic]))).toBe("key_malformed");
    expect(problemOf(() => encryptAge(utf8("text"), []))).toBe("recipients_differ");
  });

  test("a recipient in capitals, with a character changed, or too short is refused", () => {
    const recipient = recipientOf(ANN);
    const short = encodeBech32("age1pq", new Uint8Array(1215));
    for (const other of [
      recipient.toUpperCase(),
      recipient.replace(/.$/, "b"),
      recipient.replace(/.$/, "q"),
      short,
      "",
    ]) {
      if (other !== recipient) expect(problemOf(() => parseRecipient(other))).toBe("key_malformed");
    }
  });

  test("a key that ML-KEM-768 does not know, or a curve point of low order, is nobody's", () => {
    const unreduced = encodeBech32("age1pq", new Uint8Array(1216).fill(0xff));
    const lowOrder = parseRecipient(recipientOf(ANN)).slice().fill(0, 1184);
    for (const recipient of [unreduced, encodeBech32("age1pq", lowOrder)]) {
      expect(problemOf(() => encryptAge(utf8("text"), [recipient]))).toBe("key_malformed");
    }
  });

  test("a seed has 32 bytes", () => {
    expect(() => recipientOf(new Uint8Array(31))).toThrow(Problem);
  });
});

describe("age-encryption, the other implementation", () => {
  const identity = encodeBech32("age-secret-key-pq-", ANN).toUpperCase();

  test("it names the same recipient", async () => {
    expect(await age.identityToRecipient(identity)).toBe(recipientOf(ANN));
  });

  test("it opens what is sealed here", async () => {
    const decrypter = new age.Decrypter();
    decrypter.addIdentity(identity);
    const plaintext = randomBytes(1000);
    expect(await decrypter.decrypt(encryptAge(plaintext, [recipientOf(BEN), recipientOf(ANN)]))).toEqual(plaintext);
  });

  test("what it seals opens here", async () => {
    const encrypter = new age.Encrypter();
    encrypter.addRecipient(recipientOf(ANN));
    const file = await encrypter.encrypt(new Uint8Array(2 * CHUNK).fill(9));
    expect(equal(decryptAge(file, identitiesOf(ANN)), new Uint8Array(2 * CHUNK).fill(9))).toBe(true);
  });
});
