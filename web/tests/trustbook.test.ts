/** What a page takes from a relay as its trust and directory, and what it refuses once it has seen them. */

import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { RelayApi } from "../src/core/api";
import { b64, fromUtf8, unb64 } from "../src/core/bytes";
import { parseEntry } from "../src/core/entries";
import { chainOf } from "../src/core/events";
import { LogReader } from "../src/core/logreader";
import { Problem } from "../src/core/problems";
import { parseBundle } from "../src/core/tiles";
import { loadTrust, type Seen, verifyLog } from "../src/core/trustbook";

const FOLDER = new URL("../../tests/vectors/custody/", import.meta.url);
const KNOWN = JSON.parse(fromUtf8(read("known.json")));
const NOW = Date.parse("2026-11-28T00:00:00Z");
const OPENINGS = fromUtf8(read("bundle/openings.jsonl"))
  .trimEnd()
  .split("\n")
  .map((line) => JSON.parse(line));

type Files = Record<string, Uint8Array | object>;

/** The relay of the custody vectors, or one that differs from it in some paths. */
function relay(changed: Files = {}): RelayApi {
  const entries = parseBundle(read("bundle/tile/entries/000.p/4"), 4);
  const first = parseEntry(entries[1]!);
  if (first.kind !== "directory") throw new Error("entry 1 is the directory");
  const document = read("bundle/documents/359ae9370fc7b21083efdd652036059dc498d561a055e7956e2e6d823f1c8441");
  const files: Files = {
    "/trust": read("trust.note"),
    "/directory": { note: fromUtf8(first.note), document: fromUtf8(document) },
    "/suspensions": { suspensions: [] },
    "/log/1/checkpoint": read("bundle/checkpoint"),
    "/log/1/tile/entries/000.p/4": read("bundle/tile/entries/000.p/4"),
    "/log/1/tile/0/000.p/4": read("bundle/tile/0/000.p/4"),
    ...changed,
  };
  return new RelayApi("", undefined, async (path) => {
    const file = files[String(path)];
    if (file === undefined) return new Response("", { status: 404 });
    return file instanceof Uint8Array ? new Response(file as BodyInit) : Response.json(file);
  });
}

async function codeOf(run: Promise<unknown>): Promise<string | null> {
  try {
    await run;
    return null;
  } catch (error) {
    if (error instanceof Problem) return error.code;
    throw error;
  }
}

const now = () => NOW;

test("trust and directory are those under the fingerprint on paper", async () => {
  const { trust, directory, fingerprint, signers } = await loadTrust(relay(), KNOWN.fingerprint, { now });
  expect([trust.relay, fingerprint]).toEqual([KNOWN.relay, KNOWN.fingerprint]);
  expect(directory.intake().to).toBe(`${directory.intakeId}/1`);
  const [member] = directory.members;
  expect(signers.vkey(member!.id, ["reviewer"], 1)).toEqual(member!.key);
  expect(signers.vkey(member!.id, ["operator"], 1)).toBeUndefined();
  expect(await codeOf(loadTrust(relay(), "00".repeat(32), { now }))).toBe("fingerprint_differs");
});

test("without paper, the page's own fingerprint is given, to be compared", async () => {
  expect((await loadTrust(relay(), null, { now })).fingerprint).toBe(KNOWN.fingerprint);
});

test("an expired directory is refused, and one that is not signed", async () => {
  const later = () => Date.parse("2027-01-30T00:00:00Z");
  expect(await codeOf(loadTrust(relay(), null, { now: later }))).toBe("directory_expired");
  const { note } = (await relay().get("/directory")).json();
  const document = (await relay().get("/directory")).json().document.replace("north", "sorth");
  expect(await codeOf(loadTrust(relay({ "/directory": { note, document } }), null, { now }))).toBe("directory_altered");
  expect(await codeOf(loadTrust(relay({ "/directory": { note } }), null, { now }))).toBe("answer_malformed");
});

test("what was seen is not taken back", async () => {
  const { seen } = await loadTrust(relay(), KNOWN.fingerprint, { now });
  const kept: Seen = JSON.parse(JSON.stringify(seen));
  expect((await loadTrust(relay(), null, { seen: kept, now })).seen).toEqual(kept);
  expect(await codeOf(loadTrust(relay(), "00".repeat(32), { seen: kept, now }))).toBe("other_relay_seen");
});

test("the log begins with the trust, and events that were shown are found in it", async () => {
  const api = relay();
  const loaded = await loadTrust(api, KNOWN.fingerprint, { now });
  const log = new LogReader(api, loaded.trust);
  const { checkpoint, seen } = await verifyLog(log, loaded);
  expect([checkpoint.size, seen.checkpoint]).toEqual([4, b64(read("bundle/checkpoint"))]);
  const links = chainOf(JSON.parse(OPENINGS[0].event).item, OPENINGS);
  for (const link of links) expect(await log.prove(link, checkpoint, KNOWN.tag_key)).toBe(true);
  expect(await log.prove({ ...links[0]!, index: 9 }, checkpoint)).toBe(false);
  expect(await codeOf(log.prove({ ...links[0]!, index: 3 }, checkpoint))).toBe("status_not_logged");
  expect(await codeOf(log.prove(links[0]!, checkpoint, KNOWN.fingerprint))).toBe("status_not_logged");
});

test("a log that is not the one signed, or that shrank, is refused", async () => {
  const loaded = await loadTrust(relay(), KNOWN.fingerprint, { now });
  const entries = read("bundle/tile/entries/000.p/4");
  entries[40]! ^= 1;
  const tampered = relay({ "/log/1/tile/entries/000.p/4": entries });
  expect(await codeOf(verifyLog(new LogReader(tampered, loaded.trust), loaded))).toBe("inclusion_invalid");
  const other = { ...loaded, seen: { ...loaded.seen, checkpoint: b64(unb64(loaded.seen.trust)) } };
  expect(await codeOf(verifyLog(new LogReader(relay(), loaded.trust), other))).toBe("note_unsigned");
});

function read(name: string): Uint8Array {
  return new Uint8Array(readFileSync(new URL(name, FOLDER)));
}
