/** What a code opens: items whose events form one chain, replies and notes, and the two things a family signs. */

import { NOTE } from "../../core/api";
import { fromUtf8, hex } from "../../core/bytes";
import { isRecord } from "../../core/canonical";
import { familyName } from "../../core/codes";
import { chainOf, type Link, type Opening, parseEvent, wordOf } from "../../core/events";
import { formatTime } from "../../core/forms";
import { isDigest, isId } from "../../core/ids";
import type { Author } from "../../core/manifests";
import { Problem } from "../../core/problems";
import { verifyReceipt } from "../../core/receipts";
import { type OpenedLetter, openDocument, openEnclosure, openLetter, partDigest } from "../../core/sealed";
import { signStatement } from "../../core/statements";
import type { Signers } from "../../core/suspensions";
import type { Authenticity, Entry, Proven, Reply } from "../vault";
import type { Holder } from "./holder";

/** Roles whose holders seal what a family opens. */
const READERS = ["reviewer", "senior"];
const KINDS: readonly unknown[] = ["letter", "reply", "parcel"];

/** One item, with what the page is not shown. */
interface Item {
  readonly entry: Entry;
  readonly last: Link;
  /** What may be fetched: a reply's sealed files, once it is ready. */
  readonly parts: readonly string[];
  readonly re: string | undefined;
  /** The digest of a sealed note. */
  readonly note: string | undefined;
}

/** The mailbox of the holder's code. */
export class Mailbox {
  #items: ReadonlyMap<string, Item> = new Map();

  constructor(private readonly holder: Holder) {}

  /** Fetch everything, and require of each item that its events form one chain; throws Problem "row_differs". */
  async load(): Promise<Entry[]> {
    const { items } = (await this.#get("/family/mailbox")).json();
    if (!Array.isArray(items)) throw new Problem("answer_malformed");
    const read = items.map(readItem);
    this.#items = new Map(read.map((item) => [item.entry.item, item]));
    return read.map(({ entry }) => entry);
  }

  /** Fetch, check and open a reply, with its pictures. */
  async read(id: string): Promise<Reply> {
    const item = this.#item(id);
    const [first, ...others] = await Promise.all(item.parts.map((digest) => this.#fetch(digest)));
    if (!first) throw new Problem("nothing_to_read");
    const { signers } = await this.holder.loaded();
    const { ageSeed } = await this.holder.keys();
    const letter = await openLetter(first, ageSeed, { vkey: (by) => keyOf(by, signers, dirOf(first)) });
    requireItsOwn(letter, item);
    const entries = letter.manifest.enclosures ?? [];
    const pictures = [];
    for (const [at, entry] of entries.entries()) {
      if (entry.seed === null) continue;
      const bytes = await openEnclosure(others[at]!, letter.line, entry);
      pictures.push({ bytes: new Uint8Array(bytes), type: entry.type });
    }
    return {
      text: letter.manifest.text,
      lang: letter.manifest.lang,
      authenticity: authenticityOf(letter, signers),
      pictures,
      leftOut: entries.length - pictures.length,
      note: letter.manifest.note ?? null,
    };
  }

  /** Fetch and open the note that came with a letter; throws Problem "document_not_authentic". */
  async note(id: string): Promise<string> {
    const { note } = this.#item(id);
    if (!note) throw new Problem("nothing_to_read");
    const file = await this.#fetch(note);
    const { signers } = await this.holder.loaded();
    const { ageSeed } = await this.holder.keys();
    const document = await openDocument(file, ageSeed, { vkey: (by) => keyOf(by, signers, dirOf(file)) });
    if (document.line.kind !== "note" || document.line.item !== id) throw new Problem("part_differs");
    if (document.signature !== "authentic") throw new Problem("document_not_authentic");
    return fromUtf8(document.content);
  }

  /** Fetch a letter's receipt again, and verify it. */
  async receipt(id: string): Promise<Proven> {
    const receipt = (await this.#get(`/family/receipts/${id}`)).text();
    const { trust } = await this.holder.loaded();
    const { index, day } = verifyReceipt(receipt, trust, { item: id });
    return { item: id, index, day, receipt };
  }

  /** Say, signed, that a reply was read, or that a letter is taken back. */
  async sign(kind: "collected" | "withdraw", id: string): Promise<void> {
    const { trust } = await this.holder.loaded();
    const { signSeed, locator } = await this.holder.keys();
    const { last } = this.#item(id);
    const { parts } = last.parsed;
    const subjects = [{ item: id, prev: last.head, parts }];
    const statement = {
      kind,
      relay: trust.relay,
      directory: null,
      signedAt: formatTime(Date.now()),
      subjects,
      fields: {},
    };
    const note = signStatement(statement, familyName(trust.relay), signSeed);
    const answer = await this.holder.api.post("/family/statements", note, { mediaType: NOTE, bearer: locator });
    requireMoved(answer.json(), id, parts);
  }

  #item(id: string): Item {
    const found = this.#items.get(id);
    if (!found) throw new Problem("not_in_mailbox");
    return found;
  }

  async #get(path: string) {
    return this.holder.api.get(path, { bearer: (await this.holder.keys()).locator });
  }

  async #fetch(digest: string): Promise<Uint8Array> {
    const { body } = await this.#get(`/family/parts/${digest}`);
    if (partDigest(body) !== digest) throw new Problem("part_differs");
    return body;
  }
}

function readItem(row: unknown): Item {
  if (!isRecord(row) || !isId(row.item) || !KINDS.includes(row.kind)) throw new Problem("answer_malformed");
  const links = chainOf(row.item, readOpenings(row.openings));
  const last = links.at(-1)!;
  const word = wordOf(last.parsed.event);
  // Only events can be looked up in the log, so the word and the day have to be theirs.
  if (row.event !== last.event || row.word !== word || row.day !== last.parsed.day) throw new Problem("row_differs");
  const parts = readParts(row.parts);
  // What is read has to be what the log was told of, and not merely something that a reviewer's key has sealed.
  if (parts.length > 0 && `${parts}` !== `${last.parsed.parts}`) throw new Problem("row_differs");
  const note = isDigest(row.note) ? row.note : undefined;
  const stations = links.map(({ parsed }) => ({ event: parsed.event, day: parsed.day }));
  const entry: Entry = {
    item: row.item,
    kind: row.kind as Entry["kind"],
    word: word!,
    day: last.parsed.day,
    stations,
    note: note !== undefined,
    readable: row.kind === "reply" && parts.length > 0,
  };
  return { entry, last, parts, re: typeof row.re === "string" ? row.re : undefined, note };
}

function readOpenings(rows: unknown): Opening[] {
  if (!Array.isArray(rows)) throw new Problem("answer_malformed");
  return rows.map((row) => {
    const isOne =
      isRecord(row) && Number.isSafeInteger(row.index) && isDigest(row.nonce) && typeof row.event === "string";
    if (!isOne) throw new Problem("answer_malformed");
    return { index: row.index as number, nonce: row.nonce as string, event: row.event as string };
  });
}

function readParts(rows: unknown): string[] {
  if (!Array.isArray(rows)) throw new Problem("answer_malformed");
  return rows.map((row) => {
    if (!isRecord(row) || !isDigest(row.digest)) throw new Problem("answer_malformed");
    return row.digest;
  });
}

/** A reply must be the one that was asked for, sealed to a family, with the enclosures that the relay gave. */
function requireItsOwn({ line }: OpenedLetter, { entry, parts, re }: Item): void {
  const isIt = line.item === entry.item && line.kind === "reply" && line.hop === "review>family" && line.re === re;
  const digests = line.enclosures ?? [];
  const areIts = digests.length === parts.length - 1 && digests.every((digest, at) => digest === parts[at + 1]);
  if (!isIt || !areIts) throw new Problem("part_differs");
}

function requireMoved(answer: { items?: unknown }, id: string, parts: readonly string[]): void {
  const [moved] = Array.isArray(answer.items) ? answer.items : [];
  if (!isRecord(moved) || typeof moved.event !== "string") throw new Problem("answer_malformed");
  const event = parseEvent(moved.event);
  const isMeant =
    event.item === id && event.parts.length === parts.length && event.parts.every((part, at) => part === parts[at]);
  if (!isMeant) throw new Problem("row_differs");
}

/** The directory version that a sealed file names; its line was checked before anybody is asked for a key. */
function dirOf(file: Uint8Array): number {
  const line = fromUtf8(file.subarray(0, file.indexOf(0x0a)));
  return Number(JSON.parse(line.slice(line.indexOf("{"))).dir);
}

function keyOf(by: Author, signers: Signers, version: number): string | undefined {
  const key = "staff" in by ? signers.vkey(by.staff, READERS, version) : undefined;
  return key && hex(key);
}

function authenticityOf(letter: OpenedLetter, signers: Signers): Authenticity {
  const { by } = letter.manifest;
  if (letter.signature === "unsigned") return "unsigned";
  if (!("staff" in by)) return "forged";
  if (signers.isSuspended(by.staff, letter.line.dir)) return "suspended";
  if (!signers.vkey(by.staff, READERS, letter.line.dir)) return "stranger";
  return letter.signature === "authentic" ? "known" : "forged";
}
