/** A relay that is only played, keys and all: answers by path, in memory, honest until a test makes it lie. */

import { ed25519 } from "@noble/curves/ed25519.js";
import { b64, concat, fromUtf8, hex, randomBytes, sha256hex, unhex, utf8 } from "../src/core/bytes";
import { encodeJson } from "../src/core/canonical";
import { encodeCheckpoint } from "../src/core/checkpoint";
import { staffKeys } from "../src/core/codes";
import { sealDocument } from "../src/core/documents";
import { type Entry, encodeEntry } from "../src/core/entries";
import { recipientOf } from "../src/core/hybrid";
import {
  type DeskKey,
  newDeskKey,
  newStaffRoot,
  recipientDigest,
  type StaffRoot,
  sealDeskKey,
  sealKeyring,
  staffReader,
} from "../src/core/keyrings";
import { leafHash, pairUp, treeRoot } from "../src/core/merkle";
import { noteDigest, type Signer, signNote } from "../src/core/notes";
import { partDigest } from "../src/core/sealed";
import { ENTRIES, encodeBundle, parseTilePath, TILE_WIDTH } from "../src/core/tiles";
import { encodeTrust, fingerprintOf, type Trust } from "../src/core/trust";
import { ed25519Vkey } from "../src/core/vkeys";
import { frameParts } from "../src/staff/framing";

export const ORIGIN = "relay.example/log/1";
const DAY_MS = 24 * 60 * 60 * 1_000;

/** Bytes, an object as JSON, or a whole response; nothing is not found. */
type Answer = Uint8Array | Response | object;
/** Puts another answer in the place of the honest one. */
export type Lie = (honest: Answer | undefined) => Answer | undefined;

/** One member of the played staff. */
export interface PlayedMember {
  readonly root: StaffRoot;
  /** Opens the keyring, as a staff code would. */
  readonly seed: Uint8Array;
  readonly roles: readonly string[];
}

function signer(name: string): Signer {
  return { name, seed: randomBytes(32) };
}

function vkeyOf({ name, seed }: Signer): string {
  return String(ed25519Vkey(name, ed25519.getPublicKey(seed)));
}

/** A relay with two operators, a review desk, a reviewer, a colleague of hers, and a registrar. */
export class PlayedRelay {
  readonly id = hex(randomBytes(16));
  readonly desk = hex(randomBytes(16));
  readonly otherDesk = hex(randomBytes(16));
  readonly root = signer(`${this.id}/root`);
  readonly logKey = signer(ORIGIN);
  readonly operators = [1, 2].map((n) => signer(`${this.id}/directory/${n}`));
  readonly ann = this.#member(["reviewer"]);
  readonly ben = this.#member(["reviewer"]);
  readonly reg = this.#member(["registrar"]);
  readonly deskKey: DeskKey = newDeskKey(this.id, this.desk, 1);
  readonly otherKey: DeskKey = newDeskKey(this.id, this.otherDesk, 1);
  readonly fingerprint = fingerprintOf(this.id, ed25519.getPublicKey(this.root.seed));
  trust: Uint8Array = this.signTrust();
  document = "";
  directory: Uint8Array = new Uint8Array();
  entries: Uint8Array[] = [];
  pages: string[] = [];
  contacts: { mailbox: string; contact: string }[] = [];
  /** What answers otherwise than it should, by path. */
  readonly lies = new Map<string, Lie>();
  /** Every request: method, path, and the bearer if there was one. */
  readonly asked: string[] = [];
  readonly #files = new Map<string, Uint8Array>();

  constructor() {
    this.log({ kind: "trust", note: concat(this.trust) });
    this.publish();
  }

  /** Sign a version of the trust. */
  signTrust(change: Partial<Trust> = {}): Uint8Array {
    const plain: Trust = {
      version: 1,
      root: vkeyOf(this.root),
      relay: this.id,
      origin: ORIGIN,
      log: [vkeyOf(this.logKey)],
      directory: this.operators.map(vkeyOf),
      k: 2,
      policy: "quorum none\n",
      previous: null,
      ...change,
    };
    return signNote(encodeTrust(plain), [this.root]);
  }

  /** Sign a version of the directory, and give note and document. */
  signDirectory(
    version: number,
    previous: Uint8Array | null,
    change: object = {},
  ): { note: Uint8Array; document: string } {
    const epoch = (key: DeskKey) => ({ epoch: 1, recipient: recipientOf(key.seed), from: "2026-01-01T00:00:00Z" });
    const desk = (key: DeskKey) => ({ id: key.desk, kind: "review", keyless: false, epochs: [epoch(key)] });
    const staff = [this.ann, this.ben, this.reg].map(({ root, roles }) => {
      const { vkey, recipient } = staffKeys(root.root);
      return {
        id: root.staff,
        person: root.staff,
        desks: roles.includes("reviewer") ? [this.desk] : [],
        roles,
        vkey: String(ed25519Vkey(`${this.id}/staff/${root.staff}`, unhex(vkey))),
        recipient_sha256: recipientDigest(recipient),
      };
    });
    const desks = [desk(this.deskKey), desk(this.otherKey)];
    const document = encodeJson({ version, intake: this.desk, sides: ["north", "south"], desks, staff, ...change });
    const line = {
      version,
      prev: previous === null ? null : noteDigest(previous),
      sha256: sha256hex(utf8(document)),
      bytes: utf8(document).length,
      expires: new Date(Date.now() + 60 * DAY_MS).toISOString().replace(/\.\d+/, ""),
    };
    const note = signNote(`letter-relay/directory/v1\n${encodeJson(line)}\n`, this.operators);
    return { note, document };
  }

  /** Publish the next version of the directory, and log it unless told otherwise. */
  publish({ logged = true, change = {} }: { logged?: boolean; change?: object } = {}): void {
    const version = this.document === "" ? 1 : JSON.parse(this.document).version + 1;
    const signed = this.signDirectory(version, version === 1 ? null : this.directory, change);
    this.directory = signed.note;
    this.document = signed.document;
    if (logged) this.log({ kind: "directory", note: concat(signed.note) });
  }

  /** Write an entry into the log. */
  log(entry: Entry): void {
    this.entries.push(encodeEntry(entry));
  }

  /** Write that many entries of letters, which say nothing. */
  works(count = 1): void {
    for (let n = 0; n < count; n++) this.log({ kind: "custody", tag: randomBytes(32), commitment: randomBytes(32) });
  }

  /** Seal a page of the register to a desk, signed by a registrar unless told otherwise; gives its digest. */
  async registers(number: string, version: number, { to = this.deskKey, by = this.reg } = {}): Promise<string> {
    const content = encodeJson({ v: 1, records: [{ number, status: "confirmed", place: this.otherDesk }] });
    const digest = await this.#seals("register", hex(randomBytes(16)), content, { version, to, by });
    this.pages.push(digest);
    return digest;
  }

  /** Seal the record of a mailbox to the review desk, signed by a reviewer unless told otherwise. */
  async records(mailbox: string, detainee: string, version: number, by = this.ben): Promise<void> {
    const content = encodeJson({ v: 1, mailbox, detainee, vkey: "ab".repeat(32) });
    const contact = await this.#seals("contact", mailbox, content, { version, to: this.deskKey, by });
    this.contacts.push({ mailbox, contact });
  }

  async #seals(
    kind: "register" | "contact",
    id: string,
    content: string,
    { version, to, by }: { version: number; to: DeskKey; by: PlayedMember },
  ): Promise<string> {
    const file = await sealDocument({
      line: { relay: this.id, kind, id, to: [`${to.desk}/1`], dir: 1, version },
      content: utf8(content),
      author: { staff: by.root.staff },
      signSeed: staffKeys(by.root.root).signSeed,
      recipients: [recipientOf(to.seed)],
    });
    this.#files.set(partDigest(file), file);
    return partDigest(file);
  }

  /** Sign a checkpoint over these entries with the log's own key, as only the relay can. */
  checkpoint(entries = this.entries): Uint8Array {
    const root = concat(treeRoot(entries.map(leafHash)));
    return signNote(encodeCheckpoint({ origin: ORIGIN, size: entries.length, root }), [this.logKey]);
  }

  /** Answer as a browser's `fetch` would. */
  readonly fetch = (async (path: string, sent: RequestInit = {}): Promise<Response> => {
    const bearer = new Headers(sent.headers).get("Authorization") ?? "";
    this.asked.push(`${sent.method} ${path} ${bearer}`.trim());
    const honest = await this.#honest(path, sent);
    const answer = (this.lies.get(path) ?? ((same) => same))(honest);
    if (answer === undefined) {
      const gone = { status: 404, headers: { "Content-Type": "application/problem+json" } };
      return new Response(JSON.stringify({ code: "not_found", cure: "Look elsewhere." }), gone);
    }
    if (answer instanceof Response) return answer;
    return answer instanceof Uint8Array ? new Response(answer.slice()) : Response.json(answer);
  }) as typeof fetch;

  async #honest(path: string, sent: RequestInit): Promise<Answer | undefined> {
    const { ann, ben } = this;
    if (path.startsWith("/log/1/")) return this.#logFile(path.slice("/log/1/".length));
    for (const one of [ann, ben]) {
      if (path === `/keyrings/${one.root.staff}`) return sealKeyring(one.root, [recipientOf(one.seed)]);
    }
    switch (path) {
      case "/trust":
        return this.trust;
      case "/directory":
        return { note: fromUtf8(this.directory), document: this.document };
      case "/suspensions":
        return { suspensions: [] };
      case "/sign-in/challenges":
        return { challenge: "c0".repeat(32) };
      case "/sign-in":
        return { token: "t0ken" };
      case "/staff/desk-keys":
        return { keys: [{ desk: this.desk, epoch: 1, sealed: b64(await this.#sealedDeskKey()) }] };
      case "/staff/recipient":
        return {};
      case "/review/register":
        return { pages: this.pages };
      case "/review/contacts":
        return { contacts: this.contacts };
      case "/staff/parts/fetch": {
        const { digests } = JSON.parse(fromUtf8(sent.body as Uint8Array));
        return frameParts(digests.map((digest: string) => this.#files.get(digest)!));
      }
      default:
        return undefined;
    }
  }

  #logFile(path: string): Uint8Array | undefined {
    if (path === "checkpoint") return this.checkpoint();
    const { level, index, width } = parseTilePath(path);
    const start = index * TILE_WIDTH;
    let row: Uint8Array[] = this.entries;
    if (level === ENTRIES) return cut(row, start, width, (some) => concat(encodeBundle(some)));
    row = row.map(leafHash);
    for (let height = 0; height < level * 8; height++) row = pairUp(row);
    return cut(row, start, width, (some) => concat(...some));
  }

  async #sealedDeskKey(): Promise<Uint8Array> {
    const { ann, ben, deskKey: key } = this;
    const directory = {
      version: 1,
      staff: (id: string) => JSON.parse(this.document).staff.find((one: { id: string }) => one.id === id),
      recipient: () => recipientOf(key.seed),
    };
    const readers = new Map([ann, ben].map(({ root }) => [staffReader(root.staff), staffKeys(root.root).recipient]));
    return sealDeskKey({ key, readers, by: ben.root, directory });
  }

  #member(roles: readonly string[]): PlayedMember {
    return { root: newStaffRoot(this.id, hex(randomBytes(16))), seed: randomBytes(32), roles };
  }
}

function cut(
  row: readonly Uint8Array[],
  start: number,
  width: number,
  encode: (some: Uint8Array[]) => Uint8Array,
): Uint8Array | undefined {
  const some = row.slice(start, start + width);
  return some.length === width ? encode(some) : undefined;
}

/** What a browser keeps, in memory. */
export function storage(): Pick<Storage, "getItem" | "setItem"> & { readonly kept: Map<string, string> } {
  const kept = new Map<string, string>();
  return { kept, getItem: (key) => kept.get(key) ?? null, setItem: (key, text) => void kept.set(key, text) };
}
