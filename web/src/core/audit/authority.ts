/** Who may do what: roles, desks, claims and second persons, judged by the directory in force. */

import type { Directory, Member, Role } from "../directory";
import { Problem } from "../problems";
import type { Statement } from "../statements";
import type { Item } from "./items";
import { type Action, type Place, RULES } from "./lifecycle";

/** Moves that settle what becomes of an item, which whoever was overturned on it makes no more. */
const SETTLING: ReadonlySet<Action> = new Set<Action>(["claim", "confirm", "overturn", "return"]);
/** Moves at a desk without computers that only signed paper proves. */
const ON_PAPER: ReadonlySet<Action> = new Set<Action>(["receive", "find", "deliver", "refuse", "fail"]);

/** Require the role and the desk that an action needs; throws Problem "wrong_role", "wrong_desk", "paper_required". */
export function checkMember(
  item: Item,
  action: Action,
  statement: Statement,
  member: Member,
  directory: Directory,
): void {
  let roles: readonly Role[] = RULES[action].roles;
  let desk = item.desk;
  const place: Place = RULES[action].at;
  if (place === "destination") {
    const destination = directory.desk(item.destination ?? "");
    if (!destination.keyless) desk = destination.id;
    else if (ON_PAPER.has(action) && statement.fields.paper === undefined) throw new Problem("paper_required");
    else roles = ["dispatcher"];
  }
  checkAt(member, roles, desk);
}

/** Require one of the roles, and the desk; throws Problem "wrong_role" or "wrong_desk". */
export function checkAt(member: Member, roles: readonly Role[], desk: string): void {
  if (!roles.some((role) => member.roles.includes(role))) throw new Problem("wrong_role");
  if (!member.desks.includes(desk)) throw new Problem("wrong_desk");
}

/**
 * Require that this person's hand is the one the item's history allows, at a moment (UTC).
 *
 * Throws Problem "already_claimed", "senior_required", "claim_lost", "second_person_required", "barred_from_item".
 */
export function checkHand(item: Item, action: Action, member: Member, at: string): void {
  if (action === "claim") checkClaim(item, member, at);
  else if (item.state === "claimed" && item.claimant !== member.id) throw new Problem("claim_lost");
  else if ((action === "confirm" || action === "overturn") && item.proposer === member.person) {
    throw new Problem("second_person_required");
  }
  if (SETTLING.has(action) && item.barred.includes(member.person)) throw new Problem("barred_from_item");
}

function checkClaim(item: Item, member: Member, at: string): void {
  if (item.state === "claimed" && item.until !== null && at < item.until) throw new Problem("already_claimed");
  if (item.needs === "senior" && !member.roles.includes("senior")) throw new Problem("senior_required");
}
