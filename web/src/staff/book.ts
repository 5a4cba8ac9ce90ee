/**
 * The verified trust and directory of one relay, and what this device remembers of them, so that nothing goes back: the
 * newest directory, whom it has listed, which keys were suspended, the versions of documents. None of it is secret.
 */

import { hex, utf8 } from "../core/bytes";
import { type Directory, readDirectoryNote, verifyDirectory } from "../core/directory";
import { Problem } from "../core/problems";
import { type Former, readSuspensions, Signers, type Suspension } from "../core/suspensions";
import { type ParsedTrust, verifyTrust } from "../core/trust";
import { objectsOf, textOf } from "./answers";
import { now, type Wire } from "./wire";

/** What is kept between two visits. */
interface Memory {
  readonly trustVersion: number;
  /** The newest directory's note. */
  readonly directory?: string;
  readonly former: Readonly<Record<string, Former>>;
  readonly suspended: Readonly<Record<string, Suspension>>;
  /** The newest version seen of each sealed document, by its id; of the register, by the relay's id. */
  readonly documents: Record<string, number>;
}

const NOTHING: Memory = { trustVersion: 0, former: {}, suspended: {}, documents: {} };

/** Trust and directory of one relay, by its fingerprint; `refresh` brings them up to date. */
export class TrustBook {
  #memory: Memory;
  #trust: ParsedTrust | undefined;
  #directory: Directory | undefined;

  constructor(
    readonly fingerprint: string,
    readonly storage: Pick<Storage, "getItem" | "setItem"> | undefined = storageOf(),
  ) {
    this.#memory = load(storage, fingerprint);
  }

  /** The trust in force; throws Problem "nothing_seen" before `refresh`. */
  get trust(): ParsedTrust {
    if (this.#trust === undefined) throw new Problem("nothing_seen");
    return this.#trust;
  }

  /** The directory in force; throws as `trust`. */
  get directory(): Directory {
    if (this.#directory === undefined) throw new Problem("nothing_seen");
    return this.#directory;
  }

  /** Whose signatures count. */
  get signers(): Signers {
    const { former, suspended } = this.#memory;
    return new Signers(this.directory, new Map(Object.entries(former)), new Map(Object.entries(suspended)));
  }

  /**
   * Fetch trust, directory and suspensions, and verify that they follow what was seen.
   *
   * Throws Problem "fingerprint_differs", "trust_rolled_back", "directory_…" and those of `Wire`.
   */
  async refresh(wire: Wire): Promise<void> {
    const [trustNote, answered] = await Promise.all([wire.getBytes("/trust"), wire.get("/directory")]);
    const trust = verifyTrust(trustNote, this.fingerprint, { seenVersion: this.#memory.trustVersion });
    const note = utf8(textOf(answered, "note"));
    const directory = this.#verified(note, utf8(textOf(answered, "document")), trust);
    this.#trust = trust;
    this.#directory = directory;
    const listed = directory.members.map((member): [string, Former] => {
      const vkey = hex(member.key);
      return [member.id, { vkey, roles: member.roles, version: directory.version }];
    });
    const former = { ...this.#memory.former, ...Object.fromEntries(listed) };
    this.#memory = { ...this.#memory, trustVersion: trust.version, directory: textOf(answered, "note"), former };
    const notes = objectsOf(await wire.get("/suspensions"), "suspensions").map((one) => utf8(textOf(one, "note")));
    const suspended = Object.fromEntries(readSuspensions(notes, this.signers, trust.relay));
    this.#memory = { ...this.#memory, suspended };
    this.#save();
  }

  /** Whether some version of a sealed document was seen on this device. */
  hasSeen(id: string): boolean {
    return id in this.#memory.documents;
  }

  /** Remember a document's version; throws Problem "document_rolled_back" if a newer one was seen. */
  checkDocument(id: string, version: number): void {
    if (version < (this.#memory.documents[id] ?? 0)) throw new Problem("document_rolled_back");
    if (version === this.#memory.documents[id]) return;
    this.#memory.documents[id] = version;
    this.#save();
  }

  /** Where versions were missed, k operators vouch for the newest; that it is newer is still required. */
  #verified(note: Uint8Array, document: Uint8Array, trust: ParsedTrust): Directory {
    const seen = this.#memory.directory;
    const previous = seen === undefined ? undefined : utf8(seen);
    try {
      return verifyDirectory(note, document, trust, { at: now(), previous });
    } catch (fault) {
      const isGap = fault instanceof Problem && fault.code === "directory_gap" && previous !== undefined;
      if (!isGap || readDirectoryNote(note).version <= readDirectoryNote(previous).version) throw fault;
      return verifyDirectory(note, document, trust, { at: now() });
    }
  }

  #save(): void {
    try {
      this.storage?.setItem(keyOf(this.fingerprint), JSON.stringify(this.#memory));
    } catch {
      // A device that keeps nothing notices less: it sees each time for the first.
    }
  }
}

function load(storage: Pick<Storage, "getItem"> | undefined, fingerprint: string): Memory {
  try {
    return { ...NOTHING, documents: {}, ...JSON.parse(storage?.getItem(keyOf(fingerprint)) ?? "{}") };
  } catch {
    return { ...NOTHING, documents: {} };
  }
}

function keyOf(fingerprint: string): string {
  return `letter-relay/staff/seen/${fingerprint}`;
}

function storageOf(): Storage | undefined {
  try {
    return globalThis.localStorage;
  } catch {
    return undefined;
  }
}
