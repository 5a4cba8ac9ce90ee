/**
 * Decisions on their way: each waits a few seconds in which it can be taken back, then is sealed, signed and sent, one
 * after the other. A signed statement is kept until the relay has answered, because the same bytes may be sent twice.
 */

import { Problem } from "../../core/problems";
import { Observable } from "../frame/context";
import { codeOf } from "../frame/faults";
import type { Signed } from "../session";
import type { Contact } from "./contacts";
import type { Deed } from "./counters";
import type { Letter, ReviewDesk } from "./desk";

/** A decision that can be signed. */
export interface Decision {
  readonly item: string;
  /** What it counts as, and `decision.<deed>` in the locale files. */
  readonly deed: Deed;
  /** Seal what has to be sealed, upload it, and sign. */
  readonly prepare: (letter: Letter) => Promise<{ signed: Signed; contact?: Contact | undefined }>;
}

/** Where a decision stands: it can be taken back; it is being sent; the relay cannot be reached. */
export type Going = "waiting" | "sending" | "unsent";

interface Entry {
  readonly decision: Decision;
  going: Going;
  /** Milliseconds since 1970 at which it goes. */
  readonly due: number;
  signed?: Awaited<ReturnType<Decision["prepare"]>>;
}

/** How long a decision can be taken back; a signature cannot. */
export const GRACE_MS = 5_000;
const RETRY_MS = 8_000;

/** The decisions of one desk. */
export class Outbox extends Observable {
  entries: readonly Entry[] = [];
  /** Called when the relay refuses a decision; the letter is on the desk again, with all that was written. */
  onRefused: (fault: unknown) => void = () => undefined;
  /** Called when a decision has to wait for the relay. */
  onUnsent: () => void = () => undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #running = false;
  /** Whether it was said that something waits, since the last that went out. */
  #told = false;

  constructor(
    readonly desk: ReviewDesk,
    readonly graceMs = GRACE_MS,
  ) {
    super();
  }

  /** Whether anything would be lost if the page closed now: what has not been sent would simply not be decided. */
  get isEmpty(): boolean {
    return this.entries.length === 0;
  }

  /** Decide; the letter leaves the desk at once, and the statement a few seconds later. */
  put(decision: Decision): void {
    this.entries = [...this.entries, { decision, going: "waiting", due: Date.now() + this.graceMs }];
    this.desk.update(decision.item, { standing: "leaving", fault: undefined });
    this.changed();
    this.#schedule();
  }

  /** Take back the last decision that has not been signed yet; gives its item. */
  undo(): string | undefined {
    const last = [...this.entries].reverse().find((entry) => entry.going === "waiting");
    if (last === undefined) return undefined;
    this.#drop(last);
    const isOpen = this.desk.find(last.decision.item)?.opened !== undefined;
    this.desk.update(last.decision.item, { standing: isOpen ? "open" : "unreadable" });
    return last.decision.item;
  }

  /** Send everything now. */
  async flush(): Promise<void> {
    await this.#run(Number.POSITIVE_INFINITY);
  }

  /** Send what is due, after the session was opened again. */
  async flushDue(): Promise<void> {
    await this.#run(Date.now());
  }

  #schedule(delay?: number): void {
    clearTimeout(this.#timer);
    const next = Math.min(...this.entries.map((entry) => entry.due));
    if (!Number.isFinite(next)) return;
    this.#timer = setTimeout(() => this.#run(Date.now()), delay ?? Math.max(0, next - Date.now()));
  }

  async #run(until: number): Promise<void> {
    if (this.#running) return;
    this.#running = true;
    try {
      for (;;) {
        const next = this.entries.find((entry) => entry.due <= Math.max(until, Date.now()));
        if (next === undefined || !(await this.#send(next))) break;
      }
    } finally {
      this.#running = false;
      // What was released or matched waits in some line again.
      if (this.isEmpty && !this.desk.session.locked) void this.desk.refreshLines();
      const isStuck = this.entries.some((entry) => entry.going === "unsent");
      this.#schedule(isStuck ? RETRY_MS : undefined);
    }
  }

  /** Send one; false if the others have to wait too, because the relay cannot be reached or the session is over. */
  async #send(entry: Entry): Promise<boolean> {
    const letter = this.desk.find(entry.decision.item);
    if (letter === undefined) {
      this.#drop(entry);
      return true;
    }
    entry.going = "sending";
    this.changed();
    try {
      entry.signed ??= await entry.decision.prepare(letter);
      await this.desk.session.send(entry.signed.signed);
      this.#done(entry);
      return true;
    } catch (fault) {
      return this.#failed(entry, fault);
    }
  }

  #done(entry: Entry): void {
    this.#told = false;
    const contact = entry.signed?.contact;
    if (contact !== undefined) this.desk.keepContact(contact);
    this.desk.counters.add(entry.decision.deed);
    this.#drop(entry);
    this.desk.remove(entry.decision.item);
  }

  #failed(entry: Entry, fault: unknown): boolean {
    if (mayPass(fault) || this.desk.session.locked) {
      entry.going = "unsent";
      this.changed();
      if (!this.#told && !this.desk.session.locked) this.onUnsent();
      this.#told = true;
      return false;
    }
    this.#drop(entry);
    const standing =
      codeOf(fault) === "claim_lost" ? "lost" : this.desk.find(entry.decision.item)?.opened ? "open" : "unreadable";
    this.desk.update(entry.decision.item, { standing, fault });
    this.onRefused(fault);
    return true;
  }

  #drop(entry: Entry): void {
    this.entries = this.entries.filter((one) => one !== entry);
    this.changed();
  }
}

/** Whether trying again later may help: no network, or a relay that asks to wait. */
function mayPass(fault: unknown): boolean {
  if (!(fault instanceof Problem)) return false;
  return fault.code === "unreachable" || fault.status === 429 || (fault.status ?? 0) >= 500;
}
