/** The audit in a Worker: it takes minutes for a large log, and the page goes on meanwhile. Started by run.ts. */

import { RelayApi } from "../api";
import { Problem } from "../problems";
import type { EvidenceReader } from "./bundle";
import { FilesReader, HttpReader } from "./readers";
import type { AuditRequest, AuditResult, AuditSource, FromWorker } from "./run";
import { Broken } from "./steps";
import { type Progress, verify } from "./verify";

self.addEventListener("message", (message: MessageEvent<AuditRequest>) => {
  answer(message.data).then(post, (error) => post({ type: "failed", code: "audit_failed", message: String(error) }));
});

async function answer({ source, ...auditing }: AuditRequest): Promise<AuditResult> {
  try {
    const onProgress = (progress: Progress) => post({ type: "progress", ...progress });
    return { type: "verified", verified: await verify(readerOf(source), { ...auditing, onProgress }) };
  } catch (error) {
    if (error instanceof Broken) return { type: "broken", step: error.step, item: error.item, message: error.message };
    if (!(error instanceof Problem)) throw error;
    const { code, message, cure, retryAfter } = error;
    return { type: "failed", code, message, cure, retryAfter };
  }
}

function readerOf(source: AuditSource): EvidenceReader {
  if (source.from === "files") return new FilesReader(source.files);
  return new HttpReader(new RelayApi(source.base, () => source.bearer), source.generation);
}

function post(message: FromWorker): void {
  self.postMessage(message);
}
