/** The closed tables of an item's life, as docs/lifecycle.md has them by hand; a test compares with Python's. */

import type { Role } from "../directory";

export type Kind = "letter" | "reply" | "parcel";
export type Custodian = "family" | "relay" | "mediator" | "facility" | "bureau" | "detainee";
/** Which of an item's desks an action belongs to. */
export type Place = "review" | "destination" | "none";
/** Who holds the item after an action: a class, or whoever has it, shall have it, sent it, or is to get it. */
export type Taker = Custodian | "holder" | "destination" | "addressee" | "sender";

export const KINDS: readonly string[] = ["letter", "reply", "parcel"];
export const CUSTODIANS: readonly string[] = ["family", "relay", "mediator", "facility", "bureau", "detainee"];

/** The whole life of an item: what follows which action, by the state before (`-` for none). Else it is refused. */
export const MOVES = {
  "-": { accept: "queued", hold: "held" },
  held: { claim: "claimed", lapse: "returned", withdraw: "withdrawn" },
  queued: { claim: "claimed", withdraw: "withdrawn" },
  claimed: {
    claim: "claimed",
    release: "queued",
    rehold: "held",
    match: "queued",
    withdraw: "withdrawn",
    forward: "queued",
    pass: "passed",
    ready: "ready",
    return: "returned",
    propose_withhold: "contested",
    escalate: "escalated",
  },
  contested: { confirm: "withheld", overturn: "queued", withdraw: "withdrawn" },
  escalated: { claim: "claimed", withdraw: "withdrawn" },
  passed: { bag: "bagged", redirect: "passed", return: "returned" },
  bagged: { receive: "received", missing: "missing" },
  missing: { find: "received", declare_lost: "lost", redirect: "passed" },
  received: { deliver: "delivered", refuse: "refused", fail: "undeliverable" },
  undeliverable: { redirect: "passed", return: "returned" },
  ready: { collected: "collected", recall: "queued" },
  returned: { expire: "expired" },
  withheld: { expire: "expired" },
  withdrawn: { expire: "expired" },
  lost: { expire: "expired" },
  delivered: { expire: "expired" },
  refused: { expire: "expired" },
  collected: { expire: "expired" },
  expired: {},
} as const;

export type State = Exclude<keyof typeof MOVES, "-">;

/** What an action is called, who may do it where, who takes the item, and whether the family is shown it. */
export interface Rule {
  readonly event: string;
  readonly roles: readonly Role[];
  readonly at: Place;
  readonly taker: Taker;
  readonly shown: boolean;
}

const REVIEWERS: readonly Role[] = ["reviewer", "senior"];
const DISPATCHERS: readonly Role[] = ["dispatcher"];
const OFFICERS: readonly Role[] = ["officer"];
const SHOWN = true;
const NOT_SHOWN = false;

export const RULES = {
  accept: rule("accepted", OFFICERS, "none", "relay", SHOWN),
  hold: rule("accepted", OFFICERS, "none", "relay", SHOWN),
  claim: rule("claimed", REVIEWERS, "review", "mediator", NOT_SHOWN),
  release: rule("released", REVIEWERS, "review", "relay", NOT_SHOWN),
  rehold: rule("reheld", REVIEWERS, "review", "relay", NOT_SHOWN),
  match: rule("matched", REVIEWERS, "review", "relay", NOT_SHOWN),
  lapse: rule("lapsed", [], "none", "sender", SHOWN),
  withdraw: rule("withdrawn", [], "none", "family", SHOWN),
  forward: rule("forwarded", REVIEWERS, "review", "relay", NOT_SHOWN),
  pass: rule("passed", REVIEWERS, "review", "mediator", SHOWN),
  ready: rule("ready", REVIEWERS, "review", "relay", SHOWN),
  return: rule("returned", REVIEWERS, "review", "sender", SHOWN),
  propose_withhold: rule("contested", REVIEWERS, "review", "mediator", NOT_SHOWN),
  escalate: rule("escalated", REVIEWERS, "review", "mediator", NOT_SHOWN),
  confirm: rule("withheld", REVIEWERS, "review", "mediator", SHOWN),
  overturn: rule("overturned", REVIEWERS, "review", "relay", NOT_SHOWN),
  bag: rule("bagged", DISPATCHERS, "review", "destination", SHOWN),
  receive: rule("received", OFFICERS, "destination", "destination", SHOWN),
  missing: rule("missing", OFFICERS, "destination", "holder", SHOWN),
  find: rule("found", OFFICERS, "destination", "destination", SHOWN),
  declare_lost: rule("lost", DISPATCHERS, "review", "holder", SHOWN),
  deliver: rule("delivered", OFFICERS, "destination", "addressee", SHOWN),
  refuse: rule("refused", OFFICERS, "destination", "holder", SHOWN),
  fail: rule("undeliverable", OFFICERS, "destination", "holder", SHOWN),
  redirect: rule("redirected", REVIEWERS, "review", "mediator", SHOWN),
  collected: rule("collected", [], "none", "family", SHOWN),
  recall: rule("recalled", REVIEWERS, "review", "relay", NOT_SHOWN),
  expire: rule("expired", [], "none", "holder", SHOWN),
} as const satisfies Record<string, Rule>;

export type Action = keyof typeof RULES;

/** What only a family's own statement does, and what only the relay's own policy does. */
export const BY_FAMILY: ReadonlySet<string> = new Set<Action>(["withdraw", "collected"]);
export const BY_RELAY: ReadonlySet<string> = new Set<Action>(["lapse", "expire"]);

/** The word that a family sees for each state. */
export const FAMILY_WORDS: Readonly<Record<State, string>> = {
  held: "accepted",
  queued: "accepted",
  claimed: "accepted",
  contested: "accepted",
  escalated: "accepted",
  passed: "passed",
  bagged: "sent",
  received: "arrived",
  missing: "not found on arrival",
  ready: "ready",
  returned: "returned",
  withheld: "withheld",
  withdrawn: "withdrawn",
  lost: "lost",
  delivered: "delivered",
  refused: "refused by the addressee",
  undeliverable: "could not be delivered",
  collected: "collected",
  expired: "closed",
};

/** Say which state follows an action; undefined if the table has no such move. */
export function stateAfter(before: State | null, action: Action): State | undefined {
  const moves: Readonly<Record<string, State>> = MOVES[before ?? "-"];
  return Object.hasOwn(moves, action) ? moves[action] : undefined;
}

/** Say whether there is a state of this name. */
export function isState(value: unknown): value is State {
  return typeof value === "string" && value !== "-" && Object.hasOwn(MOVES, value);
}

function rule(event: string, roles: readonly Role[], at: Place, taker: Taker, shown: boolean): Rule {
  return { event, roles, at, taker, shown };
}
