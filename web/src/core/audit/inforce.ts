/** Who has authority at a log index: the last trust and directory below it, less the keys suspended below it. */

import { type Directory, type DirectoryNote, type Member, readDirectoryNote } from "../directory";
import { Problem } from "../problems";
import type { Statement } from "../statements";
import type { ParsedTrust } from "../trust";

interface Authority {
  readonly trust?: ParsedTrust;
  readonly directory?: Directory;
  readonly note?: DirectoryNote;
  readonly noteBytes?: Uint8Array;
}

/** Authority at one log index; each change gives another. */
export class InForce {
  constructor(
    readonly now: Authority = {},
    /** Expiry (UTC) of every directory's version so far. */
    private readonly expires: ReadonlyMap<number, string> = new Map(),
    /** Staff ids whose keys have no power any more. */
    readonly suspended: ReadonlySet<string> = new Set(),
  ) {}

  get directory(): Directory | undefined {
    return this.now.directory;
  }

  get trust(): ParsedTrust | undefined {
    return this.now.trust;
  }

  /** Put a new trust in force. */
  withTrust(trust: ParsedTrust): InForce {
    return new InForce({ ...this.now, trust }, this.expires, this.suspended);
  }

  /** Put a new directory in force; a suspended key stays suspended, whatever later directories say. */
  withDirectory(noteBytes: Uint8Array, directory: Directory): InForce {
    const note = readDirectoryNote(noteBytes);
    const expires = new Map(this.expires).set(note.version, note.expires);
    return new InForce({ ...this.now, note, noteBytes, directory }, expires, this.suspended);
  }

  /** Remove a key's power. */
  withSuspension(staff: string): InForce {
    return new InForce(this.now, this.expires, new Set(this.suspended).add(staff));
  }

  /** Return the directory in force at a moment (UTC); throws Problem "not_open" or "directory_over". */
  opened(at: string): Directory {
    const { directory, note } = this.now;
    if (!directory || !note) throw new Problem("not_open");
    if (at >= note.expires) throw new Problem("directory_over");
    return directory;
  }

  /**
   * Return who signed a statement, if their key has power here. Throws Problem "wrong_relay", "directory_unknown",
   * "key_suspended", "unknown_staff", and as `opened`.
   */
  signerOf(statement: Statement, staff: string, at: string): Member {
    const directory = this.opened(at);
    if (statement.relay !== this.trust?.relay) throw new Problem("wrong_relay");
    const expires = this.expires.get(statement.directory ?? -1);
    if (expires === undefined || at >= expires) throw new Problem("directory_unknown");
    if (this.suspended.has(staff)) throw new Problem("key_suspended");
    return directory.staff(staff);
  }
}
