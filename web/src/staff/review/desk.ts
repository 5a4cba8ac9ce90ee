/**
 * A reviewer's desk: the lines that wait, the letters that are claimed, what was written about each, and what is on its
 * way. It holds everything in memory, so nothing typed is lost by a claim that was taken or a session that has ended.
 */

import { fromUtf8 } from "../../core/bytes";
import { checkDocument } from "../../core/documents";
import { Problem } from "../../core/problems";
import { openDocument } from "../../core/sealed";
import { integerOf, isDigest, objectsOf, textOf } from "../answers";
import { REGISTRARS, requireAuthentic, staffKeyOf } from "../authors";
import { Observable } from "../frame/context";
import { digestsOf, moved, type PartSize, type Row, readRows, subjectOf } from "../rows";
import type { StaffSession } from "../session";
import { askEarlier, type Straying, strayingOf } from "./astray";
import type { Contact } from "./contacts";
import { Counters } from "./counters";
import { type Draft, NO_DRAFT } from "./drafts";
import { type Judgement, judged, type OpenedItem, openContact, openItem } from "./opening";
import { type HeldRecord, parsePage, type Register, registerOf } from "./register";

/** One detainee with letters to claim: how many, and since when the oldest has waited. */
export interface Line {
  readonly detainee: string;
  readonly items: number;
  readonly since: string;
  /** Languages that a colleague asked for, where the relay says so. */
  readonly hints: readonly string[];
}

/** Where a letter stands on this page. */
export type Standing = "closed" | "open" | "unreadable" | "leaving" | "lost";

/** One letter on the desk. */
export interface Letter {
  readonly row: Row;
  readonly standing: Standing;
  readonly opened?: OpenedItem | undefined;
  /** Why it cannot be opened, as a code. */
  readonly unreadable?: string | undefined;
  readonly draft: Draft;
  /** What went wrong with the last decision; what was typed is kept. */
  readonly fault?: unknown;
  /** The reason codes under which it was passed before, if it was. */
  readonly passedUnder?: readonly string[];
}

const CLAIM_LIMIT = 20;
/** The most that the relay lists at once; the oldest come first. */
export const MOST_PASSED = 500;

interface RegisterPage {
  readonly version: number;
  readonly records: readonly HeldRecord[];
}

/** The desk. */
export class ReviewDesk extends Observable {
  lines: readonly Line[] = [];
  /** Only lines with this language hint are shown; all, if it is undefined. */
  wanted: string | undefined;
  letters: readonly Letter[] = [];
  contested: readonly Letter[] = [];
  /** What was passed and can still be sent elsewhere: unpacked, missing, undeliverable. */
  passed: readonly Letter[] = [];
  register: Register | undefined;
  /** The version of the newest page of the register; 0 if there is none. */
  newestPage = 0;
  /** What keeps the lines or the register from being read. */
  fault: unknown;
  busy = false;
  /** Whether the lines were asked for at all: before that nobody can say that nobody waits. */
  hasRead = false;
  readonly counters: Counters;
  /** The pages of the register that were read, by digest; nothing for one that is another desk's. */
  #pages: ReadonlyMap<string, RegisterPage | undefined> = new Map();
  /** The newest contact of each mailbox, as read or renewed here. */
  readonly #contacts = new Map<string, Contact>();

  constructor(
    readonly session: StaffSession,
    readonly id: string,
  ) {
    super();
    this.counters = new Counters(session.id);
  }

  // ---------------------------------------------------------------- finding work

  /** The lines that are shown, the oldest first. */
  get waiting(): readonly Line[] {
    const { wanted } = this;
    return wanted === undefined ? this.lines : this.lines.filter((line) => line.hints.includes(wanted));
  }

  /** The languages that colleagues asked for, in any line. */
  get hints(): string[] {
    return [...new Set(this.lines.flatMap((line) => line.hints))].sort();
  }

  /** Show only lines with this language hint. */
  want(hint: string | undefined): void {
    this.wanted = hint;
    this.changed();
  }

  /** Why something that was passed will not arrive as it is. */
  strayingOf(row: Row): Straying | undefined {
    return strayingOf(row, this.register);
  }

  /** What was passed and will not arrive as it is, until somebody sends it elsewhere or back. */
  get astray(): readonly Letter[] {
    return this.passed.filter(({ row }) => this.strayingOf(row) !== undefined);
  }

  /** Whether this member may confirm or overturn a proposal: neither who made it nor who was overturned on it. */
  maySettle(row: Row): boolean {
    const { person } = this.session.member;
    return row.proposer !== person && !row.barred.includes(person);
  }

  /** Read lines, claims, what waits for a second person, what was passed, and what is new in the register. */
  async refresh(): Promise<void> {
    await this.#working(async () => {
      const [lines, claimed, contested, passed] = await Promise.all([
        this.#readLines(),
        this.session.rows("/review/claimed", { desk: this.id }),
        this.session.rows("/review/contested", { desk: this.id }),
        this.session.rows("/review/passed", { desk: this.id, limit: String(MOST_PASSED) }),
        this.readRegister(),
      ]);
      this.#show(lines);
      this.letters = this.#merged(this.letters, claimed, true);
      this.contested = this.#merged(this.contested, contested, false);
      this.passed = this.#merged(this.passed, passed, true);
    });
    await this.openAll();
  }

  /** Read the lines alone; a fault is for the next thing that is asked for. */
  async refreshLines(): Promise<void> {
    try {
      this.#show(await this.#readLines());
      this.changed();
    } catch {
      // The lines shown before stay.
    }
  }

  /** Show lines; a language that nobody asks for any more is not wanted any more. */
  #show(lines: readonly Line[]): void {
    this.lines = lines;
    if (this.wanted !== undefined && !this.hints.includes(this.wanted)) this.wanted = undefined;
  }

  async #readLines(): Promise<Line[]> {
    const answer = await this.session.get("/review/lines", { desk: this.id, limit: "200" });
    return objectsOf(answer, "lines").map(readLine);
  }

  /** Claim what is at the front of one detainee's lines, up to 20 letters, and open all of it; gives the first. */
  async claim(detainee: string): Promise<string | undefined> {
    let first: string | undefined;
    await this.#working(async () => {
      const offer = { desk: this.id, detainee, limit: CLAIM_LIMIT };
      const rows = readRows(await this.session.post("/review/offers", offer));
      if (rows.length === 0) throw new Problem("nothing_offered");
      const moves = await this.session.submit(
        "claim",
        rows.map((row) => subjectOf(row)),
        { desk: this.id },
      );
      const claimed = rows.map((row, at) => ({ ...moved(row, moves[at]!), state: "claimed" }));
      this.letters = [...this.letters, ...claimed.map(fresh)];
      this.lines = this.lines
        .map((line) => (line.detainee === detainee ? { ...line, items: line.items - rows.length } : line))
        .filter((line) => line.items > 0);
      first = rows[0]!.item;
    });
    void this.openAll();
    return first;
  }

  /**
   * Read every page of the register that is sealed to this desk and was not read yet, and believe only registrars.
   *
   * Throws Problem "register_cut" if a page that was seen before is left out or stands elsewhere, "document_rolled_back" if
   * the newest is older than one seen, "document_not_authentic", "register_malformed", and those of `openDocument`.
   */
  async readRegister(): Promise<void> {
    const { pages: listed } = await this.session.get("/review/register");
    if (!Array.isArray(listed) || !listed.every(isDigest)) throw new Problem("answer_malformed");
    const unread = listed.filter((digest) => !this.#pages.has(digest));
    const files = await this.session.fetchParts(unread.map((digest) => ({ digest, bytes: 0 })));
    const read = [...files].map(async ([digest, file]) => [digest, await this.#openPage(file)] as const);
    const known = new Map([...this.#pages, ...(await Promise.all(read))]);
    // A member of several desks is listed the pages of all of them.
    const pages = listed.filter((digest) => known.get(digest) !== undefined);
    const opened = pages.map((digest) => known.get(digest)!);
    const newest = Math.max(0, ...opened.map((page) => page.version));
    this.session.book.checkRegister(this.id, pages);
    if (newest > 0) this.session.book.checkDocument(this.id, newest);
    const isSame = unread.length === 0 && listed.length === this.#pages.size;
    this.newestPage = newest;
    this.#pages = new Map(listed.map((digest) => [digest, known.get(digest)]));
    if (this.register === undefined || !isSame) this.register = registerOf(opened);
    this.changed();
  }

  // ---------------------------------------------------------------- reading

  /** Fetch and open whatever is not open yet: the sealed files in few requests, the first letter shown at once. */
  async openAll(): Promise<void> {
    const closed = [...this.letters, ...this.contested].filter((letter) => letter.standing === "closed");
    if (closed.length === 0) return;
    try {
      const files = await this.session.fetchParts(closed.flatMap(({ row }) => filesOf(row)));
      for (const { row } of closed) {
        this.update(row.item, await this.#opened(row, files));
        // Between two letters the page answers its reader.
        await new Promise((go) => setTimeout(go));
      }
    } catch (fault) {
      this.#failed(fault);
    }
  }

  /** Open something that was passed, as this desk read it before; with the reasons under which it was passed. */
  async openPassed({ row }: Letter): Promise<void> {
    try {
      const { digest, passedUnder } = await askEarlier(this.session, this.id, row.item);
      const [first, ...others] = filesOf(row);
      const files = await this.session.fetchParts([{ digest, bytes: first!.bytes }, ...others]);
      // The row's own part 0 is sealed to where it was passed; the earlier one stands in for it.
      files.set(digestsOf(row)[0]!, files.get(digest)!);
      this.update(row.item, { passedUnder, ...(await this.#opened(row, files)) });
    } catch (fault) {
      if (!(fault instanceof Problem) || fault.code !== "no_earlier_letter") return this.#failed(fault);
      this.update(row.item, { unreadable: fault.code, standing: "unreadable" });
    }
  }

  /** Who wrote it, judged against the newest contact there is. */
  judge(item: OpenedItem): Judgement {
    return judged(this.session, item, this.newestContact(item));
  }

  /** The newest contact of an item's mailbox. */
  newestContact(item: OpenedItem): Contact | undefined {
    const known = this.#contacts.get(item.row.mailbox ?? "");
    const own = item.contactRefused === undefined || known === undefined ? item.contact : undefined;
    return (known?.version ?? 0) > (own?.version ?? 0) ? known : own;
  }

  /** Remember a contact that was renewed here: the next letter of its mailbox goes on from it. */
  keepContact(contact: Contact): void {
    this.#contacts.set(contact.mailbox, contact);
    this.session.book.checkDocument(contact.mailbox, contact.version);
  }

  /**
   * Those who have written to a detainee by way of this desk, for a reply that answers nobody yet, or that nobody can
   * collect any more. One that cannot be opened, or that no reviewer signed, is left out: nothing is to be sent where it
   * says. Throws Problem "document_rolled_back" for one older than was seen.
   */
  async contactsOf(detainee: string): Promise<Contact[]> {
    const asked = await this.session.post("/review/contacts", { desk: this.id, detainee, limit: 500 });
    const named = objectsOf(asked, "contacts").map((one) => ({
      mailbox: textOf(one, "mailbox"),
      digest: textOf(one, "contact"),
    }));
    const files = await this.session.fetchParts(named.map(({ digest }) => ({ digest, bytes: 0 })));
    const opened = await Promise.all(
      named.map(({ mailbox, digest }) =>
        openContact(this.session, this.id, files.get(digest)!, mailbox).catch(leftOut),
      ),
    );
    const contacts = opened.filter((contact) => contact !== undefined);
    for (const { mailbox, version } of contacts) this.session.book.checkDocument(mailbox, version);
    return contacts;
  }

  // ---------------------------------------------------------------- the letters on the desk

  /** Find a letter: claimed, contested or passed. */
  find(item: string): Letter | undefined {
    return [...this.letters, ...this.contested, ...this.passed].find((letter) => letter.row.item === item);
  }

  /** Change a letter. */
  update(item: string, change: Partial<Letter>): void {
    const changed = (letter: Letter) => (letter.row.item === item ? { ...letter, ...change } : letter);
    this.letters = this.letters.map(changed);
    this.contested = this.contested.map(changed);
    this.passed = this.passed.map(changed);
    this.changed();
  }

  /** Change what was written about a letter. */
  draft(item: string, change: (draft: Draft) => Draft): void {
    const letter = this.find(item);
    if (letter !== undefined) this.update(item, { draft: change(letter.draft) });
  }

  /** Take a letter off the desk: it was decided, or given up. */
  remove(item: string): void {
    this.letters = this.letters.filter((letter) => letter.row.item !== item);
    this.contested = this.contested.filter((letter) => letter.row.item !== item);
    this.passed = this.passed.filter((letter) => letter.row.item !== item);
    this.changed();
  }

  /** Put the rows of the relay in the place of those on the desk, and keep what was written. */
  #merged(letters: readonly Letter[], rows: readonly Row[], keepLost: boolean): Letter[] {
    const known = new Map(letters.map((letter) => [letter.row.item, letter]));
    const found = rows.map((row): Letter => {
      const before = known.get(row.item);
      known.delete(row.item);
      if (before === undefined) return fresh(row);
      if (before.row.head !== row.head) return { ...fresh(row), draft: before.draft };
      // It is theirs again, or still: what was said about it before does not count any more.
      return before.standing === "lost"
        ? { ...before, standing: before.opened ? "open" : "closed", fault: undefined }
        : before;
    });
    // What is on its way stays, and so does what was written about a letter that somebody else has now.
    const others = [...known.values()].filter((one) => one.standing === "leaving" || (keepLost && hasWork(one)));
    return [
      ...found,
      ...others.map((one): Letter => (one.standing === "leaving" ? one : { ...one, standing: "lost" })),
    ];
  }

  async #opened(row: Row, files: ReadonlyMap<string, Uint8Array>): Promise<Partial<Letter>> {
    try {
      const opened = await openItem(this.session, this.id, row, files, this.#contacts.get(row.mailbox ?? ""));
      if (opened.contact !== undefined && opened.contactRefused === undefined) this.#learn(opened.contact);
      return { opened, standing: "open" };
    } catch (fault) {
      if (!(fault instanceof Problem)) throw fault;
      // The lock came over it: it is opened afterwards.
      if (this.session.locked) return {};
      return { unreadable: fault.code, standing: "unreadable" };
    }
  }

  #learn(contact: Contact): void {
    const known = this.#contacts.get(contact.mailbox);
    if ((known?.version ?? 0) < contact.version) this.#contacts.set(contact.mailbox, contact);
  }

  /** Open a page, unless it is sealed to other desks alone. */
  async #openPage(file: Uint8Array): Promise<RegisterPage | undefined> {
    if (!isSealedTo(this.id, file)) return undefined;
    const { dir, to } = checkDocument(file);
    const vkey = staffKeyOf(this.session.signers, REGISTRARS, dir);
    const page = requireAuthentic(await openDocument(file, this.session.deskSeeds(this.id, to), { vkey }));
    if (page.line.kind !== "register") throw new Problem("register_malformed");
    return { version: page.line.version, records: parsePage(fromUtf8(page.content)) };
  }

  async #working(work: () => Promise<void>): Promise<void> {
    this.busy = true;
    this.fault = undefined;
    this.changed();
    try {
      await work();
    } catch (fault) {
      this.#failed(fault);
    } finally {
      this.busy = false;
      this.hasRead = true;
      this.changed();
    }
  }

  #failed(fault: unknown): void {
    this.fault = fault;
    this.changed();
  }
}

/** Whether anything was written or marked about a letter. */
export function hasWork(letter: Letter): boolean {
  return letter.draft !== NO_DRAFT && JSON.stringify(letter.draft) !== JSON.stringify(NO_DRAFT);
}

function leftOut(fault: unknown): undefined {
  if (!(fault instanceof Problem)) throw fault;
}

function isSealedTo(desk: string, file: Uint8Array): boolean {
  return checkDocument(file).to.some((name) => name.startsWith(`${desk}/`));
}

function fresh(row: Row): Letter {
  return { row, standing: "closed", draft: NO_DRAFT };
}

function filesOf(row: Row): PartSize[] {
  return row.contact === undefined ? [...row.parts] : [...row.parts, { digest: row.contact, bytes: 0 }];
}

function readLine(members: Readonly<Record<string, unknown>>): Line {
  const hints = Array.isArray(members.hints) ? members.hints.filter((hint) => typeof hint === "string") : [];
  return {
    detainee: textOf(members, "detainee"),
    items: integerOf(members, "items"),
    since: textOf(members, "since"),
    hints,
  };
}
