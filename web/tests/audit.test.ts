/** The browser's audit against Python's: the same report, the same step and the same item for every lie and every flip. */

import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { EvidenceReader } from "../src/core/audit/bundle";
import * as lifecycle from "../src/core/audit/lifecycle";
import { Broken, STEPS } from "../src/core/audit/steps";
import { type Auditing, type Progress, type Verified, verify } from "../src/core/audit/verify";
import { concat, fromUtf8, unb64 } from "../src/core/bytes";
import { wordOf } from "../src/core/events";
import { Problem } from "../src/core/problems";
import { type TileId, tilePath } from "../src/core/tiles";

// biome-ignore lint/suspicious/noExplicitAny: vectors are read as they are
type Vector = any;
type Files = ReadonlyMap<string, Uint8Array>;

const FOLDER = new URL("../../tests/vectors/", import.meta.url);
const BUNDLE =
  "checkpoint openings.jsonl tile/0/000.p/4 tile/entries/000.p/4 " +
  "documents/359ae9370fc7b21083efdd652036059dc498d561a055e7956e2e6d823f1c8441 " +
  "documents/e13a5be36a8837fc2f9d67c655d5f82b79b8419947d9c94ae320d4ad2fbddbe6";

function load(name: string): Vector {
  return JSON.parse(readFileSync(new URL(name, FOLDER), "utf8"));
}

/** Evidence as a table of files, which may be listed or not. */
function evidence(files: Files, listed = true): EvidenceReader {
  const read = async (name: string) => files.get(name) ?? null;
  return {
    checkpoint: () => read("checkpoint"),
    tile: (tile: TileId) => read(tilePath(tile)),
    openings: () => linesOf(files.get("openings.jsonl") ?? new Uint8Array()),
    document: (digest: string) => read(`documents/${digest}`),
    names: async () => (listed ? files.keys() : null),
  };
}

async function* linesOf(data: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < data.length; ) {
    const end = data.indexOf(0x0a, start) + 1 || data.length;
    yield data.subarray(start, end);
    start = end;
  }
}

/** Return the step that evidence breaks and the item that is named, or what was verified. */
async function audit(files: Files, auditing: Auditing): Promise<Verified | { step: string; item: string | null }> {
  try {
    return await verify(evidence(files), auditing);
  } catch (error) {
    if (error instanceof Broken) return { step: error.step, item: error.item ?? null };
    throw error;
  }
}

async function flipped(files: Files, fingerprint: string, { file, at, mask, ...found }: Vector): Promise<void> {
  const data = files.get(file)!.slice();
  data[at]! ^= mask;
  const outcome = await audit(new Map([...files, [file, data]]), { fingerprint });
  expect({ file, at, ...outcome }).toEqual({ file, at, ...found });
}

describe("tables", () => {
  const python = load("audit/lifecycle.json");

  test("moves, rules and words are Python's", () => {
    const moves = Object.entries(lifecycle.MOVES).flatMap(([before, actions]) =>
      Object.entries(actions).map(([action, after]) => [before === "-" ? null : before, action, after]),
    );
    const ordered = (all: unknown[]) => all.map((one) => JSON.stringify(one)).sort();
    expect(ordered(moves)).toEqual(ordered(python.moves));
    expect(lifecycle.RULES).toEqual(python.rules);
    expect(lifecycle.FAMILY_WORDS).toEqual(python.words);
    expect([...lifecycle.BY_FAMILY].sort()).toEqual(python.by_family);
    expect([...lifecycle.BY_RELAY].sort()).toEqual(python.by_relay);
    expect([lifecycle.KINDS, lifecycle.CUSTODIANS]).toEqual([python.kinds, python.custodians]);
  });

  test("a family is told of each event the word of the state that it leads to", () => {
    for (const [, action, after] of python.moves) {
      expect([action, wordOf(python.rules[action].event)]).toEqual([action, python.words[after]]);
    }
    expect(wordOf("toString")).toBeUndefined();
  });

  test("steps are those of docs/spec/audit.md", () => {
    expect(STEPS).toEqual(python.steps);
  });
});

describe("a busy log", () => {
  const { fingerprint, files: encoded, report, chain, item, at, flips } = load("audit/busy.json");
  const files: Files = new Map(Object.entries<string>(encoded).map(([path, data]) => [path, unb64(data)]));

  test("is reported as Python reports it, and says what was recomputed", async () => {
    const steps: Progress[] = [];
    const onProgress = (progress: Progress) => void steps.push(progress);
    const verified = await verify(evidence(files), { fingerprint, at, item, onProgress });
    expect(verified.report).toEqual(report);
    expect(verified.chain).toEqual(chain);
    expect(steps.at(-1)).toEqual({ phase: "walking", done: verified.size, total: verified.size });
    const open = verified.notRecomputed.map(({ step, why }) => `${step} ${why}`);
    expect(open).toEqual([
      "3.1 nothing-seen-before",
      "3.2 nothing-seen-before",
      "3.3 nothing-seen-before",
      "11.1 no-receipt",
      "11.2 no-receipt",
    ]);
    expect(verified.recomputed.length + open.length).toBe(Object.keys(STEPS).length);
  });

  test("says that nobody looked for other files where they cannot be listed", async () => {
    const { notRecomputed } = await verify(evidence(files, false), { fingerprint });
    const unlisted = notRecomputed.filter(({ why }) => why === "files-not-listed").map(({ step }) => step);
    expect(unlisted).toEqual(["4.5", "9.2"]);
  });

  test("is kept, and seen again", async () => {
    const { note } = await verify(evidence(files), { fingerprint });
    const { recomputed } = await verify(evidence(files), { fingerprint, seen: files.get("checkpoint")! });
    expect([fromUtf8(files.get("checkpoint")!), recomputed.includes("3.3")]).toEqual([note, true]);
  });

  test("does not break where the relay cannot be reached", async () => {
    const document = async () => {
      throw new Problem("unreachable");
    };
    const run = verify({ ...evidence(files), document }, { fingerprint });
    await expect(run).rejects.toMatchObject({ code: "unreachable", step: undefined });
  });

  test("breaks where Python's audit finds each flipped byte", { timeout: 60_000 }, async () => {
    expect(flips.length).toBeGreaterThan(100);
    for (const flip of flips) await flipped(files, fingerprint, JSON.parse(flip));
  });
});

describe("lies", () => {
  const { fingerprint, lies, lines } = load("audit/lies.json");
  const bytes = (names: string) => concat(...(names === "" ? [] : names.split(" ")).map((name) => unb64(lines[name])));

  test("there is one for each step", () => {
    const told = new Set(lies.flatMap(({ step }: Vector) => step ?? []));
    expect([...told].sort()).toEqual(Object.keys(STEPS).sort());
  });

  test.each<[string, Vector]>(lies.map((lie: Vector) => [`${lie.step} ${lie.why}`, lie]))("%s", async (_, lie) => {
    const files = new Map(Object.entries<string>(lie.files).map(([path, names]) => [path, bytes(names)]));
    const seen = lie.seen && bytes(lie.seen);
    const receipt = lie.receipt && fromUtf8(bytes(lie.receipt));
    const outcome = await audit(files, { fingerprint, seen, receipt });
    if (lie.step === null) expect(outcome).toMatchObject({ size: expect.any(Number) });
    else expect(outcome).toEqual({ step: lie.step, item: lie.item });
  });
});

describe("every ninth byte of the custody vectors, flipped", () => {
  const { fingerprint } = load("custody/known.json");
  const read = (path: string) => new Uint8Array(readFileSync(new URL(`custody/bundle/${path}`, FOLDER)));
  const files: Files = new Map(BUNDLE.split(" ").map((path) => [path, read(path)]));
  const flips: Vector[] = load("custody/flips.json");

  test.each([...files.keys()])("%s", { timeout: 60_000 }, async (path) => {
    const here = flips.filter(({ file }) => file === path);
    expect(here.length).toBeGreaterThan(10);
    for (const flip of here) await flipped(files, fingerprint, flip);
  });
});
