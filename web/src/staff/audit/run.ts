/** One auditor's verification on this page: a Worker does it, the board watches. */

import type { AuditSource } from "../../core/audit/run";
import { Problem } from "../../core/problems";
import { Observable } from "../frame/context";
import type { StaffSession } from "../session";
import { now } from "../wire";
import { startWorker } from "../workers";
import { type Chain, layOut } from "./lanes";
import { AuditMemory } from "./memory";
import type { Ask, BrokenAt, Tell, Unbroken } from "./protocol";

export type Phase = "idle" | "fetching" | "checking" | "unbroken" | "broken" | "fault";

/** How far something has come. */
export interface Progress {
  readonly done: number;
  readonly total: number;
}

/** A verification. It tells its watchers of all progress. */
export class AuditRun extends Observable {
  phase: Phase = "idle";
  readonly memory: AuditMemory;
  /** What is fetched now, and how far. */
  fetched: { readonly what: "log" | "openings" | "documents" } & Progress = { what: "log", done: 0, total: 0 };
  /** How far the verification has come: the tree is read and recomputed first, then the log is walked through. */
  reading: Progress | undefined;
  walking: Progress | undefined;
  unbroken: Unbroken | undefined;
  broken: BrokenAt | undefined;
  fault: Problem | undefined;
  /** When it ended, UTC. */
  at = "";
  /** Whether something had been seen before, when it began. */
  startedWithSeen = false;
  /** The item whose chain is looked at. */
  chosen: string | undefined;
  #worker: Worker | undefined;
  readonly #waiting = new Map<string, (tell: Tell) => void>();

  constructor(readonly session: StaffSession) {
    super();
    this.memory = new AuditMemory(session.relay);
  }

  /** Whether it is under way. */
  get busy(): boolean {
    return this.phase === "fetching" || this.phase === "checking";
  }

  /** Whether there is evidence to be kept, whole or broken. */
  get hasEvidence(): boolean {
    return this.phase === "unbroken" || this.phase === "broken";
  }

  /** Fetch everything that the relay has published, and verify it. */
  startRelay(): void {
    const { wire, trust } = this.session;
    const generation = trust.origin.slice(trust.origin.lastIndexOf("/") + 1);
    this.#start({ from: "relay", base: wire.base, bearer: wire.bearer() ?? "", generation });
  }

  /** Verify a bundle that somebody chose: a folder as `log export --openings` writes it. */
  startFiles(files: Iterable<File>): void {
    const paths = [...files].map((file) => [file.webkitRelativePath.replace(/^[^/]*\//, ""), file] as const);
    this.#start({ from: "files", files: paths });
  }

  #start(source: AuditSource): void {
    this.stop();
    const { seen } = this.memory;
    this.startedWithSeen = seen !== undefined;
    this.fetched = { what: "log", done: 0, total: 0 };
    this.#enter("fetching");
    this.#worker = startWorker("audit");
    this.#worker.onmessage = ({ data }: MessageEvent<Tell>) => this.#hear(data);
    this.#worker.onerror = () => this.#fail(new Problem("no_worker"));
    this.#ask({
      ask: "verify",
      source,
      fingerprint: this.session.book.fingerprint,
      seen: seen?.note,
      at: now(),
    });
  }

  /** End whatever is under way, and let the evidence go. */
  stop(): void {
    this.#worker?.terminate();
    this.#worker = undefined;
    this.#waiting.clear();
    this.reading = undefined;
    this.walking = undefined;
    this.unbroken = undefined;
    this.broken = undefined;
    this.fault = undefined;
    this.chosen = undefined;
    this.#enter("idle");
  }

  /** Look at an item's chain. */
  choose(item: string): void {
    this.chosen = item;
    this.changed();
  }

  /** Lay out the chain of an item, from the evidence that was verified. */
  async chain(item: string): Promise<Chain> {
    const told = await this.#asked({ ask: "chain", item }, `chain ${item}`);
    return layOut(told.tell === "chain" ? told.links : []);
  }

  /** Pack the evidence, whole or broken, as `audit verify --bundle` takes it. */
  async bundle(folder: string): Promise<Blob> {
    const told = await this.#asked({ ask: "bundle", folder }, "bundle");
    if (told.tell !== "bundle") throw new Problem("no_evidence");
    return told.file;
  }

  /** Say, signed and in the log, up to where nothing was broken; gives the entry's index. */
  async sign(): Promise<number> {
    if (this.unbroken === undefined) throw new Problem("no_evidence");
    const { size, root } = this.unbroken;
    return this.session.office("audited", { size, root });
  }

  #hear(tell: Tell): void {
    if (tell.tell === "fetching") this.fetched = tell;
    else if (tell.tell === "checking") this.#check(tell.phase, tell);
    else if (tell.tell === "unbroken") this.#pass(tell.unbroken);
    else if (tell.tell === "broken") this.#break(tell.broken, tell.size);
    else if (tell.tell === "fault") this.#fail(new Problem(tell.fault.code, tell.fault.message, tell.fault));
    else this.#answer(tell.tell === "chain" ? `chain ${tell.item}` : "bundle", tell);
    this.changed();
  }

  #check(phase: "reading" | "walking", progress: Progress): void {
    this[phase] = progress;
    this.phase = "checking";
  }

  #answer(key: string, tell: Tell): void {
    this.#waiting.get(key)?.(tell);
    this.#waiting.delete(key);
  }

  #break(broken: BrokenAt, size: number): void {
    this.broken = broken;
    this.at = now();
    this.memory.keepEnded({ at: this.at, size, step: broken.step, item: broken.item });
    this.#enter("broken");
  }

  #pass(unbroken: Unbroken): void {
    this.unbroken = unbroken;
    this.at = now();
    this.memory.keepSeen({ size: unbroken.size, root: unbroken.root, at: this.at, note: unbroken.note });
    this.memory.keepEnded({ at: this.at, size: unbroken.size });
    this.#enter("unbroken");
  }

  #fail(fault: Problem): void {
    this.fault = fault;
    if (fault.status === 401) this.session.lock();
    this.#enter("fault");
  }

  #enter(phase: Phase): void {
    this.phase = phase;
    this.changed();
  }

  #ask(ask: Ask): void {
    this.#worker?.postMessage(ask);
  }

  #asked(ask: Ask, key: string): Promise<Tell> {
    if (this.#worker === undefined) return Promise.reject(new Problem("no_evidence"));
    return new Promise((resolve) => {
      this.#waiting.set(key, resolve);
      this.#ask(ask);
    });
  }
}
