/** What the board and its Worker say to each other. */

import type { Report } from "../../core/audit/report";
import type { AuditSource } from "../../core/audit/run";
import type { NotRecomputed } from "../../core/audit/verify";
import type { Link } from "./lanes";

/** What the board asks for. */
export type Ask =
  | {
      readonly ask: "verify";
      /** The relay, or a bundle's files that somebody chose. */
      readonly source: AuditSource;
      readonly fingerprint: string;
      /** The checkpoint that passed last on this device. */
      readonly seen: Uint8Array | undefined;
      /** Now, UTC: ages are reckoned by it, and nothing is judged. */
      readonly at: string;
    }
  | { readonly ask: "chain"; readonly item: string }
  | { readonly ask: "bundle"; readonly folder: string };

/** One item, as its last opened event leaves it. */
export interface ItemLine {
  readonly item: string;
  readonly kind: string;
  readonly event: string;
  readonly at: string;
}

/** What passed. */
export interface Unbroken {
  readonly origin: string;
  readonly size: number;
  /** Hex. */
  readonly root: string;
  /** The checkpoint as signed. */
  readonly note: Uint8Array;
  readonly report: Report;
  readonly items: readonly ItemLine[];
  /** The steps that were recomputed here, and those that were not, with the reason. */
  readonly recomputed: readonly string[];
  readonly notRecomputed: readonly NotRecomputed[];
}

/** The step that failed first. */
export interface BrokenAt {
  readonly step: string;
  readonly item: string | undefined;
  /** What was found, in English, for the record. */
  readonly found: string;
}

/** What went wrong without breaking any evidence: the relay could not be reached, the session is over. */
export interface Fault {
  readonly code: string;
  readonly message: string;
  readonly cure: string | undefined;
  readonly status: number | undefined;
}

/** What the Worker tells. */
export type Tell =
  | {
      readonly tell: "fetching";
      readonly what: "log" | "openings" | "documents";
      readonly done: number;
      readonly total: number;
    }
  | { readonly tell: "checking"; readonly phase: "reading" | "walking"; readonly done: number; readonly total: number }
  | { readonly tell: "unbroken"; readonly unbroken: Unbroken }
  | { readonly tell: "broken"; readonly broken: BrokenAt; readonly size: number }
  | { readonly tell: "chain"; readonly item: string; readonly links: readonly Link[] }
  | { readonly tell: "bundle"; readonly file: Blob }
  | { readonly tell: "fault"; readonly fault: Fault };
