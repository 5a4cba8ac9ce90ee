/** Proof of work, which a relay may want with a letter: a fraction of a second of reckoning (ALTCHA, version 2). */

import { type Challenge, solveChallenge } from "altcha-lib";
import { deriveKey } from "altcha-lib/algorithms/web/pbkdf2";
import type { RelayApi } from "./api";
import { b64, utf8 } from "./bytes";
import { encodeJson } from "./canonical";
import { Problem } from "./problems";

/** The header of a letter that carries the proof. */
export const WORK_HEADER = "Letter-Relay-Work";
/** What the relay answers if a letter needs a fresh proof. */
export const WORK_WANTED: readonly string[] = ["work_missing", "work_expired", "work_wrong", "work_spent"];

const SOLVE_MS = 120_000;
const MAX_COST = 1_000_000;

/**
 * Fetch a challenge and solve it; returns what goes into `WORK_HEADER`, or an empty text if the relay wants none.
 *
 * Throws Problem "answer_malformed" for a challenge that is none, or takes more than two minutes.
 */
export async function solveWork(api: RelayApi): Promise<string> {
  const challenge = await fetchChallenge(api);
  if (!challenge) return "";
  const solution = await solve(challenge);
  if (!solution) throw new Problem("answer_malformed", "the challenge for a proof of work cannot be solved");
  const { counter, derivedKey } = solution;
  return b64(utf8(encodeJson({ challenge, solution: { counter, derivedKey } })));
}

async function fetchChallenge(api: RelayApi): Promise<Challenge | null> {
  try {
    return (await api.get("/work", { bearer: null })).json<Challenge>();
  } catch (error) {
    if (error instanceof Problem && error.status === 404) return null;
    throw error;
  }
}

async function solve(challenge: Challenge): Promise<{ counter: number; derivedKey: string } | null> {
  if (!((challenge.parameters?.cost ?? MAX_COST) < MAX_COST)) return null;
  try {
    return await solveChallenge({ challenge, deriveKey, timeout: SOLVE_MS });
  } catch {
    return null;
  }
}
