/** The walk through the log, from entry 0 to the last, with the openings beside it (docs/spec/audit.md, steps 5 to 9). */

import { hex } from "../bytes";
import type { Entry } from "../entries";
import { type EvidenceReader, isEventOpening, itemOn, type Opening, parseOpening } from "./bundle";
import { erasedIndexes, isCommitted, type Powers } from "./powers";
import { Registered } from "./registered";
import { Replay } from "./replay";
import { countsOf, Erasures, type Report, Tally } from "./report";
import { Statements } from "./signers";
import { Broken, inStep } from "./steps";
import { custodyTag, isCustody, type Tree } from "./tree";

/** How far an audit is. */
export interface Progress {
  readonly phase: "reading" | "walking";
  readonly done: number;
  readonly total: number;
}

/** One event of an item's chain, with its place in the log. */
export interface ChainLink {
  readonly index: number;
  /** The event's and the detail's JSON. */
  readonly event: string;
  readonly detail: string;
}

const PROGRESS_EVERY = 256;

/** The openings in their order, one line ahead. */
class Openings {
  readonly #reader: EvidenceReader;
  readonly #lines: AsyncIterator<Uint8Array>;
  #line: Uint8Array = new Uint8Array();
  next: Opening | null = null;

  constructor(reader: EvidenceReader) {
    this.#reader = reader;
    this.#lines = reader.openings()[Symbol.asyncIterator]();
  }

  /** Read on; after the last line there is none. */
  async advance(): Promise<void> {
    const { value, done } = await this.#lines.next();
    this.#line = done ? new Uint8Array() : value;
    try {
      this.next = done ? null : inStep("6.1", () => parseOpening(this.#line));
    } catch (error) {
      throw await this.aboutThis(error);
    }
  }

  /** Name the item that the line ahead is about, as far as can be told, in an error that names none. */
  async aboutThis(error: unknown): Promise<unknown> {
    if (!(error instanceof Broken) || error.item !== undefined) return error;
    return new Broken(error.step, await itemOn(this.#reader, this.#line));
  }
}

/** One walk; `item` is whose chain to keep, of what it passes. */
export class Walk {
  readonly chain: ChainLink[] = [];
  readonly #tree: Tree;
  readonly #powers: Powers;
  readonly #item: string | undefined;
  readonly #onProgress: (progress: Progress) => void;
  readonly #erased: ReadonlySet<number>;
  readonly #erasedTags = new Set<string>();
  readonly #statements: Statements;
  readonly #replay: Replay;
  readonly #openings: Openings;
  readonly #tally = new Tally();
  readonly #erasures = new Erasures();
  readonly #registered = new Registered();
  #unopened = 0;

  constructor(
    reader: EvidenceReader,
    tree: Tree,
    powers: Powers,
    item: string | undefined,
    onProgress: (progress: Progress) => void,
  ) {
    this.#tree = tree;
    this.#powers = powers;
    this.#item = item;
    this.#onProgress = onProgress;
    this.#erased = erasedIndexes(tree);
    this.#statements = new Statements(powers.documents, this.#erased);
    this.#replay = new Replay(this.#statements, this.#erased.size > 0);
    this.#openings = new Openings(reader);
  }

  /** The version of the directory in force at the end. */
  get directory(): number {
    return this.#powers.inForce.directory?.version ?? 0;
  }

  async run(): Promise<void> {
    await this.#openings.advance();
    const total = this.#tree.size;
    for (const [index, entry] of this.#tree.entries.entries()) {
      if (index % PROGRESS_EVERY === 0) this.#onProgress({ phase: "walking", done: index, total });
      await this.#step(index, entry);
    }
    this.#onProgress({ phase: "walking", done: total, total });
    if (this.#openings.next !== null) throw await this.#openings.aboutThis(new Broken("6.2"));
    this.#statements.finish();
    this.#replay.checkEnds(this.#erasedTags);
  }

  async #step(index: number, entry: Uint8Array): Promise<void> {
    if (!isCustody(entry)) await this.#passOver(index, this.#tree.others.get(index)!);
    else if (!this.#powers.inForce.directory) throw new Broken("5.5");
    else if (this.#erased.has(index)) {
      this.#erasedTags.add(hex(custodyTag(entry)));
      this.#erasures.meet(index, this.#replay.at);
    } else await this.#open(index, entry);
  }

  report(at: string | null): Report {
    if (at !== null && at >= this.#replay.at) this.#erasures.reach(at);
    const others = [...this.#tree.others.values()].map(({ kind }) => kind);
    const custody = Array<string>(this.#tree.size - others.length).fill("custody");
    const log = {
      entries: { custody: 0, ...countsOf([...others, ...custody]) },
      erased: this.#erased.size,
      erased_after_seconds: this.#erasures.shortestSeconds,
      unopened: this.#unopened,
      differing_audits: this.#powers.differingAudits,
      unlike_register: this.#registered.isWhole ? this.#registered.unlike : null,
    };
    const items = [...this.#replay.chains.values()].map(({ item }) => item);
    return this.#tally.report(items, log, this.#powers.inForce.directory, at);
  }

  async #open(index: number, entry: Uint8Array): Promise<void> {
    const opening = this.#openings.next;
    try {
      if (!opening || !isEventOpening(opening) || opening.index !== index) {
        throw new Broken("6.2", undefined, `entry ${index}`);
      }
      const replayed = await this.#replay.take(opening, entry, this.#powers.inForce);
      this.#tally.count(replayed);
      this.#registered.compare(replayed);
      if (replayed.decision.item.id === this.#item) {
        this.chain.push({ index, event: opening.event, detail: opening.detail });
      }
    } catch (error) {
      throw await this.#openings.aboutThis(error);
    }
    this.#erasures.reach(this.#replay.at);
    await this.#openings.advance();
  }

  async #passOver(index: number, entry: Entry): Promise<void> {
    await this.#powers.passOver(index, entry, this.#replay.at);
    if (this.#erased.has(index)) this.#erasures.meet(index, this.#replay.at);
    if (entry.kind === "erasure") this.#erasures.erase(entry);
    if (!isCommitted(entry)) return;
    const opening = this.#openings.next;
    if (!opening || isEventOpening(opening) || opening.index !== index || this.#erased.has(index)) {
      this.#unopened++;
      if (entry.kind === "register") this.#registered.turn(null);
      return;
    }
    const { fields } = await this.#powers.openStatement(opening, entry, this.#tree, this.#replay.at);
    if (entry.kind === "register") this.#registered.turn(await this.#powers.documents.find(fields.rows as string));
    await this.#openings.advance();
  }
}
