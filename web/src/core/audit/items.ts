/** An item under custody, and how one action changes it; an auditor rebuilds it from events. */

import type { Role } from "../directory";
import type { Action, Custodian, Kind, State } from "./lifecycle";

/** One thing under custody. Ids and digests are hex, times UTC. */
export interface Item {
  readonly id: string;
  readonly kind: Kind;
  readonly state: State;
  /** The number as typed, or `unknown` until it is matched. */
  readonly detainee: string;
  /** The review desks it has to pass, in order. */
  readonly route: readonly string[];
  /** The review desk where it waits, or the last one that passed it. */
  readonly desk: string;
  /** The desk it was passed to; null before. */
  readonly destination: string | null;
  readonly holder: Custodian;
  readonly seq: number;
  /** SHA-256 of its last event, and of the last one that the family has been given the opening of. */
  readonly head: string;
  readonly shown: string;
  readonly parts: readonly string[];
  /** The state it goes back to when a claim is given up: queued or held. */
  readonly waitsIn: State;
  /** The role that a claim needs. */
  readonly needs: Role;
  /** Whoever claimed it last, and until when; null when nobody has. */
  readonly claimant: string | null;
  readonly until: string | null;
  /** The person who proposed to withhold it, and those who may not decide it again. */
  readonly proposer: string | null;
  readonly barred: readonly string[];
  readonly bag: string | null;
  /** For a reply the item it answers, or `new`. */
  readonly re: string | null;
  /** The family's Ed25519 key; null for a reply that is not matched yet. */
  readonly signer: string | null;
  readonly changedAt: string;
}

/** What the relay fixes when an item comes in. */
export interface Acceptance {
  readonly item: string;
  readonly kind: Kind;
  readonly detainee: string;
  readonly route: readonly string[];
  readonly parts: readonly string[];
  readonly re: string | null;
  readonly signer: string | null;
  /** SHA-256 of the item's tag key. */
  readonly tagKey: string;
  readonly into: State;
}

/** The fields of a detail that is being made. */
export type Fields = Readonly<Record<string, unknown>>;

/** Make the item that an acceptance brings into being. */
export function accepted(acceptance: Acceptance, head: string, at: string): Item {
  const { item, kind, detainee, route, parts, re, signer, into } = acceptance;
  return {
    id: item,
    kind,
    state: into,
    detainee,
    route,
    desk: route[0]!,
    destination: null,
    holder: "relay",
    seq: 0,
    head,
    shown: head,
    parts,
    waitsIn: into,
    needs: "reviewer",
    claimant: null,
    until: null,
    proposer: null,
    barred: [],
    bag: null,
    re,
    signer,
    changedAt: at,
  };
}

/** What the event and its statement say of the item. */
export type Moved = Pick<Item, "state" | "parts" | "head" | "shown" | "holder">;

/** Apply one action to an item; `person` is who acted, if staff did. */
export function moved(before: Item, action: Action, detail: Fields, person: string | null, event: Moved): Item {
  const stepped = { seq: before.seq + 1, changedAt: detail.at as string, claimant: null, until: null };
  return { ...before, ...stepped, ...event, ...changes(before, action, detail, person) };
}

/** Say what an action changes beside the state; for most there is nothing more. */
function changes(before: Item, action: Action, detail: Fields, person: string | null): Partial<Item> {
  const text = (key: string) => detail[key] as string;
  switch (action) {
    case "claim":
      return { claimant: text("staff"), until: text("until") };
    case "match":
      if (detail.detainee !== undefined) return { detainee: text("detainee"), waitsIn: "queued" };
      return detail.signer === undefined ? {} : { signer: text("signer") };
    case "recall":
      return detail.signer === undefined ? {} : { signer: text("signer") };
    case "forward":
      return { desk: text("desk") };
    case "pass":
    case "redirect":
      return { destination: text("desk"), bag: null };
    case "ready":
      return { signer: text("signer") };
    case "propose_withhold":
      return { proposer: person };
    case "escalate":
      return { needs: "senior" };
    case "overturn":
      return { barred: [...before.barred, String(before.proposer)], proposer: null };
    case "bag":
      return { bag: text("bag") };
    default:
      return {};
  }
}
