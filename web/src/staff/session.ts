/**
 * A member of staff at work: signed in by a statement, with the keys of their desks, signing what they decide.
 *
 * A desk's key is taken only if the verified directory has its public half, and a statement is signed only over events
 * whose bytes were hashed here. The session's token opens queues; it cannot decide anything. Token and keys are in memory
 * only, and the lock overwrites them there: whoever comes to a locked page needs the code or the passkey, as at first.
 */

import { type Bytes, sha256hex, unb64, utf8 } from "../core/bytes";
import { type SigningKeys, staffKeys } from "../core/codes";
import type { Desk, Directory, StaffMember } from "../core/directory";
import { sealDocument } from "../core/documents";
import type { DocumentKind, DocumentLine } from "../core/firstlines";
import { openDeskKey, type StaffRoot } from "../core/keyrings";
import { Problem } from "../core/problems";
import { partDigest } from "../core/sealed";
import { type StatementKind, type Subject, signStatement } from "../core/statements";
import type { Signers } from "../core/suspensions";
import type { Trust } from "../core/trust";
import { idOf, integerOf, type Members, objectsOf, textOf } from "./answers";
import type { TrustBook } from "./book";
import { Observable } from "./frame/context";
import { batchParts, FRAMED, frameParts, MOST_FRAMED_BYTES, unframeParts } from "./framing";
import type { Possibility } from "./passkeys";
import { type Move, type PartSize, type Row, readMoves, readRows } from "./rows";
import { NOTE, newId, now, SEALED, type Wire } from "./wire";

/** One fetch stays well below what the relay gives at once. */
const FETCH_BYTES = 16 * 1024 * 1024;
const UNKNOWN_SIZE_BYTES = 64 * 1024;
const MOST_SUBJECTS = 500;

/** Where each kind of statement goes; what is about no item goes to the office. */
const ROUTES: Readonly<Record<string, string>> = {
  ...all("/review/statements", "claim release match pass return propose_withhold confirm overturn escalate"),
  ...all("/review/statements", "redirect recall bag declare_lost"),
  ...all("/facility/statements", "receive missing find deliver refuse fail"),
  ...all("/facility/replies", "reply-accept"),
};

/** A statement that is signed and can be sent as often as it takes: the relay takes the second for the first. */
export interface Signed {
  readonly path: string;
  readonly note: Bytes;
  readonly subjects: readonly Subject[];
}

/** The keys of a statement besides its subjects; undefined ones are left out. */
export type Fields = Readonly<Record<string, unknown>>;

/** A keyring that was opened; the session takes both secrets over, and overwrites them when it locks. */
export interface Unlocked {
  readonly root: StaffRoot;
  /** What opened it: one more reader is let in with it. */
  readonly seed: Uint8Array;
}

/** The member's secrets, for as long as the page is not locked. */
interface Secrets {
  readonly keys: SigningKeys;
  readonly seed: Uint8Array;
  /** By desk and epoch. */
  deskKeys: ReadonlyMap<string, ReadonlyMap<number, Uint8Array>>;
}

/** One place where somebody is signed in; times in POSIX seconds. */
export interface Device {
  readonly id: string;
  readonly createdAt: number;
  readonly seenAt: number;
  readonly here: boolean;
}

/** Somebody who is signed in. It tells its watchers when it is locked, unlocked, or has a new directory. */
export class StaffSession extends Observable {
  /** Whether the keys are gone from memory: what is on the page stays, until the same member opens them again. */
  locked = false;
  /** The member's id. */
  readonly id: string;
  #token: string | undefined;
  #secrets: Secrets | undefined;
  /** Of which desks keys were opened last; the faces that stand under the lock ask for it too. */
  #hadKeys: ReadonlySet<string> = new Set();

  constructor(
    readonly wire: Wire,
    readonly book: TrustBook,
    unlocked: Unlocked,
    readonly passkeys: Possibility,
  ) {
    super();
    this.id = unlocked.root.staff;
    this.#take(unlocked);
    wire.bearer = () => this.#token;
    wire.onOver = () => this.lock();
  }

  /** The member, as the directory has them. */
  get member(): StaffMember {
    return this.directory.staff(this.id);
  }

  get roles(): readonly string[] {
    return this.member.roles;
  }

  get directory(): Directory {
    return this.book.directory;
  }

  get trust(): Trust {
    return this.book.trust;
  }

  /** The relay's id. */
  get relay(): string {
    return this.trust.relay;
  }

  /** Whose signatures count. */
  get signers(): Signers {
    return this.book.signers;
  }

  /** The desks at which they work, of one kind or all. */
  desks(kind?: string): Desk[] {
    return this.member.desks
      .map((id) => this.directory.desk(id))
      .filter((desk) => kind === undefined || desk.kind === kind);
  }

  // ---------------------------------------------------------------- the session itself

  /** Sign in: a challenge, a statement over it, a token; then open the desk keys. */
  async signIn(): Promise<void> {
    const asked = await this.wire.post("/sign-in/challenges", { staff: this.id });
    const note = this.sign("sign-in", [], { challenge: textOf(asked, "challenge") });
    this.#token = textOf(await this.wire.send("POST", "/sign-in", note, NOTE), "token");
    await this.#openDesks();
    this.locked = false;
    this.changed();
  }

  /**
   * Take the keys of the same member again after the lock, and sign in; if that fails, they are overwritten again.
   *
   * Throws Problem "other_member", and those of `signIn`.
   */
  async unlock(unlocked: Unlocked): Promise<void> {
    if (unlocked.root.staff !== this.id) {
      forget([unlocked.root.root, unlocked.seed]);
      throw new Problem("other_member");
    }
    this.#wipe();
    this.#take(unlocked);
    try {
      await this.signIn();
    } catch (fault) {
      this.#wipe();
      throw fault;
    }
  }

  /** Overwrite and drop keys and token; what is on the page stays, and nothing can be opened or signed. */
  lock(): void {
    this.#wipe();
    if (this.locked) return;
    this.locked = true;
    this.changed();
  }

  /** What the keyring's own secret is for is derived at once; the secret itself is not kept. */
  #take({ root, seed }: Unlocked): void {
    this.#secrets = { keys: staffKeys(root.root), seed, deskKeys: new Map() };
    forget([root.root]);
  }

  /** As well as JavaScript can: its own copies, made while something is reckoned, are not in our hands. */
  #wipe(): void {
    const { keys, seed, deskKeys = new Map<string, ReadonlyMap<number, Uint8Array>>() } = this.#secrets ?? {};
    const ofDesks = [...deskKeys.values()].flatMap((byEpoch) => [...byEpoch.values()]);
    forget([keys?.signSeed, keys?.ageSeed, seed, ...ofDesks]);
    this.#secrets = undefined;
    this.#token = undefined;
  }

  /** The secrets; throws Problem "sign_in_first" under the lock. */
  get #open(): Secrets {
    if (this.#secrets === undefined) throw new Problem("sign_in_first");
    return this.#secrets;
  }

  /** End this session at the relay; a relay that cannot be reached ends it by itself. */
  async signOut(): Promise<void> {
    const token = this.#token;
    if (token === undefined) return;
    await this.endDevice(sha256hex(utf8(token))).catch(() => undefined);
    this.#token = undefined;
  }

  /** Where they are signed in. */
  async devices(): Promise<Device[]> {
    const here = this.#token === undefined ? "" : sha256hex(utf8(this.#token));
    return objectsOf(await this.wire.get("/staff/sessions"), "sessions").map((one) => ({
      id: textOf(one, "id"),
      createdAt: integerOf(one, "created_at"),
      seenAt: integerOf(one, "seen_at"),
      here: textOf(one, "id") === here,
    }));
  }

  /** End a session, here or on another device. */
  async endDevice(id: string): Promise<void> {
    await this.wire.send("DELETE", `/staff/sessions/${id}`);
  }

  // ---------------------------------------------------------------- desk keys

  /**
   * A desk's seeds that open a file sealed to these `desk/epoch` names, or all; to be used at once, for the lock
   * overwrites them. Throws Problem "no_desk_key", or "sign_in_first" under the lock.
   */
  deskSeeds(desk: string, to: readonly string[] = []): Uint8Array[] {
    const byEpoch = this.#open.deskKeys.get(desk);
    if (byEpoch === undefined) throw new Problem("no_desk_key");
    const named = [...byEpoch].filter(([epoch]) => to.includes(`${desk}/${epoch}`)).map(([, seed]) => seed);
    return named.length > 0 ? named : [...byEpoch.values()].reverse();
  }

  /** Whether some key of a desk is sealed to them. */
  hasDeskKey(desk: string): boolean {
    return this.#hadKeys.has(desk);
  }

  async #openDesks(): Promise<void> {
    const found = new Map<string, Map<number, Uint8Array>>();
    const sealed = objectsOf(await this.wire.get("/staff/desk-keys"), "keys");
    const secrets = this.#open;
    secrets.deskKeys = found;
    for (const one of sealed) {
      const desk = idOf(one, "desk");
      // What the directory does not have yet, or no more, is left alone: a new epoch that is not published.
      if (!this.#isListed(desk, integerOf(one, "epoch"))) continue;
      const key = await openDeskKey(unb64(textOf(one, "sealed")), this.#open.keys.ageSeed, this.directory);
      found.set(key.desk, (found.get(key.desk) ?? new Map()).set(key.epoch, key.seed));
    }
    this.#hadKeys = new Set(found.keys());
    // Colleagues seal desk keys to what is shown here; the directory has its digest, so a false one is refused.
    await this.wire.put("/staff/recipient", { recipient: secrets.keys.recipient });
  }

  #isListed(desk: string, epoch: number): boolean {
    const listed = this.directory.desks.find((one) => one.id === desk);
    return listed?.epochs.some((one) => one.epoch === epoch) ?? false;
  }

  // ---------------------------------------------------------------- statements

  /** Sign a statement; undefined fields are left out. Throws Problem "statement_malformed". */
  sign(kind: StatementKind, subjects: readonly Subject[], fields: Fields): Bytes {
    const given = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
    const { relay } = this;
    const directory = this.directory.version;
    const statement = { kind, relay, directory, signedAt: now(), subjects: [...subjects], fields: given };
    return signStatement(statement, `${relay}/staff/${this.id}`, this.signSeed);
  }

  /** Sign a statement about items, to be sent by `send`. */
  prepare(kind: StatementKind, subjects: readonly Subject[], fields: Fields, path = ROUTES[kind]): Signed {
    if (path === undefined) throw new Problem("statement_malformed", `a statement of kind ${kind} is about no item`);
    return { path, note: this.sign(kind, subjects, fields), subjects };
  }

  /** Send a signed statement, and require that it moved exactly what was signed over. */
  async send(signed: Signed): Promise<Move[]> {
    return readMoves(await this.wire.send("POST", signed.path, signed.note, NOTE), signed.subjects);
  }

  /** Sign a statement over up to 500 items and send it. */
  async submit(kind: StatementKind, subjects: readonly Subject[], fields: Fields = {}, path?: string): Promise<Move[]> {
    return this.send(this.prepare(kind, subjects, fields, path));
  }

  /** Sign and send a statement that is about no item (`register`, `suspend`, `audited`); gives its log index. */
  async office(kind: StatementKind, fields: Fields, rows?: string): Promise<number> {
    const note = new TextDecoder().decode(this.sign(kind, [], fields));
    return integerOf(
      await this.wire.post("/office/statements", { note, ...(rows === undefined ? {} : { rows }) }),
      "index",
    );
  }

  // ---------------------------------------------------------------- sealed files

  /** Upload sealed files, many in one request; sent twice they are kept once. Gives their digests. */
  async uploadParts(parts: readonly Uint8Array[]): Promise<string[]> {
    for (const batch of batchParts(parts)) await this.#uploadBatch(batch);
    return parts.map(partDigest);
  }

  async #uploadBatch(batch: readonly Uint8Array[]): Promise<void> {
    const expected = batch.map(partDigest);
    const framed = frameParts(batch);
    if (framed.length > MOST_FRAMED_BYTES) {
      await this.wire.send("PUT", `/staff/parts/${expected[0]}`, batch[0]!, SEALED);
      return;
    }
    const { digests } = await this.wire.send("POST", "/staff/parts", framed, FRAMED);
    if (JSON.stringify(digests) !== JSON.stringify(expected)) throw new Problem("parts_not_asked_for");
  }

  /** Fetch sealed files, many in one request, by digest; throws Problem "parts_not_asked_for" for any other. */
  async fetchParts(parts: Iterable<PartSize>): Promise<Map<string, Bytes>> {
    const found = new Map<string, Bytes>();
    for (const digests of fetches(parts)) {
      const files = unframeParts(await this.wire.postForBytes("/staff/parts/fetch", { digests }));
      if (files.length !== digests.length) throw new Problem("parts_not_asked_for");
      for (const [at, file] of files.entries()) {
        if (partDigest(file) !== digests[at]) throw new Problem("parts_not_asked_for");
        found.set(digests[at]!, file);
      }
    }
    return found;
  }

  /** Sign a document and seal it to a desk's current key: a scan, a contact, a page of the register. */
  async sealDocument(
    kind: DocumentKind,
    content: Uint8Array,
    to: { desk: string; item?: string | undefined; id?: string | undefined; version?: number | undefined },
  ): Promise<Bytes> {
    const name = this.currentEpoch(to.desk);
    const line: DocumentLine = {
      relay: this.relay,
      kind,
      id: to.id ?? newId(),
      item: to.item,
      to: [name],
      dir: this.directory.version,
      version: to.version ?? 1,
    };
    return this.sealTo(line, content, [this.directory.recipient(name)]);
  }

  /** Sign a document of any line and seal it to recipients. */
  async sealTo(line: DocumentLine, content: Uint8Array, recipients: readonly string[]): Promise<Bytes> {
    return sealDocument({ line, content, author: { staff: this.id }, signSeed: this.signSeed, recipients });
  }

  /** The Ed25519 seed with which they sign what they seal; to be used at once. Throws as `deskSeeds`. */
  get signSeed(): Uint8Array {
    return this.#open.keys.signSeed;
  }

  /** The age identity's seed of the member; to be used at once. Throws as `deskSeeds`. */
  get ageSeed(): Uint8Array {
    return this.#open.keys.ageSeed;
  }

  /** The seed that opened the keyring; to be used at once. Throws as `deskSeeds`. */
  get unlockSeed(): Uint8Array {
    return this.#open.seed;
  }

  /** A desk's current key, as `desk/epoch`. */
  currentEpoch(desk: string): string {
    return this.directory.current(desk).to;
  }

  // ---------------------------------------------------------------- reading

  /** Ask for a JSON object in this session. */
  get(path: string, query: Readonly<Record<string, string>> = {}): Promise<Members> {
    return this.wire.get(path, query);
  }

  /** Send a JSON object in this session. */
  post(path: string, members: unknown): Promise<Members> {
    return this.wire.post(path, members);
  }

  /** Ask for a queue in this session. */
  async rows(path: string, query: Readonly<Record<string, string>> = {}): Promise<Row[]> {
    return readRows(await this.get(path, query));
  }
}

/** Split what is to be fetched, so that one answer has at most 500 files and about 16 MiB. */
function fetches(parts: Iterable<PartSize>): string[][] {
  const batches: string[][] = [];
  let total = 0;
  for (const [digest, size] of new Map([...parts].map((part) => [part.digest, part.bytes]))) {
    const weight = size || UNKNOWN_SIZE_BYTES;
    if (batches.length === 0 || total + weight > FETCH_BYTES || batches.at(-1)!.length === MOST_SUBJECTS) {
      batches.push([]);
      total = 0;
    }
    batches.at(-1)!.push(digest);
    total += weight;
  }
  return batches;
}

/** Overwrite secrets. */
export function forget(secrets: Iterable<Uint8Array | undefined>): void {
  for (const secret of secrets) secret?.fill(0);
}

function all(path: string, kinds: string): Record<string, string> {
  return Object.fromEntries(kinds.split(" ").map((kind) => [kind, path]));
}

/** The first eight digits of an id: what people call each other's keys and desks by. */
export function shortId(id: string): string {
  return id.slice(0, 8);
}
