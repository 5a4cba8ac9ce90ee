/** What the Worker holds: the relay's verified trust and directory, one code, and the keys derived from it. */

import { RelayApi } from "../../core/api";
import { type FamilyKeys, familyKeys, newCode, parseCode } from "../../core/codes";
import { Problem } from "../../core/problems";
import { type Loaded, loadTrust, type Seen } from "../../core/trustbook";
import { keep, kept } from "../keeping";
import { solveWork } from "./work";

const SEEN = "seen";
/** A challenge lasts 20 minutes; one solved longer ago than this is solved anew. */
const WORK_LASTS_MS = 15 * 60_000;

/** The one holder of a Worker. */
export class Holder {
  readonly api = new RelayApi("");
  #loaded: Loaded | null = null;
  #code: string | null = null;
  #isFresh = false;
  #keys: FamilyKeys | null = null;
  #work: { payload: string; at: number } | null = null;

  /** Fetch and verify trust and directory, which must follow what this device has seen before, if it shall remember. */
  async begin(remembers: boolean): Promise<Loaded> {
    const seen = remembers ? (await kept<Seen>(SEEN))?.value : undefined;
    const loaded = await loadTrust(this.api, null, { seen });
    this.#loaded = loaded;
    // A device that keeps nothing is no reason not to write.
    if (remembers) await keep(SEEN, loaded.seen).catch(() => undefined);
    return loaded;
  }

  /** What was verified; fetched now if it was not yet. */
  async loaded(): Promise<Loaded> {
    return this.#loaded ?? this.begin(false);
  }

  /** Make a code, unless there is one under which no letter was accepted yet. */
  makeCode(): void {
    if (!this.#isFresh) this.#take(newCode(), true);
    // Deriving takes long: the better to have it done while somebody writes.
    if (this.#loaded) this.#keysFor(this.#loaded);
  }

  /** Take a code that was typed, or that waits beside its letter; throws Problem "code_mistyped". */
  useCode(code: string): void {
    this.#take(parseCode(code), false);
  }

  /** The code; throws Problem if there is none. */
  get code(): string {
    if (this.#code === null) throw new Problem("code_mistyped", "no code was given");
    return this.#code;
  }

  /** The letter was accepted: the next one without a typed code gets another. */
  spend(): void {
    this.#isFresh = false;
    this.#work = null;
  }

  /** The keys of the code, derived at first use. */
  async keys(): Promise<FamilyKeys> {
    return this.#keysFor(await this.loaded());
  }

  #keysFor({ trust }: Loaded): FamilyKeys {
    this.#keys ??= familyKeys(this.code, trust.relay);
    return this.#keys;
  }

  /** A solved proof of work, perhaps of some minutes ago; empty if the relay wants none. */
  async work(): Promise<string> {
    if (!this.#work || Date.now() - this.#work.at > WORK_LASTS_MS) {
      this.#work = { payload: await solveWork(this.api), at: Date.now() };
    }
    return this.#work.payload;
  }

  /** Throw a proof away that the relay did not take. */
  dropWork(): void {
    this.#work = null;
  }

  #take(code: string, isFresh: boolean): void {
    this.#code = code;
    this.#isFresh = isFresh;
    this.#keys = null;
  }
}
