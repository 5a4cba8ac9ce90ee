/**
 * What can go wrong, by name: each has words that say what happened, what is safe, and what to do.
 *
 * Problems carry the codes of docs/spec/problems.md; many of them mean one thing to a family.
 */

import type { Fault } from "./fault";
import type { Place } from "./states";

/** Every trouble that has a page of its own; `trouble.<name>` has its words: a title, what happened, what is safe, what to do. */
export const TROUBLES = [
  "browser",
  "insecure",
  "unreachable",
  "not_open",
  "directory_expired",
  "directory_unsigned",
  "no_recipient",
  "overdue",
  "other_relay",
  "too_many",
  "busy",
  "work",
  "refused",
  "evidence",
  "mailbox_differs",
  "other_code",
  "part_differs",
  "moved_since",
  "not_authentic",
  "unexpected",
] as const;

/** One of the troubles. */
export type Trouble = (typeof TROUBLES)[number];

const BY_CODE: Readonly<Record<string, Trouble>> = {
  browser: "browser",
  insecure: "insecure",
  no_relay: "unreachable",
  unreachable: "unreachable",
  // What the relay says of a line that is too slow, or breaks in the middle.
  body_too_slow: "unreachable",
  body_unreadable: "unreachable",
  not_open: "not_open",
  directory_expired: "directory_expired",
  directory_over: "directory_expired",
  directory_unsigned: "directory_unsigned",
  directory_altered: "directory_unsigned",
  directory_forked: "directory_unsigned",
  directory_gap: "directory_unsigned",
  directory_rolled_back: "directory_unsigned",
  trust_rolled_back: "directory_unsigned",
  no_intake: "no_recipient",
  unknown_desk: "no_recipient",
  unknown_epoch: "no_recipient",
  epoch_over: "no_recipient",
  wrong_destination: "no_recipient",
  key_not_in_directory: "no_recipient",
  directory_unknown: "no_recipient",
  fingerprint_differs: "other_relay",
  other_relay_seen: "other_relay",
  wrong_relay: "other_relay",
  too_many_requests: "too_many",
  overloaded: "busy",
  storage_unavailable: "busy",
  database_busy: "busy",
  disk_full: "busy",
  stopping: "busy",
  internal: "busy",
  not_now: "busy",
  work_missing: "work",
  work_expired: "work",
  work_wrong: "work",
  work_spent: "work",
  receipt_differs: "evidence",
  inclusion_invalid: "evidence",
  consistency_invalid: "evidence",
  origin_differs: "evidence",
  evidence_broken: "evidence",
  row_differs: "mailbox_differs",
  wrong_key: "other_code",
  part_differs: "part_differs",
  unknown_part: "part_differs",
  moved_since: "moved_since",
  illegal_move: "moved_since",
  document_not_authentic: "not_authentic",
};

/** Where somebody was decides what it means that a note, a proof or an answer is not what it should be. */
const BROKEN: Partial<Readonly<Record<Place, Trouble>>> = {
  sending: "evidence",
  opening: "mailbox_differs",
  mailbox: "mailbox_differs",
  reading: "part_differs",
};
const UNSOUND =
  /_(?:malformed|unsigned|invalid|differs|differ|forged|altered|excised)$|^(?:not_canonical|not_padded|wrong_bind|age_header|age_payload|foreign_stanza|sealed_line|sealed_kind|manifest)$/;

/** Say which trouble something that was thrown at some place is. */
export function troubleOf(thrown: unknown, place?: Place): Trouble {
  const { code = "", status } = (thrown ?? {}) as Partial<Fault>;
  const known = BY_CODE[code];
  if (known) return known;
  if (status !== undefined) return status >= 500 ? "busy" : "refused";
  if (UNSOUND.test(code)) return (place && BROKEN[place]) ?? "directory_unsigned";
  return thrown instanceof TypeError && /fetch|network|load failed/i.test(thrown.message)
    ? "unreachable"
    : "unexpected";
}

/** Seconds after which to try again, where the relay has said so. */
export function waitOf(thrown: unknown): number | undefined {
  return (thrown as Partial<Fault> | null)?.retryAfter;
}
