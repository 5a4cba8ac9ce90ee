/**
 * Whose signatures count: the present staff, and those who have left, for what they sealed while they were there; less the
 * keys that operators have suspended, as they have signed it.
 */

import { unhex } from "./bytes";
import type { Directory } from "./directory";
import { Problem } from "./problems";
import { readStatement } from "./statements";
import { ed25519Vkey } from "./vkeys";

const OPERATORS: readonly string[] = ["operator"];

/** A member whom the directory no longer lists, as this device saw them last; `vkey` is the raw key, hex. */
export interface Former {
  readonly vkey: string;
  readonly roles: readonly string[];
  /** The last directory seen here that listed them so. */
  readonly version: number;
}

/** A key that an operator has taken out of force. */
export interface Suspension {
  readonly staff: string;
  /** The directory in force for the operator who signed. */
  readonly version: number;
  /** When it was signed, UTC. */
  readonly at: string;
}

/** Whose signatures count. */
export class Signers {
  constructor(
    readonly directory: Directory,
    readonly former: ReadonlyMap<string, Former> = new Map(),
    readonly suspended: ReadonlyMap<string, Suspension> = new Map(),
  ) {}

  /**
   * Say whether a member's key had been suspended before it sealed something: under a later directory, or into an item
   * accepted `since` (UTC). What claims to be older may have been made later still, but the door took nothing over it.
   */
  isSuspended(staff: string, version: number, since?: string): boolean {
    const suspension = this.suspended.get(staff);
    if (!suspension) return false;
    return version > suspension.version || (since !== undefined && since > suspension.at);
  }

  /** Give a member's raw public key if it counts: they need one of the roles, and `version` is the directory named. */
  vkey(staff: string, roles: readonly string[], version: number): Uint8Array | undefined {
    if (this.isSuspended(staff, version)) return undefined;
    if (this.directory.hasStaff(staff)) {
      const member = this.directory.staff(staff);
      return shares(member.roles, roles) ? member.key : undefined;
    }
    const former = this.former.get(staff);
    const counts = former && shares(former.roles, roles) && version <= former.version;
    return counts ? unhex(former.vkey) : undefined;
  }
}

/**
 * Take those suspensions that an operator has signed whose own key had power, and leave out the rest: believing others
 * would let the relay take any key out of use by itself.
 *
 * `notes` are in log order. Returns all that are known, by staff id: those of `signers`, and these.
 */
export function readSuspensions(notes: Iterable<Uint8Array>, signers: Signers, relay: string): Map<string, Suspension> {
  const found = new Map(signers.suspended);
  const unsuspended = new Signers(signers.directory, signers.former);
  for (const note of notes) {
    const one = readSuspension(note, unsuspended, found, relay);
    if (one && !found.has(one.staff)) found.set(one.staff, one);
  }
  return found;
}

function readSuspension(
  note: Uint8Array,
  signers: Signers,
  found: ReadonlyMap<string, Suspension>,
  relay: string,
): Suspension | undefined {
  try {
    const unverified = readStatement(note);
    const { statement, staff: by } = unverified;
    const { kind, directory } = statement;
    if (kind !== "suspend" || statement.relay !== relay || by === null || directory === null) return undefined;
    const key = signers.vkey(by, OPERATORS, directory);
    const staff = statement.fields.staff as string;
    if (!key || (found.has(by) && !found.has(staff))) return undefined;
    unverified.verifiedBy(ed25519Vkey(`${relay}/staff/${by}`, key));
    return { staff, version: directory, at: statement.signedAt };
  } catch (error) {
    if (error instanceof Problem) return undefined;
    throw error;
  }
}

function shares(some: readonly string[], others: readonly string[]): boolean {
  return some.some((one) => others.includes(one));
}
