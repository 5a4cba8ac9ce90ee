/** How far what a relative wrote agrees with what the register has, field by field; from the best to the worst. */

export const AGREEMENTS = [
  "same",
  "form",
  "sounds",
  "close",
  "like",
  "part",
  "initial",
  "turned",
  "near",
  "year",
  "around",
  "different",
  "missing",
] as const;

export type Agreement = (typeof AGREEMENTS)[number];

/** What is compared. */
export type Field =
  | "surname"
  | "given"
  | "father"
  | "birth_date"
  | "service_number"
  | "mother_maiden_name"
  | "birth_place";

/** One field and how far it agrees; what a reviewer is shown beside a match. */
export interface Reason {
  readonly field: Field;
  readonly agreement: Agreement;
}

/** The place of an agreement among all, 0 for the best. */
export function rankOf(agreement: Agreement): number {
  return AGREEMENTS.indexOf(agreement);
}

/** The best of some; `missing` if there are none. */
export function best(agreements: Iterable<Agreement>): Agreement {
  let found: Agreement | undefined;
  for (const one of agreements) if (found === undefined || rankOf(one) < rankOf(found)) found = one;
  return found ?? "missing";
}

/** The worst of some. */
export function worst(agreements: readonly Agreement[]): Agreement {
  return agreements.reduce((found, one) => (rankOf(one) > rankOf(found) ? one : found));
}
