/**
 * A dispatcher's table: what was passed and waits to be packed, place by place, what did not arrive with its bag, and the
 * bags that were packed from this page. What is packed has been given out of hand; the receiver's signature answers it.
 */

import { sha256hex, utf8 } from "../../core/bytes";
import { encodeJson } from "../../core/canonical";
import { Problem } from "../../core/problems";
import type { Subject } from "../../core/statements";
import { Deed, inPieces } from "../facility/deeds";
import { Observable } from "../frame/context";
import { ReviewDesk } from "../review/desk";
import type { Register } from "../review/register";
import { type Row, subjectOf } from "../rows";
import type { StaffSession } from "../session";
import { newId, now } from "../wire";

/** A bag that was packed and released. */
export interface PackedBag {
  readonly bag: string;
  readonly place: string;
  /** SHA-256 (hex) of its manifest, which the cover shows and the log names. */
  readonly manifest: string;
  readonly rows: readonly Row[];
  /** The dispatcher's clock. */
  readonly packedAt: string;
}

/** What waits for one place. */
export interface Pile {
  readonly place: string;
  readonly rows: readonly Row[];
}

/** Write a bag's manifest: which items, with the heads of their chains and their parts, go to which desk. */
export function encodeManifest(relay: string, bag: string, to: string, subjects: readonly Subject[]): string {
  const items = subjects.map(({ item, prev, parts }) => ({ item, prev, parts }));
  return encodeJson({ v: 1, relay, bag, to, items });
}

/** The table of one review desk. */
export class Packing extends Observable {
  waiting: readonly Row[] = [];
  missing: readonly Row[] = [];
  packed: readonly PackedBag[] = [];
  isLoaded = false;
  busy = false;
  fault: unknown;
  /** Where people are, if the register could be read; the relay refuses a bag for somebody who was moved. */
  #register: Register | undefined;

  constructor(
    readonly session: StaffSession,
    readonly id: string,
  ) {
    super();
  }

  /** What waits, by place. */
  get piles(): Pile[] {
    const places = [...new Set(this.waiting.map((row) => row.destination ?? ""))].sort();
    return places.map((place) => ({ place, rows: this.waiting.filter((row) => (row.destination ?? "") === place) }));
  }

  /** Read what waits and what is missing, and where people are. */
  async refresh(): Promise<void> {
    this.#set({ busy: true, fault: undefined });
    try {
      const [rows] = await Promise.all([
        this.session.rows("/review/passed", { desk: this.id, limit: "500" }),
        this.#readRegister(),
      ]);
      const waiting = rows.filter((row) => row.state === "passed");
      this.#set({ waiting, missing: rows.filter((row) => row.state === "missing"), isLoaded: true });
    } catch (fault) {
      this.#set({ fault });
    } finally {
      this.#set({ busy: false });
    }
  }

  /** Whether an addressee is no longer where a letter was passed to: it would keep the whole bag back. */
  isStopped(row: Row): boolean {
    if (row.kind === "reply" || this.#register === undefined) return false;
    try {
      return this.#register.placeOf(row.detainee) !== row.destination;
    } catch {
      return true;
    }
  }

  /** Pack items into one bag and sign its release; a bag holds what one statement can be about. */
  pack(rows: readonly Row[], place: string): { deed: Deed; bag: PackedBag } {
    const { session } = this;
    const bag = newId();
    const subjects = rows.map((row) => subjectOf(row));
    const manifest = sha256hex(utf8(encodeManifest(session.relay, bag, place, subjects)));
    const deed = new Deed(session, [async () => session.prepare("bag", subjects, { bag, to: place, manifest })]);
    return { deed, bag: { bag, place, manifest, rows, packedAt: now() } };
  }

  /** Keep a bag whose cover is to be printed. */
  keep(bag: PackedBag): void {
    const gone = new Set(bag.rows.map((row) => row.item));
    this.#set({ packed: [bag, ...this.packed], waiting: this.waiting.filter((row) => !gone.has(row.item)) });
  }

  /** Say that items of one bag are lost for good. */
  declareLost(bag: string, rows: readonly Row[], reason: string): Deed {
    const steps = inPieces(rows).map((some) => async () => {
      const subjects = some.map((row) => subjectOf(row));
      return this.session.prepare("declare_lost", subjects, { bag, reasons: reason === "" ? undefined : [reason] });
    });
    return new Deed(this.session, steps);
  }

  async #readRegister(): Promise<void> {
    const desk = new ReviewDesk(this.session, this.id);
    try {
      await desk.readRegister();
      this.#register = desk.register;
    } catch (fault) {
      // Without a register nothing is marked here; the relay still refuses what must not go.
      if (!(fault instanceof Problem)) throw fault;
      this.#register = undefined;
      this.#set({ fault });
    }
  }

  #set(change: Partial<Pick<Packing, "waiting" | "missing" | "packed" | "isLoaded" | "busy" | "fault">>): void {
    Object.assign(this, change);
    this.changed();
  }
}

const TABLES = new WeakMap<StaffSession, Map<string, Packing>>();

/** The one table of a review desk in a session. */
export function packingOf(session: StaffSession, desk: string): Packing {
  const tables = TABLES.get(session) ?? new Map<string, Packing>();
  TABLES.set(session, tables);
  const table = tables.get(desk) ?? new Packing(session, desk);
  tables.set(desk, table);
  return table;
}
