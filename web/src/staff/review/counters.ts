/** What a reviewer has done today: numbers for their own eyes, kept on this device, never sent. */

import { keepText, keptText } from "../keeping";

export type Deed =
  | "passed"
  | "forwarded"
  | "returned"
  | "redirected"
  | "recalled"
  | "withheld"
  | "escalated"
  | "released"
  | "matched"
  | "overturned";
export type Counts = Readonly<Record<Deed, number>>;

const NONE: Counts = {
  passed: 0,
  forwarded: 0,
  returned: 0,
  redirected: 0,
  recalled: 0,
  withheld: 0,
  escalated: 0,
  released: 0,
  matched: 0,
  overturned: 0,
};

/** Today's counts of one member. */
export class Counters {
  readonly #key: string;
  #counts: Counts;
  #day: string;

  constructor(
    staff: string,
    readonly today: () => string = () => new Date().toISOString().slice(0, 10),
  ) {
    this.#key = `letter-relay/staff/counts/${staff}`;
    this.#day = today();
    this.#counts = this.#read();
  }

  /** The counts; a new day begins at nought. */
  get counts(): Counts {
    if (this.#day !== this.today()) {
      this.#day = this.today();
      this.#counts = NONE;
    }
    return this.#counts;
  }

  /** Count one more. */
  add(deed: Deed): void {
    const counts = this.counts;
    this.#counts = { ...counts, [deed]: counts[deed] + 1 };
    keepText(this.#key, JSON.stringify({ day: this.#day, ...this.#counts }));
  }

  #read(): Counts {
    try {
      const { day, ...counts } = JSON.parse(keptText(this.#key) || "{}");
      return day === this.#day ? { ...NONE, ...counts } : NONE;
    } catch {
      return NONE;
    }
  }
}
