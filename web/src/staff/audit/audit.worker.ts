/** Fetches the evidence and verifies it, away from the page. It keeps the bytes that it verified, to show and to export. */

import { RelayApi } from "../../core/api";
import type { EvidenceReader } from "../../core/audit/bundle";
import { isEventOpening, parseOpening } from "../../core/audit/bundle";
import { FilesReader, HttpReader } from "../../core/audit/readers";
import type { AuditSource } from "../../core/audit/run";
import { Broken } from "../../core/audit/steps";
import { verify } from "../../core/audit/verify";
import { utf8 } from "../../core/bytes";
import { type CustodyEvent, parseDetail, parseEvent } from "../../core/events";
import { Problem } from "../../core/problems";
import { type Evidence, gather, sizeOf } from "./evidence";
import type { Link } from "./lanes";
import type { Ask, Fault, ItemLine, Tell } from "./protocol";
import { tar } from "./tar";

type Verifying = Extract<Ask, { ask: "verify" }>;

/** What may be told at most this often: more, and the page would draw nothing else. */
const TELL_EVERY_MS = 60;

let evidence: Evidence | undefined;
let told = 0;

self.onmessage = ({ data }: MessageEvent<Ask>) => {
  if (data.ask === "verify") void run(data);
  else if (data.ask === "chain") tell({ tell: "chain", item: data.item, links: chainOf(data.item) });
  else tell({ tell: "bundle", file: packed(data.folder) });
};

async function run(asked: Verifying): Promise<void> {
  const { source, fingerprint, seen, at } = asked;
  try {
    evidence = await gather(readerOf(source), (what, done, total) => {
      tellNowAndThen({ tell: "fetching", what, done, total }, done === total);
    });
    const onProgress = ({ phase, done, total }: { phase: "reading" | "walking"; done: number; total: number }) =>
      tellNowAndThen({ tell: "checking", phase, done, total }, done === 0 || done === total);
    const { origin, size, root, note, report, recomputed, notRecomputed } = await verify(evidence, {
      fingerprint,
      seen,
      at,
      onProgress,
    });
    const items = itemsOf();
    tell({
      tell: "unbroken",
      unbroken: { origin, size, root, note: utf8(note), report, items, recomputed, notRecomputed },
    });
  } catch (fault) {
    if (fault instanceof Broken)
      tell({
        tell: "broken",
        broken: { step: fault.step, item: fault.item, found: fault.message },
        size: sizeOf((await evidence?.checkpoint()) ?? null),
      });
    else tell({ tell: "fault", fault: faultOf(fault) });
  }
}

function readerOf(source: AuditSource): EvidenceReader {
  if (source.from === "files") return new FilesReader(source.files);
  return new HttpReader(new RelayApi(source.base, () => source.bearer), source.generation);
}

/** The opened events, in the order of the log. Before a verification has passed, they are only what was served. */
function* opened(): Generator<Link & { readonly parsed: CustodyEvent }> {
  for (const line of evidence?.lines ?? []) {
    const opening = parseOpening(line);
    if (!isEventOpening(opening)) continue;
    const { index, event, detail } = opening;
    yield { index, event, detail, parsed: parseEvent(event) };
  }
}

function chainOf(item: string): Link[] {
  return [...opened()]
    .filter(({ parsed }) => parsed.item === item)
    .map(({ index, event, detail }) => ({ index, event, detail }));
}

function itemsOf(): ItemLine[] {
  const items = new Map<string, ItemLine>();
  for (const { parsed, detail } of opened()) {
    const { at, kind } = parseDetail(detail);
    const first = items.get(parsed.item);
    items.set(parsed.item, {
      item: parsed.item,
      kind: first?.kind ?? String(kind),
      event: parsed.event,
      at: String(at),
    });
  }
  return [...items.values()].sort((one, other) => (one.at < other.at ? 1 : -1));
}

function packed(folder: string): Blob {
  return new Blob([...tar(folder, evidence?.files() ?? [], Date.now() / 1000)], { type: "application/x-tar" });
}

function faultOf(fault: unknown): Fault {
  if (fault instanceof Problem) {
    const { code, message, cure, status } = fault;
    return { code, message, cure, status };
  }
  return { code: "internal_page", message: "internal_page", cure: undefined, status: undefined };
}

function tellNowAndThen(one: Tell, always: boolean): void {
  if (!always && Date.now() - told < TELL_EVERY_MS) return;
  told = Date.now();
  tell(one);
}

function tell(one: Tell): void {
  self.postMessage(one);
}
