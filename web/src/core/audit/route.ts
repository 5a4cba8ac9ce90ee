/** Where an item may go next: the review desks of its route, then a facility, a bureau or the family. */

import type { Desk, Directory } from "../directory";
import { ensure, Problem } from "../problems";
import type { Statement } from "../statements";
import type { Item } from "./items";
import { type Action, BY_FAMILY, BY_RELAY, RULES } from "./lifecycle";

/** What a reply says that answers no letter. */
export const NEW = "new";

/** Moves after which part 0 is another file, sealed to another desk or to the family. */
const RESEALS: ReadonlySet<Action> = new Set<Action>(["forward", "pass", "ready", "redirect", "recall"]);
const ONWARD: ReadonlySet<Action> = new Set<Action>(["forward", "pass", "ready"]);
const AT_DESTINATION: ReadonlySet<Action> = new Set<Action>(
  "bag receive missing find declare_lost deliver refuse fail".split(" ") as Action[],
);
/** Actions that no statement kind of the same name means: `pass` and `release` are told apart by the item. */
const NOT_PLAIN: ReadonlySet<string> = new Set("accept hold pass forward ready release rehold".split(" "));

/** Say which action a statement by staff means for this item; throws Problem "illegal_move" if none. */
export function actionOf(item: Item, { kind, fields }: Statement): Action {
  if (kind === "pass") {
    if (isToFamily(fields.to)) return "ready";
    return fields.place === undefined ? "forward" : "pass";
  }
  if (kind === "release") return item.waitsIn === "held" ? "rehold" : "release";
  const isPlain = Object.hasOwn(RULES, kind) && !NOT_PLAIN.has(kind) && !BY_FAMILY.has(kind) && !BY_RELAY.has(kind);
  ensure(isPlain, "illegal_move", `a statement of kind ${kind} moves no item`);
  return kind as Action;
}

/** Say whether something is sealed to a family. */
export function isToFamily(to: unknown): boolean {
  return Array.isArray(to) && to.length === 1 && to[0] === "family";
}

/** Require that a held letter goes no further before its addressee was found, and that nothing else is matched. */
export function checkMatched(item: Item, action: Action, { fields }: Statement): void {
  if (action === "match" && fields.mailbox !== undefined) {
    ensure(item.re === NEW, "illegal_move", "only what a detainee wrote first is matched to a mailbox");
    return;
  }
  const isHeld = item.waitsIn === "held";
  ensure(!isHeld || !ONWARD.has(action), "illegal_move", "its addressee has not been found yet");
  ensure(isHeld || action !== "match", "illegal_move", "its addressee is known; only a held letter can be matched");
}

/**
 * Say which desk the detail names after this action, and check that the item may go there at a moment (UTC).
 *
 * Throws Problem "wrong_destination", "epoch_over", "unknown_desk".
 */
export function nextDesk(
  item: Item,
  action: Action,
  statement: Statement,
  directory: Directory,
  at: string,
): string | null {
  if (action === "ready") {
    ensure(item.kind === "reply", "wrong_destination", "only a reply becomes ready for a family");
    requireAllRead(item);
    return null;
  }
  if (action === "forward") return forwardDesk(item, statement, directory, at);
  if (action === "pass" || action === "redirect") return destinationOf(item, statement, directory, at).id;
  return AT_DESTINATION.has(action) ? item.destination : item.desk;
}

function forwardDesk(item: Item, statement: Statement, directory: Directory, at: string): string {
  const expected = item.route[item.route.indexOf(item.desk) + 1];
  const isNext = sealedTo(statement, directory, at).id === expected;
  ensure(
    isNext && expected !== undefined,
    "wrong_destination",
    "it is not sealed to the next review desk of its route",
  );
  return expected;
}

function requireAllRead(item: Item): void {
  ensure(item.desk === item.route.at(-1), "wrong_destination", "a further review desk has to read it first");
}

function destinationOf(item: Item, statement: Statement, directory: Directory, at: string): Desk {
  requireAllRead(item);
  const place = directory.desk(String(statement.fields.place ?? ""));
  ensure(place.kind === (item.kind === "reply" ? "bureau" : "facility"), "wrong_destination");
  // Whose key opens what goes to a place: the mediator's own, if the place has no computers.
  const keyholder = place.keyless ? item.desk : place.id;
  const isRight = sealedTo(statement, directory, at).id === keyholder;
  ensure(isRight, "wrong_destination", "it is sealed to another desk than the place it is passed to");
  return place;
}

/** Require that a bag goes where its items go, and that whoever opens it names the bag that the item is in. */
export function checkBag(item: Item, action: Action, { fields }: Statement): void {
  if (action === "bag") {
    ensure(fields.to === item.destination, "wrong_destination", "the bag goes to another desk than the item");
  } else if (fields.bag !== undefined && fields.bag !== item.bag) throw new Problem("wrong_bag");
}

function sealedTo({ fields }: Statement, directory: Directory, at: string): Desk {
  const names = (fields.to as string[]).map((to) => to.split("/") as [string, string?]);
  const desks = new Set(names.map(([desk]) => desk));
  ensure(desks.size === 1, "wrong_destination", "it is sealed to more than one desk");
  for (const [desk, epoch] of names) {
    if (epoch === undefined || !directory.accepts(desk, Number(epoch), at)) throw new Problem("epoch_over");
  }
  return directory.desk(names[0]![0]);
}

/** Require that a statement's parts are the item's, but for part 0 where, and only where, the action reseals it. */
export function checkParts(item: Item, action: Action, parts: readonly string[]): void {
  const isResealed = parts[0] !== item.parts[0];
  ensure(areSame(parts.slice(1), item.parts.slice(1)) && isResealed === RESEALS.has(action), "parts_differ");
}

/** Say whether two lists hold the same texts. */
export function areSame(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((text, at) => text === other[at]);
}
