/** An audit of chosen files, of a relay over HTTP, and in a Worker. */

import { readFileSync } from "node:fs";
import { afterEach, describe, expect, test, vi } from "vitest";
import { RelayApi } from "../src/core/api";
import { FilesReader, HttpReader, linesOf } from "../src/core/audit/readers";
import { type AuditRequest, type FromWorker, runAudit } from "../src/core/audit/run";
import { type Progress, verify } from "../src/core/audit/verify";
import { type Bytes, concat, fromUtf8, unb64, utf8 } from "../src/core/bytes";

const VECTORS = new URL("../../tests/vectors/audit/busy.json", import.meta.url);
const BUSY = JSON.parse(readFileSync(VECTORS, "utf8"));
const { fingerprint, at, report } = BUSY;
const FILES = new Map(Object.entries<string>(BUSY.files).map(([path, data]) => [path, unb64(data)]));
const CHOSEN = [...FILES].map(([path, data]) => [path, new Blob([data])] as const);

/** The relay of the busy log; some of its answers may differ. */
function relay(changed: Record<string, Bytes | number> = {}): { fetcher: typeof fetch; asked: string[] } {
  const asked: string[] = [];
  const fetcher = async (input: unknown, init?: RequestInit) => {
    const { pathname, searchParams } = new URL(String(input));
    asked.push(pathname);
    const path = pathname.replace(/^\/log\/1\/|^\//, "");
    const answer = changed[path] ?? answerOf(path, searchParams);
    const needsBearer = !pathname.startsWith("/log/");
    const hasBearer = new Headers(init?.headers).get("Authorization") === "Bearer token";
    if (needsBearer !== hasBearer) return new Response("", { status: 401 });
    return answer === undefined || typeof answer === "number"
      ? new Response("", { status: answer ?? 404 })
      : new Response(answer as BodyInit);
  };
  return { fetcher: fetcher as typeof fetch, asked };
}

function answerOf(path: string, query: URLSearchParams): Uint8Array | undefined {
  if (path !== "audit/openings") return FILES.get(path);
  const [start, limit] = [Number(query.get("start")), Number(query.get("limit"))];
  const lines = fromUtf8(FILES.get("openings.jsonl")!).split(/(?<=\n)/);
  const isWanted = (line: string) => JSON.parse(line).index >= start && JSON.parse(line).index < start + limit;
  return utf8(lines.filter(isWanted).join(""));
}

function httpReader({ fetcher }: { fetcher: typeof fetch }): HttpReader {
  return new HttpReader(new RelayApi("https://relay.example", () => "token", fetcher, { attempts: 1 }), "1");
}

afterEach(() => {
  vi.unstubAllGlobals();
  vi.resetModules();
});

describe("chosen files", () => {
  test("are audited as they lie in their folder", async () => {
    expect((await verify(new FilesReader(CHOSEN), { fingerprint, at })).report).toEqual(report);
  });

  test("are taken out of a folder, whatever it is called", async () => {
    const files = CHOSEN.map(
      ([path, blob]) => Object.assign(blob, { webkitRelativePath: `my bundle/${path}` }) as File,
    );
    expect([...(await FilesReader.ofFolder(files).names())].sort()).toEqual([...FILES.keys()].sort());
  });

  test("are broken evidence where there is one too many, or one too few", async () => {
    const more = [...CHOSEN, [".DS_Store", new Blob(["x"])] as const];
    await expect(verify(new FilesReader(more), { fingerprint })).rejects.toMatchObject({ step: "9.2" });
    await expect(verify(new FilesReader([]), { fingerprint })).rejects.toMatchObject({ step: "2.1" });
  });
});

describe("a relay", () => {
  test("is audited over HTTP, as an auditor who is signed in", async () => {
    const busy = relay();
    const verified = await verify(httpReader(busy), { fingerprint, at });
    expect(verified.report).toEqual(report);
    expect(verified.notRecomputed.map(({ step }) => step)).toContain("9.2");
    expect(new Set(busy.asked).size).toBe(busy.asked.length);
  });

  test("that has grown meanwhile serves full tiles, which begin with the partial ones", async () => {
    const width = [...FILES.keys()]
      .find((path) => path.startsWith("tile/0/"))!
      .split("/")
      .at(-1);
    const [entries, leaves] = [FILES.get(`tile/entries/000.p/${width}`)!, FILES.get(`tile/0/000.p/${width}`)!];
    const grown = relay({
      [`tile/entries/000.p/${width}`]: 404,
      [`tile/0/000.p/${width}`]: 404,
      "tile/entries/000": concat(entries, Uint8Array.of(0, 1, 0)),
      "tile/0/000": concat(leaves, new Uint8Array(32)),
    });
    expect((await verify(httpReader(grown), { fingerprint, at })).report).toEqual(report);
    const cut = relay({ [`tile/entries/000.p/${width}`]: 404, "tile/entries/000": entries.slice(0, -1) });
    await expect(verify(httpReader(cut), { fingerprint })).rejects.toMatchObject({ step: "4.1" });
  });

  test("that refuses, or cannot be reached, breaks no evidence", async () => {
    const refusing = verify(httpReader(relay({ "audit/openings": 403 })), { fingerprint });
    await expect(refusing).rejects.toMatchObject({ code: "http_403", step: undefined });
    const [document] = [...FILES.keys()].filter((path) => path.startsWith("documents/"));
    const failing = verify(httpReader(relay({ [document!]: 500 })), { fingerprint });
    await expect(failing).rejects.toMatchObject({ code: "http_500", step: undefined });
    const missing = verify(httpReader(relay({ [document!]: 404 })), { fingerprint });
    await expect(missing).rejects.toMatchObject({ step: "9.1" });
  });
});

describe("lines", () => {
  test("are put together from chunks, and the last needs no newline to be one", async () => {
    const found = [];
    for await (const line of linesOf([utf8("on"), utf8("e\n\ntw"), utf8("o\nrest")])) found.push(fromUtf8(line));
    expect(found).toEqual(["one\n", "\n", "two\n", "rest"]);
  });

  test("are cut where they are longer than any opening", async () => {
    const found = [];
    for await (const line of linesOf(Array.from({ length: 9 }, () => new Uint8Array(100_000)))) found.push(line.length);
    expect(found).toEqual([300_000]);
  });
});

describe("a worker", () => {
  /** Run worker.ts against a Worker that is none, and give it what it posts. */
  async function fakeWorker(): Promise<Worker & { readonly terminated: boolean }> {
    const inside = new EventTarget();
    const outside = new EventTarget();
    let terminated = false;
    const toPage = (data: FromWorker) =>
      outside.dispatchEvent(new MessageEvent("message", { data: structuredClone(data) }));
    vi.stubGlobal("self", Object.assign(inside, { postMessage: toPage }));
    await import("../src/core/audit/worker");
    return Object.assign(outside, {
      postMessage: (data: AuditRequest) => inside.dispatchEvent(new MessageEvent("message", { data })),
      terminate: () => {
        terminated = true;
      },
      get terminated() {
        return terminated;
      },
    }) as unknown as Worker & { readonly terminated: boolean };
  }

  test("tells how far it is, and what it has verified", async () => {
    const worker = await fakeWorker();
    const told: Progress[] = [];
    const source = { from: "files", files: CHOSEN } as const;
    const { result } = runAudit(worker, { source, fingerprint, at }, (progress) => told.push(progress));
    const found = await result;
    expect(found.type === "verified" && found.verified.report).toEqual(report);
    expect(told.map(({ phase }) => phase)).toContain("reading");
    expect(told.at(-1)!.done).toBe(told.at(-1)!.total);
  });

  test("tells what is broken, and where", async () => {
    const files = CHOSEN.filter(([path]) => path !== "checkpoint");
    const { result } = runAudit(await fakeWorker(), { source: { from: "files", files }, fingerprint });
    expect(await result).toMatchObject({ type: "broken", step: "2.1" });
  });

  test("tells that the relay could not be read", async () => {
    vi.stubGlobal("fetch", relay({ checkpoint: 403 }).fetcher);
    const source = { from: "relay", base: "https://relay.example", bearer: "token", generation: "1" } as const;
    const { result } = runAudit(await fakeWorker(), { source, fingerprint });
    expect(await result).toMatchObject({ type: "failed", code: "http_403" });
  });
});
