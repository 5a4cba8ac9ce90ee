/**
 * What the page may ask of its Worker, and how. The Worker alone derives keys from a code, seals, opens and verifies; the
 * page sees texts and words, never a key.
 */

import { Fault } from "./fault";

/** What a family's letter is made of, ready to be sealed. */
export interface Sheet {
  /** Twelve digits, or `unknown`. */
  readonly to: string;
  readonly text: string;
  readonly lang: string;
  readonly address: string | null;
  readonly pictures: readonly { bytes: Uint8Array<ArrayBuffer>; type: string; name: string }[];
}

/** What a verified receipt says. */
export interface Proven {
  readonly item: string;
  /** Where the letter's entry stands in the log, from 0. */
  readonly index: number;
  /** The day in UTC, `YYYY-MM-DD`. */
  readonly day: string;
  /** The receipt file itself, a C2SP tlog-proof. */
  readonly receipt: string;
}

/** A letter that was accepted; the code with which to come back. */
export interface Accepted extends Proven {
  readonly code: string;
}

/** One station of an item: the event's name, and its day. */
export interface Station {
  readonly event: string;
  readonly day: string;
}

/** One item of a mailbox, as its events prove it. */
export interface Entry {
  readonly item: string;
  readonly kind: "letter" | "reply" | "parcel";
  readonly word: string;
  readonly day: string;
  readonly stations: readonly Station[];
  /** A note from the reviewers waits to be opened. */
  readonly note: boolean;
  /** A reply whose sealed bytes are still there. */
  readonly readable: boolean;
}

/** Who wrote a reply, as far as its signature says. */
export type Authenticity = "known" | "unsigned" | "forged" | "suspended" | "stranger";

/** A reply, opened. */
export interface Reply {
  readonly text: string;
  readonly lang: string;
  readonly authenticity: Authenticity;
  readonly pictures: readonly { bytes: Uint8Array<ArrayBuffer>; type: string }[];
  /** How many pictures a reviewer left out. */
  readonly leftOut: number;
  readonly note: string | null;
}

/** A sealed letter that waits on this device. */
export interface Waiting {
  readonly item: string;
  readonly day: string;
}

/** Every question, with what it takes and what it gives. */
export interface Asks {
  /**
   * Fetch and verify trust and directory, which must follow what this device has seen if it `remembers`; give the
   * fingerprint and the moment at which the directory ends.
   */
  begin: { takes: { remembers: boolean }; gives: { fingerprint: string; expires: string } };
  /** Make a new code, and keep it until a letter under it was accepted. */
  newCode: { takes: null; gives: null };
  /** Take a code that was typed. */
  useCode: { takes: { code: string }; gives: null };
  /** Solve the relay's proof of work ahead of time. */
  work: { takes: null; gives: null };
  seal: { takes: Sheet; gives: { parts: number; bytes: number } };
  /** Send what was sealed, or what waits under `item`; what has arrived is not sent twice. */
  send: { takes: { item: string | null }; gives: Accepted };
  /** Keep what was sealed on this device, as ciphertext, until it is accepted and its code kept. */
  keep: { takes: null; gives: null };
  waiting: { takes: null; gives: readonly Waiting[] };
  /** Forget what waits on this device: one letter, or all. */
  drop: { takes: { item: string | null }; gives: null };
  mailbox: { takes: null; gives: readonly Entry[] };
  read: { takes: { item: string }; gives: Reply };
  note: { takes: { item: string }; gives: string };
  receipt: { takes: { item: string }; gives: Proven };
  collect: { takes: { item: string }; gives: null };
  withdraw: { takes: { item: string }; gives: null };
}

/** The name of a question. */
export type Question = keyof Asks;

/** How far something is: parts done, of so many. */
export type Progress = (done: number, of: number) => void;

/** What goes to the Worker. */
export interface Asked {
  readonly id: number;
  readonly question: Question;
  readonly takes: unknown;
}

/** What comes back: an answer, a problem, or how far it is. */
export type Told =
  | { readonly id: number; readonly gives: unknown }
  | {
      readonly id: number;
      readonly problem: { code: string; status?: number | undefined; retryAfter?: number | undefined };
    }
  | { readonly id: number; readonly done: number; readonly of: number };

interface Pending {
  resolve(value: unknown): void;
  reject(fault: Fault): void;
  progress: Progress | undefined;
}

/** The page's end of the Worker. */
export class Vault {
  /** Set once the Worker is of no more use: its script could not be fetched, or it broke down. */
  isOver = false;
  private readonly pending = new Map<number, Pending>();
  private next = 0;
  private hasSpoken = false;

  constructor(private readonly worker: Worker) {
    worker.addEventListener("message", (message: MessageEvent<Told>) => this.hear(message.data));
    worker.addEventListener("error", () => this.fail());
  }

  /** Ask; rejects with the Fault that the Worker met. */
  ask<Q extends Question>(question: Q, takes: Asks[Q]["takes"], progress?: Progress): Promise<Asks[Q]["gives"]> {
    const id = this.next++;
    return new Promise((resolve, reject) => {
      this.pending.set(id, { resolve: resolve as (value: unknown) => void, reject, progress });
      this.worker.postMessage({ id, question, takes } satisfies Asked);
    });
  }

  /** End the Worker: every key it held is gone with it, and nobody waits for what it was asked. */
  close(): void {
    this.worker.terminate();
    this.pending.clear();
  }

  private hear(told: Told): void {
    this.hasSpoken = true;
    const pending = this.pending.get(told.id);
    if (!pending) return;
    if ("done" in told) {
      pending.progress?.(told.done, told.of);
      return;
    }
    this.pending.delete(told.id);
    if ("problem" in told) pending.reject(new Fault(told.problem.code, told.problem.status, told.problem.retryAfter));
    else pending.resolve(told.gives);
  }

  private fail(): void {
    this.isOver = true;
    const fault = new Fault(this.hasSpoken ? "worker_failed" : "unreachable");
    for (const pending of this.pending.values()) pending.reject(fault);
    this.pending.clear();
  }
}
