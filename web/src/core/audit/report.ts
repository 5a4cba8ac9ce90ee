/**
 * What an audit tells beyond "unbroken": where items are, how long they waited, and who has not acknowledged what.
 *
 * None of this can fail (docs/spec/audit.md, step 10). The keys are those of Python's report.
 */

import type { Directory } from "../directory";
import type { ErasureEntry } from "../entries";
import { parseTime } from "../forms";
import type { Item } from "./items";
import type { State } from "./lifecycle";
import type { Unlike } from "./registered";
import type { Replayed } from "./replay";

/** Silence of the whole log that is worth a line: one day without an event. */
const GAP_SECONDS = 24 * 60 * 60;
/** Stands for the side of an item whose detainee no letter has reached yet. */
const NO_SIDE = "unknown";

type Counts = Record<string, number>;

/** How long items stayed in a state before they left it: how many did, and the median and 95th percentile. */
export interface Dwell {
  readonly left: number;
  readonly p50_seconds: number;
  readonly p95_seconds: number;
}

/** A day or more in which nothing was logged: the times on both sides of it, UTC. */
export interface Gap {
  readonly after: string;
  readonly before: string;
  readonly seconds: number;
}

/** An item that was released in a bag and that nobody has accepted, or missed, since. */
export interface Unaccepted {
  readonly item: string;
  readonly bag: string;
  readonly desk: string;
  readonly since: string;
  readonly age_seconds: number;
}

/** What deliveries stand on: an officer's statement, also the addressee's signature, or paper of a keyless desk. */
export interface Deliveries {
  signed: number;
  signed_with_paper: number;
  keyless: number;
}

/** How many items of one kind came in, went on, reached whom they are for, and were withheld. */
export interface Parity {
  submitted: number;
  passed: number;
  delivered: number;
  withheld: number;
}

/** What a report says of the log itself. */
export interface LogCounts {
  /** How many entries there are of each kind. */
  readonly entries: Counts;
  /** How many entries can no longer be opened, on purpose. */
  readonly erased: number;
  /** For how long the youngest of them was kept, at the most; null if that cannot be told. */
  readonly erased_after_seconds: number | null;
  /** How many register, run and audited entries are not opened. */
  readonly unopened: number;
  /** How many auditors have signed a root that this log never had. */
  readonly differing_audits: number;
  /** What the register does not bear out; null if not every page of it is opened. */
  readonly unlike_register: readonly Unlike[] | null;
}

/** The auditor's report. */
export interface Report extends LogCounts {
  /** How many events were opened, by name; how many items there are of each kind, and in each state. */
  readonly events: Counts;
  readonly kinds: Counts;
  readonly states: Counts;
  /** By the state that items left. */
  readonly dwell: Readonly<Record<string, Dwell>>;
  /** In order. */
  readonly gaps: readonly Gap[];
  /** The longest waiting first. */
  readonly unaccepted: readonly Unaccepted[];
  readonly deliveries: Deliveries;
  /** By side of the desk that an item was passed to, or where its detainee was last reached; then by kind. */
  readonly parity: Readonly<Record<string, Readonly<Record<string, Parity>>>>;
  /** Custody entries beyond the published size, which nobody can verify yet. */
  readonly waiting: number;
  /** The moment by which ages are reckoned, UTC; empty for a log without events. */
  readonly at: string;
}

/** Counts events while the log is walked. */
export class Tally {
  readonly #events = new Map<string, number>();
  readonly #dwell = new Map<string, number[]>();
  readonly #gaps: Gap[] = [];
  readonly #deliveries: Deliveries = { signed: 0, signed_with_paper: 0, keyless: 0 };
  readonly #ended = new Map<string, State>();
  #last = "";

  /** Take one event in. */
  count(replayed: Replayed): void {
    const { before, decision } = replayed;
    const { item, action, event } = decision;
    this.#events.set(event.event, (this.#events.get(event.event) ?? 0) + 1);
    if (this.#last !== item.changedAt) this.#noteGap(item.changedAt);
    if (before && before.state !== item.state) {
      const seconds = secondsBetween(before.changedAt, item.changedAt);
      const known = this.#dwell.get(before.state);
      if (known) known.push(seconds);
      else this.#dwell.set(before.state, [seconds]);
    }
    if (action === "deliver") this.#deliveries[deliveryOf(replayed)]++;
    else if (action === "expire" && before) this.#ended.set(before.id, before.state);
  }

  /**
   * Sum up: `items` is every item as its last event left it, `directory` the last one, `at` now (UTC) to reckon ages by;
   * null for the time of the last event.
   */
  report(items: Iterable<Item>, log: LogCounts, directory: Directory | undefined, at: string | null): Report {
    const now = at ?? this.#last;
    const every = [...items];
    const dwell = [...this.#dwell].map(([state, seconds]) => [state, dwellOf(seconds)] as const);
    return {
      ...log,
      events: sorted(this.#events),
      kinds: countsOf(every.map(({ kind }) => kind)),
      states: countsOf(every.map(({ state }) => state)),
      dwell: sorted(dwell),
      gaps: this.#gaps,
      unaccepted: unacceptedOf(every, now),
      deliveries: this.#deliveries,
      parity: this.#parity(every, directory),
      waiting: 0,
      at: now,
    };
  }

  #noteGap(at: string): void {
    const seconds = this.#last === "" ? 0 : secondsBetween(this.#last, at);
    if (seconds >= GAP_SECONDS) this.#gaps.push({ after: this.#last, before: at, seconds });
    this.#last = at;
  }

  #parity(items: readonly Item[], directory: Directory | undefined): Report["parity"] {
    const sides = new Map((directory?.desks ?? []).map(({ id, side }) => [id, side]));
    const reached = new Map<string, string>();
    for (const { kind, detainee, destination } of items) {
      const side = sides.get(destination ?? "");
      if (kind !== "reply" && side !== undefined) reached.set(detainee, side);
    }
    const counts = new Map<string, Map<string, Parity>>();
    for (const item of items) {
      const side = sides.get(item.destination ?? "") ?? reached.get(item.detainee) ?? NO_SIDE;
      const kinds = counts.get(side) ?? new Map<string, Parity>();
      counts.set(side, kinds);
      kinds.set(item.kind, withItem(kinds.get(item.kind), item, this.#ended.get(item.id) ?? item.state));
    }
    return sorted([...counts].map(([side, kinds]) => [side, sorted(kinds)] as const));
  }
}

/**
 * Reckons for how long erased entries were kept, while the log is walked.
 *
 * What is erased has no time any more. It was logged after the last event above it that is opened, and erased before the
 * next one below its erasure: so the age is never told as less than it was, and nobody is accused by mistake.
 */
export class Erasures {
  shortestSeconds: number | null = null;
  readonly #logged = new Map<number, string>();
  #waiting: string[] = [];

  /** Pass an entry that was erased, after the time of the last event above it; empty if there is none. */
  meet(index: number, after: string): void {
    this.#logged.set(index, after);
  }

  /** Pass the erasure that lists entries passed before. */
  erase({ indexes }: ErasureEntry): void {
    let youngest = "";
    for (const index of indexes) {
      const logged = this.#logged.get(index)!;
      if (logged > youngest) youngest = logged;
      this.#logged.delete(index);
    }
    if (youngest !== "") this.#waiting.push(youngest);
  }

  /** Reach an event that is opened, or the auditor's moment; what was erased above it was erased before. */
  reach(at: string): void {
    for (const logged of this.#waiting) {
      const kept = secondsBetween(logged, at);
      this.shortestSeconds = Math.min(kept, this.shortestSeconds ?? kept);
    }
    this.#waiting = [];
  }
}

/** Count equal names, in the order of the names. */
export function countsOf(names: Iterable<string>): Counts {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return sorted(counts);
}

function withItem(counted: Parity | undefined, { destination }: Item, state: State): Parity {
  const { submitted, passed, delivered, withheld } = counted ?? { submitted: 0, passed: 0, delivered: 0, withheld: 0 };
  const isPassed = destination !== null || state === "ready" || state === "collected";
  return {
    submitted: submitted + 1,
    passed: passed + Number(isPassed),
    delivered: delivered + Number(state === "delivered" || state === "collected"),
    withheld: withheld + Number(state === "withheld"),
  };
}

function deliveryOf({ decision, detail, directory }: Replayed): keyof Deliveries {
  if (directory.desk(decision.item.destination ?? "").keyless) return "keyless";
  return "paper" in detail ? "signed_with_paper" : "signed";
}

/** Take percentiles by nearest rank, so that each is a time that some item took. */
function dwellOf(seconds: readonly number[]): Dwell {
  const ordered = [...seconds].sort((one, other) => one - other);
  const rank = (percent: number) => ordered[Math.ceil((ordered.length * percent) / 100) - 1]!;
  return { left: ordered.length, p50_seconds: rank(50), p95_seconds: rank(95) };
}

function unacceptedOf(items: readonly Item[], now: string): Unaccepted[] {
  const lying = items.filter(({ state }) => state === "bagged");
  const key = ({ changedAt, id }: Item) => `${changedAt} ${id}`;
  lying.sort((one, other) => (key(one) < key(other) ? -1 : 1));
  return lying.map(({ id, bag, destination, changedAt }) => ({
    item: id,
    bag: bag ?? "",
    desk: destination ?? "",
    since: changedAt,
    age_seconds: Math.max(secondsBetween(changedAt, now), 0),
  }));
}

function secondsBetween(start: string, end: string): number {
  return (parseTime(end) - parseTime(start)) / 1_000;
}

function sorted<T>(pairs: Iterable<readonly [string, T]>): Record<string, T> {
  return Object.fromEntries([...pairs].sort(([one], [other]) => (one < other ? -1 : 1)));
}
