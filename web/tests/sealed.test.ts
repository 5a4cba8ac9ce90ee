/** Sealed files: the shared vectors, and what only a client does. */

import { describe, expect, test } from "vitest";
import { assembleAge } from "../src/core/agefile";
import { type Bytes, concat, equal, hex, sha256, unb64, unhex, utf8 } from "../src/core/bytes";
import { openDocument, sealDocument } from "../src/core/documents";
import { openEnclosure, sealEnclosure } from "../src/core/enclosures";
import { bind, openEnvelope } from "../src/core/envelope";
import { encodeFirstLine, type FirstLine, type SealedLine, splitFirstLine } from "../src/core/firstlines";
import { recipientOf, unwrapFileKey } from "../src/core/hybrid";
import { countCharacters, encodeManifest, excise, type Manifest } from "../src/core/manifests";
import { checkSealed, openLetter, partDigest, sealLetter } from "../src/core/sealed";
import { laterProblemOf, problemOf, readVectors } from "./vectors";

/** One file of the vectors; which keys stand beside it depends on what it is. */
interface Vector {
  readonly name: string;
  readonly file: string;
  readonly identities: string[];
  readonly first_line: string;
  readonly manifest: string;
  readonly content: string;
  readonly bytes: number;
  readonly signed_by: string | null;
  readonly claims: string;
  readonly authentic: boolean;
  readonly plaintext_bytes: number;
  readonly digest: string;
  readonly step: "check" | "open";
  readonly error: string;
}

const KEYS = readVectors("sealed/keys.json");
const WRAPPED: Record<string, [string, string]> = readVectors("sealed/wrapped.json");
const GOOD: Vector[] = readVectors("sealed/good.json");
const BAD: Vector[] = readVectors("sealed/bad.json");
const FOREIGN: Vector[] = readVectors("sealed/typescript.json");
const NAMES = Object.keys(KEYS.identities);

function seedOf(name: string): Bytes {
  return unhex(KEYS.identities[name].seed);
}

function vkeyOf(name: string): string {
  return KEYS.signers[name].public;
}

/** Open an enclosure as if a letter named it, whatever its own line says. */
function openAlone(file: Uint8Array, { part, line }: FirstLine, seed: Uint8Array, bytes: number): Promise<Uint8Array> {
  const { relay, item } = line as SealedLine;
  const digests = Array(part === "enclosure" ? line.part : 1).fill(partDigest(file));
  digests.fill("0".repeat(64), 0, -1);
  const letter = { relay, item, enclosures: digests } as unknown as SealedLine;
  return openEnclosure(file, letter, { name: "a.png", type: "image/png", bytes, seed: hex(seed) });
}

async function open(vector: Vector, file: Uint8Array): Promise<unknown> {
  const first = checkSealed(file);
  const seeds = vector.identities.map(seedOf);
  if (first.part === "enclosure") return openAlone(file, first, seeds[0]!, vector.bytes);
  return first.part === "document" ? openDocument(file, seeds) : openLetter(file, seeds);
}

test("the vectors are all here", () => {
  expect([GOOD.length, BAD.length, FOREIGN.length, NAMES.length]).toEqual([15, 57, 2, 5]);
});

test.each(NAMES)("the key %s: each seed has its recipient, and opens the file key that was wrapped to it", (name) => {
  const [share, body] = WRAPPED[name]!;
  expect(recipientOf(seedOf(name))).toBe(KEYS.identities[name].recipient);
  const stanza = { type: "mlkem768x25519", args: [share], body: unhex(body) };
  expect(hex(unwrapFileKey(seedOf(name), [stanza])!)).toBe(KEYS.file_key);
});

describe.each([...GOOD, ...FOREIGN])("good vector $name", (vector) => {
  const file = unb64(vector.file);

  test("it is checked without a key", () => {
    expect(new TextDecoder().decode(encodeFirstLine(checkSealed(file)))).toBe(vector.first_line);
    expect(partDigest(file)).toBe(vector.digest);
  });

  test.each(vector.identities)("%s opens it", async (name) => {
    const first = checkSealed(file);
    if (first.part === "enclosure") {
      const content = await openAlone(file, first, seedOf(name), vector.bytes);
      return expect(equal(content, unb64(vector.content))).toBe(true);
    }
    const opening = first.part === "document" ? openDocument : openLetter;
    const opened = await opening(file, seedOf(name), { vkey: vkeyOf(vector.claims) });
    const unvouched = await opening(file, seedOf(name));
    const expected = vector.signed_by === null ? "unsigned" : vector.authentic ? "authentic" : "forged";
    expect(opened.signature).toBe(expected);
    expect(unvouched.signature).toBe(vector.signed_by === null ? "unsigned" : "forged");
    if ("manifest" in opened)
      return expect(new TextDecoder().decode(encodeManifest(opened.manifest))).toBe(vector.manifest);
    const { text, base64 } = JSON.parse(vector.manifest);
    expect(equal(opened.content, text === undefined ? unb64(base64) : utf8(text))).toBe(true);
  });
});

describe("the vectors are made again, byte for byte", () => {
  const letters = GOOD.filter(
    ({ first_line, signed_by }) => first_line.startsWith("letter-relay/sealed/v1") && signed_by,
  );

  test.each(letters.filter(({ authentic }) => authentic))("$name", async (vector) => {
    const file = unb64(vector.file);
    const seed = seedOf(vector.identities[0]!);
    const { line, manifest } = await openLetter(file, seed);
    const signSeed = unhex(KEYS.signers[vector.signed_by!].seed);
    const recipients = line.to.map((_, at) => recipientOf(seedOf(vector.identities[at]!)));
    const plaintext = openEnvelope(await sealLetter({ line, manifest, signSeed, recipients }), seed);
    expect(plaintext.length).toBe(vector.plaintext_bytes);
    expect(equal(withStoredRandomness(utf8(vector.first_line), plaintext, vector.identities), file)).toBe(true);
  });

  function withStoredRandomness(line: Uint8Array, plaintext: Uint8Array, names: string[]): Bytes {
    const wrapped = names.map((name) => WRAPPED[name]!);
    const stanzas = wrapped.map(([share, body]) => ({ type: "mlkem768x25519", args: [share], body: unhex(body) }));
    const nonce = sha256(concat(line, plaintext)).subarray(0, 16);
    return concat(line, utf8("\n"), assembleAge(plaintext, unhex(KEYS.file_key), nonce, [...stanzas, bind(line)]));
  }
});

describe.each(BAD)("bad vector $name", (vector) => {
  const file = unb64(vector.file);

  test(`it fails at its step, by ${vector.error}`, async () => {
    const outcome = problemOf(() => checkSealed(file));
    expect(outcome).toBe(vector.step === "check" ? vector.error : "no problem");
    expect(await laterProblemOf(() => open(vector, file))).toBe(vector.error);
  });
});

const RELAY = "4b8d6f40f82e296c70261e762d69ce1e";
const ITEM = "35873e79d623a65d969e1afc3f62bd5c";
const DESK = "c8beec0616f17cf0676807c4d3bd64d7/1";
const REVIEW = recipientOf(seedOf("review"));
const SIGN_SEED = unhex(KEYS.signers.family.seed);
const LINE: SealedLine = {
  relay: RELAY,
  item: ITEM,
  kind: "letter",
  hop: "family>review",
  detainee: "123456789012",
  to: [DESK],
  dir: 3,
};
const MANIFEST: Manifest = { by: { family: vkeyOf("family") }, lang: "uk", text: "Любий 🌻" };
const PICTURE = Uint8Array.from({ length: 1028 }, (_, at) => at % 251);

describe("letters", () => {
  test("a letter with a picture comes back, signed, and its picture with it", async () => {
    const picture = {
      relay: RELAY,
      item: ITEM,
      part: 1,
      bytes: PICTURE,
      type: "image/png",
      name: "house.png",
    } as const;
    const sealed = await sealEnclosure(picture);
    const line = { ...LINE, enclosures: [sealed.digest] };
    const manifest = { ...MANIFEST, enclosures: [sealed.entry] };
    const file = await sealLetter({ line, manifest, signSeed: SIGN_SEED, recipients: [REVIEW] });

    const opened = await openLetter(file, seedOf("review"), { vkey: (by) => ("family" in by ? by.family : undefined) });
    expect(opened).toEqual({ line, manifest, signature: "authentic" });
    expect(await openEnclosure(sealed.file, opened.line, opened.manifest.enclosures![0]!)).toEqual(PICTURE);
  });

  test("a letter is sealed to exactly those whom its line names, and to no classic recipient", async () => {
    const letter = { line: LINE, manifest: MANIFEST, signSeed: SIGN_SEED };
    const classic = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p";
    expect(await laterProblemOf(() => sealLetter({ ...letter, recipients: [] }))).toBe("recipients_differ");
    expect(await laterProblemOf(() => sealLetter({ ...letter, recipients: [REVIEW, REVIEW] }))).toBe(
      "recipients_differ",
    );
    expect(await laterProblemOf(() => sealLetter({ ...letter, recipients: [classic] }))).toBe("key_malformed");
  });

  test("what a letter may not hold is refused before it is sealed", async () => {
    const refuse = (line: Partial<SealedLine>, manifest: Partial<Manifest>) =>
      laterProblemOf(() =>
        sealLetter({
          line: { ...LINE, ...line },
          manifest: { ...MANIFEST, ...manifest },
          signSeed: SIGN_SEED,
          recipients: [REVIEW],
        }),
      );
    expect(await refuse({ detainee: "1234" }, {})).toBe("sealed_line");
    expect(await refuse({ re: "new" }, {})).toBe("sealed_line");
    expect(await refuse({ to: [DESK, DESK] }, {})).toBe("sealed_line");
    expect(await refuse({ enclosures: ["0".repeat(64)] }, {})).toBe("manifest");
    expect(await refuse({}, { text: "half a pair \ud83c" })).toBe("manifest");
    expect(await refuse({}, { text: "\u0007" })).toBe("manifest");
    expect(await refuse({}, { address: "" })).toBe("manifest");
    expect(await refuse({}, { lang: "Ukrainian" })).toBe("manifest");
    expect(await refuse({}, { excised: [{ start: 0, end: 1, reason: "MIL" }] })).toBe("manifest");
  });

  test("8,000 characters are 8,000 code points, however many units they take", async () => {
    const letter = { line: LINE, signSeed: SIGN_SEED, recipients: [REVIEW] };
    const full = { ...MANIFEST, text: "🌻".repeat(8_000) };
    expect(countCharacters(full.text)).toBe(8_000);
    expect((await openLetter(await sealLetter({ ...letter, manifest: full }), seedOf("review"))).manifest).toEqual(
      full,
    );
    const longer = { ...MANIFEST, text: `${full.text}.` };
    expect(await laterProblemOf(() => sealLetter({ ...letter, manifest: longer }))).toBe("text_too_long");
  });

  test("one byte changed at the end shows nothing of the letter", async () => {
    const file = await sealLetter({ line: LINE, manifest: MANIFEST, signSeed: SIGN_SEED, recipients: [REVIEW] });
    file[file.length - 1]! ^= 1;
    expect(await laterProblemOf(() => openLetter(file, seedOf("review")))).toBe("age_payload");
  });

  test("a letter of one item does not pass under the line of another", async () => {
    const file = await sealLetter({ line: LINE, manifest: MANIFEST, signSeed: SIGN_SEED, recipients: [REVIEW] });
    const moved = encodeFirstLine({ part: "letter", line: { ...LINE, detainee: "210987654321" } });
    expect(problemOf(() => checkSealed(concat(moved, file.subarray(splitFirstLine(file).length))))).toBe("wrong_bind");
  });
});

describe("excisions", () => {
  test("a block stands in the place of each code point", () => {
    expect(excise("🌻🌻 Bachmut", [{ start: 3, end: 10, reason: "MIL" }])).toBe("🌻🌻 ███████");
    expect(excise("🌻a", [{ start: 0, end: 1, reason: "MIL" }])).toBe("█a");
  });

  test("ranges that overlap, are out of order or reach beyond the text are refused", () => {
    const ranges = [
      [
        [0, 2],
        [1, 3],
      ],
      [
        [2, 3],
        [0, 1],
      ],
      [[0, 9]],
      [[1, 1]],
    ] as const;
    for (const cuts of ranges) {
      const excisions = cuts.map(([start, end]) => ({ start, end, reason: "MIL" }));
      expect(problemOf(() => excise("text", excisions))).toBe("manifest");
    }
  });
});

describe("enclosures", () => {
  const picture = { relay: RELAY, item: ITEM, part: 1, bytes: PICTURE, type: "image/png", name: "house.png" } as const;

  test("an enclosure of another letter, item or part, or left out, does not open", async () => {
    const { file, digest, entry } = await sealEnclosure(picture);
    const none = "0".repeat(64);
    const refuse = (line: Partial<SealedLine>, changed = {}) =>
      laterProblemOf(() => openEnclosure(file, { ...LINE, enclosures: [digest], ...line }, { ...entry, ...changed }));
    expect(await refuse({ enclosures: [none] })).toBe("enclosure_malformed");
    expect(await refuse({ enclosures: [none, digest] })).toBe("enclosure_malformed");
    expect(await refuse({ item: RELAY })).toBe("enclosure_malformed");
    expect(await refuse({}, { bytes: PICTURE.length - 1 })).toBe("enclosure_malformed");
    expect(await refuse({}, { seed: null })).toBe("enclosure_excised");
    expect(await refuse({}, { seed: none })).toBe("wrong_key");
    expect(await refuse({})).toBe("no problem");
  });

  test("an empty one, and one of more than 4 MiB, are refused", async () => {
    for (const size of [0, 4 * 1024 * 1024 + 1]) {
      const large = { ...picture, bytes: new Uint8Array(size) };
      expect(await laterProblemOf(() => sealEnclosure(large))).toBe("too_large");
    }
  });
});

describe("documents", () => {
  const line = { relay: RELAY, kind: "note", id: ITEM, item: ITEM, to: ["family"], dir: 3, version: 1 } as const;
  const author = { staff: RELAY };
  const recipients = [recipientOf(seedOf("family"))];

  test.each([
    ["text", utf8("\ufeffПишіть коротше.")],
    ["bytes that are no text", Uint8Array.of(0xff, 0, 1)],
  ])("%s come back", async (_, content) => {
    const file = await sealDocument({ line, content, author, signSeed: SIGN_SEED, recipients });
    const opened = await openDocument(file, seedOf("family"), { vkey: vkeyOf("family") });
    expect(opened).toEqual({ line, author, content, signature: "authentic" });
  });

  test("a document is no letter, nor a letter a document", async () => {
    const file = await sealDocument({ line, content: utf8("text"), author, signSeed: SIGN_SEED, recipients });
    expect(await laterProblemOf(() => openLetter(file, seedOf("family")))).toBe("sealed_kind");
    const letter = unb64(GOOD[0]!.file);
    expect(await laterProblemOf(() => openDocument(letter, seedOf("review")))).toBe("sealed_kind");
  });

  test("more than 4 MiB are refused", async () => {
    const content = new Uint8Array(4 * 1024 * 1024 + 1);
    const document = { line, content, author, signSeed: SIGN_SEED, recipients };
    expect(await laterProblemOf(() => sealDocument(document))).toBe("too_large");
  });
});
