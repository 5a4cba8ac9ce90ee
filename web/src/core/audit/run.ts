/** Runs an audit in a Worker, tells how far it is, and gives what was found. */

import type { ChosenFile } from "./readers";
import type { Step } from "./steps";
import type { Auditing, Progress, Verified } from "./verify";

/** Where the evidence comes from: a bundle's files, by their paths below its folder, or the relay itself. */
export type AuditSource =
  | { readonly from: "files"; readonly files: readonly ChosenFile[] }
  | { readonly from: "relay"; readonly base: string; readonly bearer: string; readonly generation: string };

/** What is audited, and what the auditor brings. */
export type AuditRequest = Omit<Auditing, "onProgress"> & { readonly source: AuditSource };

/**
 * What came of it: nothing is broken; or a step failed, and which item it touches; or the evidence could not be read,
 * which says nothing about it.
 */
export type AuditResult =
  | { readonly type: "verified"; readonly verified: Verified }
  | { readonly type: "broken"; readonly step: Step; readonly item?: string | undefined; readonly message: string }
  | {
      readonly type: "failed";
      readonly code: string;
      readonly message: string;
      readonly cure?: string | undefined;
      readonly retryAfter?: number | undefined;
    };

/** What the Worker says. */
export type FromWorker = AuditResult | ({ readonly type: "progress" } & Progress);

/** An audit that runs; `stop` ends it, and it then never answers. */
export interface RunningAudit {
  readonly result: Promise<AuditResult>;
  readonly stop: () => void;
}

/**
 * Run an audit in a Worker of its own, which ends with it.
 *
 * `worker` runs worker.ts. Whoever calls makes it, as `new Worker(new URL("…/worker.ts", import.meta.url), { type:
 * "module" })`, since only the page knows by which Trusted Types policy it may.
 */
export function runAudit(
  worker: Worker,
  request: AuditRequest,
  onProgress: (progress: Progress) => void = () => {},
): RunningAudit {
  const stop = () => worker.terminate();
  const result = new Promise<AuditResult>((resolve) => {
    worker.addEventListener("message", ({ data }: MessageEvent<FromWorker>) => {
      if (data.type === "progress") onProgress(data);
      else resolve(data);
    });
    worker.addEventListener("error", (event) => {
      resolve({ type: "failed", code: "audit_failed", message: event.message || "the audit's worker did not start" });
    });
    worker.postMessage(request);
  });
  return { result: result.finally(stop), stop };
}
