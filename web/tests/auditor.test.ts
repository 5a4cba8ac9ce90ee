/** The auditor's board: evidence gathered whole, kept as a tar that others read, chains laid out, reports as a sheet. */

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { FilesReader } from "../src/core/audit/readers";
import { STEPS } from "../src/core/audit/steps";
import { verify } from "../src/core/audit/verify";
import { type Bytes, concat, unb64, utf8 } from "../src/core/bytes";
import { parseDetail, parseEvent } from "../src/core/events";
import { chaptersOf, type Standing } from "../src/staff/audit/chapters";
import { gather } from "../src/staff/audit/evidence";
import { type Link, layOut } from "../src/staff/audit/lanes";
import { AuditMemory } from "../src/staff/audit/memory";
import { sheetOf } from "../src/staff/audit/sheet";
import { tar } from "../src/staff/audit/tar";

const BUSY = JSON.parse(readFileSync(new URL("../../tests/vectors/audit/busy.json", import.meta.url), "utf8"));
const { fingerprint, at, report } = BUSY;
const FILES = new Map(Object.entries<string>(BUSY.files).map(([path, data]) => [path, unb64(data)]));
const READ_TAR = `
import hashlib, json, sys, tarfile
with tarfile.open(sys.argv[1]) as archive:
    print(json.dumps({m.name: [m.mode, m.mtime, hashlib.sha256(archive.extractfile(m).read()).hexdigest()] for m in archive}))
`;

function reader(changed: Record<string, Bytes> = {}): FilesReader {
  const files = new Map([...FILES, ...Object.entries(changed)]);
  return new FilesReader([...files].map(([path, data]) => [path, new Blob([data])] as const));
}

function gathered(changed: Record<string, Bytes> = {}) {
  return gather(reader(changed), () => undefined);
}

function pythonReads(archive: Iterable<Bytes>): Record<string, [number, number, string]> {
  const path = join(mkdtempSync(join(tmpdir(), "evidence-")), "evidence.tar");
  writeFileSync(path, concat(...archive));
  return JSON.parse(execFileSync("python3", ["-c", READ_TAR, path], { encoding: "utf8" }));
}

async function sha256(data: Uint8Array): Promise<string> {
  return Buffer.from(await crypto.subtle.digest("SHA-256", data as Bytes)).toString("hex");
}

test("what was gathered verifies as the files themselves do", async () => {
  const verified = await verify(await gathered(), { fingerprint, at });

  expect(verified.report).toEqual(report);
});

test("what was gathered is every file that an audit needs, byte for byte", async () => {
  const kept = new Map((await gathered()).files());

  const needed = [...FILES.keys()].filter((path) => !path.startsWith("documents/"));
  expect(needed.length).toBeGreaterThan(3);
  for (const path of needed) expect(kept.get(path), path).toEqual(FILES.get(path));
});

test("damaged evidence is gathered too, and then broken", async () => {
  const openings = FILES.get("openings.jsonl")!.slice();
  openings[openings.length >> 1]! ^= 1;

  const evidence = await gathered({ "openings.jsonl": openings as Bytes });

  expect(new Map(evidence.files()).get("openings.jsonl")).toEqual(openings);
  await expect(verify(evidence, { fingerprint, at })).rejects.toThrow();
});

test("Python's tarfile reads every file of a bundle that was kept", async () => {
  const files = [...(await gathered()).files()];

  const found = pythonReads(tar("evidence", files, 1_795_887_339.9));

  expect(Object.keys(found).sort()).toEqual(files.map(([path]) => `evidence/${path}`).sort());
  for (const [path, data] of files) {
    expect(found[`evidence/${path}`]).toEqual([0o600, 1_795_887_339, await sha256(data)]);
  }
});

test("a tar takes files of every length, the empty and the exact block too", async () => {
  const lengths = [0, 1, 511, 512, 513, 5_000];
  const files = lengths.map((length) => [`f${length}`, new Uint8Array(length).fill(length)] as const);

  const found = pythonReads(tar("x", files, 0));

  for (const [name, data] of files) expect(found[`x/${name}`]?.[2]).toBe(await sha256(data));
});

test("a name that a tar cannot hold is refused, not shortened", () => {
  const long = [["a".repeat(101), utf8("x")]] as const;

  expect(() => [...tar("x", long, 0)]).toThrow(RangeError);
});

function linksOf(pick: (links: Link[]) => boolean): Link[] {
  const chains = new Map<string, Link[]>();
  for (const line of new TextDecoder().decode(FILES.get("openings.jsonl")).split("\n").filter(Boolean)) {
    const { index, event, detail } = JSON.parse(line);
    if (event === undefined) continue;
    const { item } = parseEvent(event);
    chains.set(item, [...(chains.get(item) ?? []), { index, event, detail }]);
  }
  return [...chains.values()].find(pick)!;
}

const has = (name: string) => (links: Link[]) => links.some(({ event }) => parseEvent(event).event === name);

test("a chain stands in lanes, in the order in which letters travel", () => {
  const chain = layOut(linksOf(has("delivered")));

  expect(chain.points[0]).toMatchObject({ event: "accepted", seq: 0, waited: 0 });
  expect(chain.lanes.indexOf("mediator")).toBeLessThan(chain.lanes.indexOf("facility"));
  expect(chain.unaccepted).toBe(false);
});

test("what lies in a bag stays with whoever packed it, and is marked as accepted by nobody", () => {
  const whole = linksOf(has("bagged"));
  const upTo = whole.findIndex(({ event }) => parseEvent(event).event === "bagged") + 1;

  const chain = layOut(whole.slice(0, upTo));

  expect(chain.unaccepted).toBe(true);
  expect(chain.points.at(-1)).toMatchObject({ from: "mediator", holder: "mediator" });
});

test("a silence of a day is a gap, and a second less is none", () => {
  const [first, second] = linksOf((links) => links.length > 1) as [Link, Link];
  const start = Date.parse(String(parseDetail(first.detail).at));
  const after = (seconds: number): Link => {
    const later = `${new Date(start + seconds * 1000).toISOString().slice(0, 19)}Z`;
    return { ...second, detail: second.detail.replace(/"at":"[^"]*"/, `"at":"${later}"`) };
  };

  expect(layOut([first, after(86_400)]).points[1]).toMatchObject({ gap: true, waited: 86_400 });
  expect(layOut([first, after(86_399)]).points[1]!.gap).toBe(false);
});

const UNDER_WAY: Standing = { phase: "checking", reading: undefined, walking: undefined, step: undefined, seen: true };
const half = { done: 5, total: 10 };
const states = (standing: Partial<Standing>) =>
  Object.fromEntries(chaptersOf({ ...UNDER_WAY, ...standing }).map(({ number, state }) => [number, state]));

test("while the tree is read, nothing else is said to hold", () => {
  expect(states({ reading: half })).toEqual({
    ...{ 1: "waiting", 2: "waiting", 3: "waiting", 4: "now" },
    ...{ 5: "waiting", 6: "waiting", 7: "waiting", 8: "waiting", 9: "waiting" },
  });
});

test("what was walked beside the step that failed is not finished, and what came before the walk holds", () => {
  expect(states({ phase: "broken", walking: half, step: "6.4" })).toEqual({
    ...{ 1: "holds", 2: "holds", 3: "holds", 4: "holds" },
    ...{ 5: "unreached", 6: "failed", 7: "unreached", 8: "unreached", 9: "unreached" },
  });
});

test("a false signature on the checkpoint leaves the tree unjudged", () => {
  expect(states({ phase: "broken", reading: half, step: "2.2" })).toMatchObject({
    ...{ 1: "holds", 2: "failed", 3: "unreached", 4: "unreached", 5: "unreached" },
  });
});

test("consistency is never said to hold where nothing was seen before", () => {
  expect(states({ phase: "unbroken", seen: false })[3]).toBe("skipped");
  expect(states({ phase: "unbroken", seen: true })[3]).toBe("holds");
});

test("what passed is remembered by relay, and rubbish is as nothing", () => {
  const kept = new Map<string, string>();
  const store = {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, text: string) => void kept.set(key, text),
  };
  const memory = new AuditMemory("ab".repeat(16), store);
  const note = FILES.get("checkpoint")!;
  memory.keepSeen({ size: 1, root: "", at, note });
  memory.keepEnded({ at, size: 7, step: "6.4" });

  expect(memory.seen).toMatchObject({ at, note });
  expect(memory.seen!.size).toBeGreaterThan(1);
  expect(memory.ended).toEqual({ at, size: 7, step: "6.4" });
  expect(new AuditMemory("cd".repeat(16), store).seen).toBeUndefined();
  for (const key of kept.keys()) kept.set(key, "{");
  expect(memory.seen).toBeUndefined();
});

test("the sheet has five cells in each line, and no formula", () => {
  const about = { origin: "=relay,example", size: 3, root: "ab", at };

  const lines = sheetOf(report, about).split("\r\n");

  expect(lines[1]).toBe(`log,"'=relay,example",size,3,entries`);
  expect(lines.at(-1)).toBe("");
  for (const line of lines.slice(2, -1)) expect(line.replace(/"[^"]*"/g, "").split(",").length).toBe(5);
  expect(lines).toContain(`states,delivered,,${report.states.delivered},count`);
});

test.each(["uk", "ru", "en"])("every step has its sentence in %s", (lang) => {
  const words = JSON.parse(readFileSync(new URL(`../locales/staff-audit.${lang}.json`, import.meta.url), "utf8"));
  const steps = Object.keys(STEPS).filter((step) => !step.startsWith("11."));

  expect(steps.filter((step) => !words[`audit.step.${step}`])).toEqual([]);
});
