/** Spellings of bytes and JSON: one for each value, the one that Python has. */

import { expect, test } from "vitest";
import {
  b64,
  concat,
  equal,
  fromUtf8,
  hex,
  hmac,
  randomBytes,
  sha256hex,
  u64be,
  unb64,
  unhex,
  utf8,
} from "../src/core/bytes";
import { encodeJson, parseJson } from "../src/core/canonical";
import { paddedTextSize, padme } from "../src/core/padding";
import { ensure, Problem } from "../src/core/problems";
import { problemOf } from "./vectors";

test("bytes of every size come back from hex and base64", () => {
  for (const size of [0, 1, 2, 3, 31, 70_000]) {
    const bytes = concat(...Array.from({ length: Math.ceil(size / 10_000) }, () => randomBytes(10_000))).slice(0, size);
    expect(equal(unhex(hex(bytes)), bytes)).toBe(true);
    expect(equal(unb64(b64(bytes)), bytes)).toBe(true);
    expect(b64(bytes)).toBe(Buffer.from(bytes).toString("base64"));
  }
});

test.each(["0", "0G", "AB", " ab", "ab\n"])("%j is no hex", (text) => {
  expect(problemOf(() => unhex(text))).toBe("not_canonical");
});

test.each(["YQ", "YR==", "YQ==\n", " YQ==", "Y Q==", "YQ=", "_-8=", "YQ==YQ=="])("%j is no base64", (text) => {
  expect(problemOf(() => unb64(text))).toBe("not_canonical");
});

test("a byte order mark is a character, and half a pair or a stray byte is no UTF-8", () => {
  expect(fromUtf8(utf8("\ufeffтекст"))).toBe("\ufeffтекст");
  for (const bytes of [[0xff], [0xed, 0xa0, 0x80], [0xc0, 0x80]]) {
    expect(problemOf(() => fromUtf8(Uint8Array.from(bytes)))).toBe("not_canonical");
  }
});

test("hashes and counts are those of everybody", () => {
  expect(sha256hex(utf8("abc"))).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  expect(hex(hmac(utf8("Jefe"), utf8("what do ya want for nothing?")))).toBe(
    "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
  );
  expect(hex(u64be(258))).toBe("0000000000000102");
  expect(hex(u64be(2n ** 64n - 1n))).toBe("f".repeat(16));
  expect(equal(utf8("a"), utf8("b")) || equal(utf8("a"), utf8("ab"))).toBe(false);
});

test.each(['{"a":1}', '{"b":"\\n\u2028\u007f/","a":[true,null,{}]}', "{}", '{"a":"🌻"}', '{"__proto__":1}'])(
  "%s is written the one way",
  (text) => {
    expect(encodeJson(parseJson(text, "test"))).toBe(text);
  },
);

test.each([
  ["a space", '{"a": 1}'],
  ["a key twice", '{"a":1,"a":1}'],
  ["a fraction", '{"a":1.5}'],
  ["a point", '{"a":1.0}'],
  ["an exponent", '{"a":1e2}'],
  ["minus zero", '{"a":-0}'],
  ["more than 2^53", '{"a":9007199254740993}'],
  ["infinity", '{"a":1e999}'],
  ["an escape that need not be", '{"a":"\\u0041"}'],
  ["half a pair", '{"a":"\\ud83c"}'],
  ["half a pair as a key", '{"\\udf3b":1}'],
  ["a list", "[1]"],
  ["null", "null"],
  ["a line feed", '{"a":1}\n'],
  ["nothing", ""],
  ["a very deep one", `{"a":${"[".repeat(200_000)}${"]".repeat(200_000)}}`],
])("JSON with %s is refused", (_, text) => {
  expect(problemOf(() => parseJson(text, "test"))).toBe("not_canonical");
});

test("what has no JSON of its own is not written", () => {
  for (const value of [undefined, { a: "\ud83c" }, { a: 1.5 }, { a: Number.NaN }, [2 ** 53]]) {
    expect(problemOf(() => encodeJson(value))).toBe("not_canonical");
  }
  expect(encodeJson({ a: 1, b: undefined })).toBe('{"a":1}');
});

test("Padmé has the sizes of the specification", () => {
  const sizes = [0, 1, 2, 9, 100, 1_000, 100_000, 4 * 1024 * 1024];
  expect(sizes.map(padme)).toEqual([0, 1, 2, 10, 104, 1_024, 100_352, 4 * 1024 * 1024]);
  expect([0, 4_096, 4_097, 65_536, 65_537].map(paddedTextSize)).toEqual([4_096, 4_096, 16_384, 65_536, 67_584]);
});

test("a problem has its code for a message unless there are better words, and what the relay said of it", () => {
  const problem = new Problem("busy", undefined, { status: 503, retryAfter: 4 });
  expect([problem.message, problem.status, problem.retryAfter, problem.step]).toEqual(["busy", 503, 4, undefined]);
  expect(problemOf(() => ensure(false, "evidence_broken"))).toBe("evidence_broken");
  expect(problemOf(() => ensure(true, "evidence_broken"))).toBe("no problem");
});
