/** What this device saw of a relay's log last: the checkpoint that passed, and how the last verification ended. */

import { b64, hex, unb64 } from "../../core/bytes";
import { readCheckpoint } from "../../core/checkpoint";
import { parseNote } from "../../core/notes";

/** The last checkpoint under which nothing was broken. */
export interface Seen {
  readonly size: number;
  /** Hex. */
  readonly root: string;
  /** When it was verified here, UTC. */
  readonly at: string;
  /** The checkpoint as it was signed. */
  readonly note: Uint8Array;
}

/** How the last verification ended; without a step nothing was broken. */
export interface Ended {
  readonly at: string;
  readonly size: number;
  readonly step?: string | undefined;
  readonly item?: string | undefined;
}

interface Kept {
  readonly size: number;
  readonly root: string;
  readonly at: string;
  readonly note: string;
}

type Store = Pick<Storage, "getItem" | "setItem">;

/** What is remembered of one relay, by its id. */
export class AuditMemory {
  constructor(
    readonly relay: string,
    readonly store: Store | undefined = storeOf(),
  ) {}

  /** What passed last; undefined the first time, or where it cannot be read. */
  get seen(): Seen | undefined {
    try {
      const kept = this.#read("seen") as Kept;
      const note = unb64(kept.note);
      const { size, root } = readCheckpoint(parseNote(note).text);
      return { size, root: hex(root), at: kept.at, note };
    } catch {
      return undefined;
    }
  }

  /** How the last verification ended. */
  get ended(): Ended | undefined {
    const kept = this.#read("ended");
    return kept === null ? undefined : (kept as Ended);
  }

  /** Remember a checkpoint under which nothing was broken. */
  keepSeen({ size, root, at, note }: Seen): void {
    const kept: Kept = { size, root, at, note: b64(note) };
    this.#write("seen", kept);
  }

  /** Remember how a verification ended. */
  keepEnded(ended: Ended): void {
    this.#write("ended", ended);
  }

  #read(what: string): unknown {
    try {
      return JSON.parse(this.store?.getItem(this.#key(what)) ?? "null");
    } catch {
      return null;
    }
  }

  #write(what: string, value: unknown): void {
    try {
      this.store?.setItem(this.#key(what), JSON.stringify(value));
    } catch {
      // A device that keeps nothing cannot tell, the next time, whether the log was exchanged; the board says so.
    }
  }

  #key(what: string): string {
    return `letter-relay/staff/audit/${this.relay}/${what}`;
  }
}

function storeOf(): Store | undefined {
  try {
    return globalThis.localStorage;
  } catch {
    return undefined;
  }
}
