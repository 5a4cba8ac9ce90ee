/**
 * How far a verification has come, by the chapters of docs/spec/audit.md. Only what is known is said: a tree has to be read
 * (4) before the trust in it can be verified (1), and the walk through the log takes the later chapters side by side.
 */

import type { Progress } from "./run";

/** Held, being checked, failed, not come to, or not checked because there was nothing to check it by. */
export type ChapterState = "waiting" | "now" | "holds" | "failed" | "unreached" | "skipped";

/** One chapter. */
export interface Chapter {
  readonly number: string;
  readonly state: ChapterState;
  readonly progress?: Progress | undefined;
}

/** What is known of a verification. */
export interface Standing {
  readonly phase: "idle" | "fetching" | "checking" | "unbroken" | "broken" | "fault";
  readonly reading: Progress | undefined;
  readonly walking: Progress | undefined;
  /** The step that failed. */
  readonly step: string | undefined;
  /** Whether something was seen before, by which chapter 3 can be checked. */
  readonly seen: boolean;
}

/** Checked, in this order, before the walk begins. */
const BEFORE = ["4", "1", "2", "3"];
/** Checked side by side while the log is walked. */
const WALK = ["5", "6", "7", "8", "9"];

/** Say of each chapter how it stands, in the order of their numbers. */
export function chaptersOf(standing: Standing): Chapter[] {
  const numbers = [...BEFORE, ...WALK].sort();
  return numbers.map((number) => ({
    number,
    state: stateOf(number, standing),
    progress: progressOf(number, standing),
  }));
}

function stateOf(number: string, standing: Standing): ChapterState {
  const { phase, seen, walking, step } = standing;
  const isWalk = WALK.includes(number);
  if (number === "3" && !seen && phase !== "broken") return "skipped";
  if (phase === "unbroken") return "holds";
  if (phase === "broken") return afterBreak(number, step!.split(".")[0]!, standing);
  if (phase !== "checking") return "waiting";
  if (walking) return isWalk ? "now" : "holds";
  return number === "4" ? "now" : "waiting";
}

/** A chapter before the broken one in the order of checking has held; what was checked beside it was not finished. */
function afterBreak(number: string, failed: string, { walking, seen }: Standing): ChapterState {
  if (number === failed) return "failed";
  if (number === "3" && !seen) return "skipped";
  if (WALK.includes(number)) return "unreached";
  if (walking) return "holds";
  // The root (4.4) and the list of files (4.5) are compared after the trust: chapter 4 is not whole before the walk.
  return number !== "4" && BEFORE.indexOf(number) < BEFORE.indexOf(failed) ? "holds" : "unreached";
}

function progressOf(number: string, { phase, reading, walking }: Standing): Progress | undefined {
  if (phase !== "checking") return undefined;
  if (walking) return WALK.includes(number) ? walking : undefined;
  return number === "4" ? reading : undefined;
}
