/**
 * One place of detention or bureau: what is on its way there, what is here, what has been handed over from this page, and
 * the replies that go out. It is kept as long as the page stands, so that nothing typed is lost by looking elsewhere.
 */

import { Problem } from "../../core/problems";
import type { StatementKind } from "../../core/statements";
import { idOf, objectsOf } from "../answers";
import { isTrustworthy } from "../authors";
import { Observable } from "../frame/context";
import { codeOf } from "../frame/faults";
import { type Row, readRows, subjectOf } from "../rows";
import type { Fields, StaffSession } from "../session";
import { Deed, inPieces, type Step } from "./deeds";
import type { Page } from "./images";
import { type OpenedItem, openItem } from "./opening";
import { ReplyOutbox } from "./outbox";
import { NO_REPLY, type ReplyDraft } from "./replies";

/** A bag on its way, with what it should hold; what went missing before is listed still. */
export interface ArrivingBag {
  readonly bag: string;
  readonly rows: readonly Row[];
}

/** One letter that is here: opened, or why it cannot be. */
export interface HeldLetter {
  readonly row: Row;
  readonly opened?: OpenedItem | undefined;
  /** Why it cannot be read, as a code. */
  readonly unreadable?: string | undefined;
}

/** How an item of a bag was found when it was counted. */
export type Found = "here" | "missing" | "DAMAGED" | "SEAL_BROKEN";

/** What can become of a letter that is here. */
export type Handing = "deliver" | "refuse" | "fail";

/** What a bag should hold now. */
export function comingIn(bag: ArrivingBag): Row[] {
  return bag.rows.filter((row) => row.state === "bagged");
}

/** What was not in it before. */
export function missingIn(bag: ArrivingBag): Row[] {
  return bag.rows.filter((row) => row.state === "missing");
}

const OPENED_AT_ONCE = 20;

/** A place, or a bureau. */
export class Place extends Observable {
  bags: readonly ArrivingBag[] = [];
  letters: readonly HeldLetter[] = [];
  /** Handed over from this page: their replies are likely to come next. */
  handed: readonly Row[] = [];
  isLoaded = false;
  busy = false;
  fault: unknown;
  draft: ReplyDraft = NO_REPLY;
  readonly outbox: ReplyOutbox;
  readonly #counts = new Map<string, ReadonlyMap<string, Found>>();

  constructor(
    readonly session: StaffSession,
    readonly id: string,
  ) {
    super();
    this.outbox = new ReplyOutbox(session);
  }

  get desk() {
    return this.session.directory.desk(this.id);
  }

  /** Whether every step needs the scan of a signed sheet, because a dispatcher signs for people without computers. */
  get needsPaper(): boolean {
    return this.desk.keyless;
  }

  /** The desk whose key opens what goes here. */
  get keyDesk(): string {
    return this.needsPaper ? this.session.directory.intakeId : this.id;
  }

  /** Read what is on its way and what is here, and open it. */
  async refresh(): Promise<void> {
    this.#set({ busy: true, fault: undefined });
    try {
      const [bags, items] = await Promise.all([
        this.session.get("/facility/bags", { desk: this.id, limit: "2000" }),
        this.session.rows("/facility/items", { desk: this.id, limit: "2000" }),
      ]);
      this.bags = objectsOf(bags, "bags").map((one) => ({ bag: idOf(one, "bag"), rows: readRows(one) }));
      const known = new Map(this.letters.map((letter) => [letter.row.head, letter]));
      this.#set({ letters: items.map((row) => known.get(row.head) ?? { row }), isLoaded: true });
      await this.#openAll();
    } catch (fault) {
      this.#set({ fault });
    } finally {
      this.#set({ busy: false });
    }
  }

  /** Change the reply that is being put together. */
  write(change: Partial<ReplyDraft>): void {
    this.#set({ draft: { ...this.draft, ...change } });
  }

  /** How far a bag has been counted: what was found of each item. */
  countOf(bag: string): ReadonlyMap<string, Found> {
    return this.#counts.get(bag) ?? new Map();
  }

  /** Say how some items of a bag were found. */
  mark(bag: string, items: readonly string[], as: Found): void {
    this.#counts.set(bag, new Map([...this.countOf(bag), ...items.map((item): [string, Found] => [item, as])]));
    this.changed();
  }

  // ---------------------------------------------------------------- deeds

  /** Accept a bag, item by item, and say first what is not in it; `paper` is the scan of a signed sheet. */
  receive(
    bag: ArrivingBag,
    found: ReadonlyMap<string, Found>,
    { paper, reason }: { paper?: Page | undefined; reason?: string | undefined },
  ): Deed {
    const expected = comingIn(bag);
    const absent = expected.filter((row) => found.get(row.item) === "missing");
    const present = expected.filter((row) => !absent.includes(row));
    const scan = this.#scan(paper);
    return new Deed(this.session, [
      ...this.#steps("missing", absent, async () => ({ bag: bag.bag, reasons: listed(reason) })),
      ...this.#steps("receive", present, async (rows) => ({
        bag: bag.bag,
        paper: await scan(),
        remarks: remarksOf(rows, found),
      })),
    ]);
  }

  /** Say that items of a bag which were missing have been found. */
  find(bag: string, rows: readonly Row[], paper?: Page): Deed {
    const scan = this.#scan(paper);
    return new Deed(
      this.session,
      this.#steps("find", rows, async () => ({ bag, paper: await scan() })),
    );
  }

  /** Say what has become of letters: handed over, refused, or not to be handed over and why. */
  hand(
    kind: Handing,
    rows: readonly Row[],
    { paper, reason }: { paper?: Page | undefined; reason?: string | undefined },
  ): Deed {
    const scan = this.#scan(paper);
    const reasons = kind === "deliver" ? undefined : listed(reason);
    return new Deed(
      this.session,
      this.#steps(kind, rows, async () => ({ reasons, paper: await scan() })),
    );
  }

  /** Bring in the reply that was put together: sealed here and now, then sent; the form is empty afterwards. */
  async reply(paper?: Page): Promise<void> {
    await this.outbox.put(this.id, this.draft, this.#scan(paper));
    this.#set({ draft: { ...NO_REPLY, lang: this.draft.lang } });
  }

  /** Remember what was handed over. */
  keepHanded(rows: readonly Row[]): void {
    const before = this.handed.filter((one) => !rows.some((row) => row.item === one.item));
    this.#set({ handed: [...rows, ...before] });
  }

  /** One statement for each 500 items. */
  #steps(kind: StatementKind, rows: readonly Row[], fields: (rows: readonly Row[]) => Promise<Fields>): Step[] {
    return inPieces(rows).map((some) => async () => {
      const given = await fields(some);
      return this.session.prepare(
        kind,
        some.map((row) => subjectOf(row)),
        given,
      );
    });
  }

  /** Seal a scan to those who read, once, and give its digest; sealed anew it would be another paper. */
  #scan(paper: Page | undefined): () => Promise<string | undefined> {
    let sealed: Uint8Array | undefined;
    return async () => {
      if (paper === undefined) return undefined;
      sealed ??= await this.session.sealDocument("scan", paper.bytes, { desk: this.session.directory.intakeId });
      const [digest] = await this.session.uploadParts([sealed]);
      return digest;
    };
  }

  // ---------------------------------------------------------------- opening

  /** Some at a time: a house's pictures need not all be in memory before the first letter is open. */
  async #openAll(): Promise<void> {
    const closed = this.letters.filter((letter) => letter.opened === undefined && letter.unreadable === undefined);
    for (const some of inPieces(closed, OPENED_AT_ONCE)) {
      const files = await this.session.fetchParts(some.flatMap(({ row }) => row.parts));
      const opened = new Map<string, Partial<HeldLetter>>();
      for (const { row } of some) opened.set(row.head, await this.#opened(row, files));
      this.#set({ letters: this.letters.map((one) => ({ ...one, ...opened.get(one.row.head) })) });
      // In between the page answers its reader.
      await new Promise((go) => setTimeout(go));
    }
  }

  async #opened(row: Row, files: ReadonlyMap<string, Uint8Array>): Promise<Partial<HeldLetter>> {
    try {
      return { opened: await openItem(this.session, this.keyDesk, row, files) };
    } catch (fault) {
      if (!(fault instanceof Problem)) throw fault;
      // The lock came over it: it is opened afterwards.
      if (this.session.locked) return {};
      return { unreadable: codeOf(fault) };
    }
  }

  #set(change: Partial<Pick<Place, "letters" | "handed" | "isLoaded" | "busy" | "fault" | "draft">>): void {
    Object.assign(this, change);
    this.changed();
  }
}

/** Whether a letter may be handed over: it can be read, and a reviewer whom the directory knows has signed it. */
export function isSound(letter: HeldLetter): boolean {
  return letter.opened !== undefined && isTrustworthy(letter.opened.authenticity);
}

const PLACES = new WeakMap<StaffSession, Map<string, Place>>();

/** The one model of a place in a session. */
export function placeOf(session: StaffSession, desk: string): Place {
  const places = PLACES.get(session) ?? new Map<string, Place>();
  PLACES.set(session, places);
  const place = places.get(desk) ?? new Place(session, desk);
  places.set(desk, place);
  return place;
}

function remarksOf(rows: readonly Row[], found: ReadonlyMap<string, Found>) {
  const remarks = rows.flatMap(({ item }) => {
    const remark = found.get(item) ?? "here";
    return remark === "here" || remark === "missing" ? [] : [{ item, remark }];
  });
  return remarks.length === 0 ? undefined : remarks;
}

function listed(reason: string | undefined): string[] | undefined {
  return reason === undefined || reason === "" ? undefined : [reason];
}
