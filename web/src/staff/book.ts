/**
 * The verified trust and directory of one relay, and what this browser remembers of them and of the log, so that nothing
 * goes back. What is remembered is for everybody who works here: a colleague's sign-in tells of a lie as well as one's own.
 * None of it is secret: signed notes, versions, and a digest over the register's pages.
 */

import { RelayApi } from "../core/api";
import { sha256hex, unb64, utf8 } from "../core/bytes";
import type { Directory } from "../core/directory";
import { LogReader } from "../core/logreader";
import { Problem } from "../core/problems";
import type { Signers } from "../core/suspensions";
import type { ParsedTrust } from "../core/trust";
import { type Loaded, loadTrust, verifyLog } from "../core/trustbook";
import { type Memory, NOTHING_SEEN, parseMemory, type SeenPages } from "./bookmemory";
import type { Wire } from "./wire";

type Store = Pick<Storage, "getItem" | "setItem">;

/** What the relay has signed of a log that is not as it should be: with both checkpoints, an auditor can prove it. */
export interface Dispute {
  /** The one that was seen here before, as it was signed; undefined if there was none. */
  readonly seen: Uint8Array | undefined;
  /** The one that the relay shows now, signed too. */
  readonly shown: Uint8Array;
}

/** Trust and directory of one relay, by its fingerprint; `refresh` brings them up to date. */
export class TrustBook {
  /** What to hand to auditors after `verifyLog` has failed. */
  dispute: Dispute | undefined;
  #memory: Memory = NOTHING_SEEN;
  #loaded: Loaded | undefined;
  #read: string | null = null;

  /** Throws Problem "memory_malformed" if what was remembered is damaged: to begin anew is what a liar would wish. */
  constructor(
    readonly fingerprint: string,
    readonly storage: Store | undefined = storageOf(),
  ) {
    this.#recall();
  }

  /** The trust in force; throws Problem "nothing_seen" before `refresh`. */
  get trust(): ParsedTrust {
    return this.#seen.trust;
  }

  /** The directory in force; throws as `trust`. */
  get directory(): Directory {
    return this.#seen.directory;
  }

  /** Whose signatures count; throws as `trust`. */
  get signers(): Signers {
    return this.#seen.signers;
  }

  /**
   * Fetch trust, directory and suspensions, and verify that they follow what was seen; versions of the directory that were
   * missed are followed through the log. Throws as `loadTrust`.
   */
  async refresh(wire: Wire): Promise<void> {
    this.dispute = undefined;
    this.#recall();
    const loaded = await loadTrust(apiOf(wire), this.fingerprint, { seen: this.#memory.seen });
    this.#loaded = loaded;
    this.#remember({ seen: loaded.seen });
  }

  /**
   * Verify that the log begins with this relay's trust and has only grown since it was seen here last; then remember its
   * checkpoint. Throws as core's `verifyLog`; then there is a `dispute`, if the relay has signed what it shows.
   */
  async verifyLog(wire: Wire): Promise<void> {
    const log = new KeepingReader(apiOf(wire), this.trust);
    try {
      this.#remember({ seen: (await verifyLog(log, this.#seen)).seen });
    } catch (fault) {
      const { checkpoint } = this.#seen.seen;
      const isRefused = fault instanceof Problem && fault.status === undefined && fault.code !== "unreachable";
      const seen = checkpoint === undefined ? undefined : unb64(checkpoint);
      if (isRefused && log.shown) this.dispute = { seen, shown: log.shown };
      throw fault;
    }
  }

  /** Whether some version of a sealed document was seen in this browser. */
  hasSeen(id: string): boolean {
    return id in this.#memory.documents;
  }

  /** Remember a document's version; throws Problem "document_rolled_back" if a newer one was seen. */
  checkDocument(id: string, version: number): void {
    this.#recall();
    const known = this.#memory.documents[id] ?? 0;
    if (version < known) throw new Problem("document_rolled_back");
    if (version > known) this.#remember({ documents: { ...this.#memory.documents, [id]: version } });
  }

  /**
   * Remember which pages of the register a review desk has, by their digests in the order of the log, and require that
   * those seen before are their beginning; throws Problem "register_cut".
   *
   * A version alone would not do: a relay could leave out the page that says where somebody was taken, keep a later one
   * about somebody else, and have letters sealed to a place that has no business with them any more.
   */
  checkRegister(desk: string, pages: readonly string[]): void {
    this.#recall();
    const [count, digest]: SeenPages = this.#memory.register[desk] ?? [0, overPages([])];
    if (pages.length < count || overPages(pages.slice(0, count)) !== digest) throw new Problem("register_cut");
    const seen: SeenPages = [pages.length, overPages(pages)];
    if (pages.length > count) this.#remember({ register: { ...this.#memory.register, [desk]: seen } });
  }

  get #seen(): Loaded {
    if (this.#loaded === undefined) throw new Problem("nothing_seen");
    return this.#loaded;
  }

  /** Take what another tab has remembered meanwhile, or writing would take it back. */
  #recall(): void {
    const kept = readText(this.storage, keyOf(this.fingerprint));
    if (kept === null || kept === this.#read) return;
    this.#memory = parseMemory(kept, this.fingerprint);
    this.#read = kept;
  }

  #remember(change: Partial<Memory>): void {
    this.#memory = { ...this.#memory, ...change };
    if (this.#loaded !== undefined && change.seen !== undefined) {
      this.#loaded = { ...this.#loaded, seen: change.seen };
    }
    const text = JSON.stringify(this.#memory);
    try {
      this.storage?.setItem(keyOf(this.fingerprint), text);
      this.#read = text;
    } catch {
      // A browser that keeps nothing notices less: it sees each time for the first.
    }
  }
}

/** Reads the log, and keeps the checkpoint that was shown if the log has signed it. */
class KeepingReader extends LogReader {
  shown: Uint8Array | undefined;

  override verified(note: Uint8Array) {
    const checkpoint = super.verified(note);
    this.shown ??= note;
    return checkpoint;
  }
}

/** Name a list of pages by one digest. */
function overPages(pages: readonly string[]): string {
  return sha256hex(utf8(pages.join("")));
}

function apiOf(wire: Wire): RelayApi {
  return new RelayApi(wire.base, undefined, wire.ask);
}

function keyOf(fingerprint: string): string {
  return `letter-relay/staff/seen/${fingerprint}`;
}

function readText(storage: Store | undefined, key: string): string | null {
  try {
    return storage?.getItem(key) ?? null;
  } catch {
    return null;
  }
}

function storageOf(): Storage | undefined {
  try {
    return globalThis.localStorage;
  } catch {
    return undefined;
  }
}
