/**
 * The relay's proof of work, solved by what every browser has: ALTCHA version 2 with PBKDF2, a counter of four bytes.
 *
 * altcha-lib does the same and weighs four times as much here; a test holds both against each other.
 */

import type { RelayApi } from "../../core/api";
import { b64, hex, unhex, utf8 } from "../../core/bytes";
import { Problem } from "../../core/problems";

const ALGORITHM = "PBKDF2/SHA-256";
/** More than any relay asks of a telephone. */
const MAX_COST = 1_000_000;
const MAX_COUNTER = 1_000_000;
const LONGEST_MS = 120_000;
const COUNTER_BYTES = 4;

/** A challenge, as the relay signed it. */
export interface Challenge {
  readonly parameters: {
    readonly algorithm: string;
    readonly nonce: string;
    readonly salt: string;
    readonly cost: number;
    readonly keyLength?: number;
    readonly keyPrefix: string;
  };
}

/** Fetch a challenge and solve it; empty if the relay wants none. Throws Problem "answer_malformed". */
export async function solveWork(api: RelayApi): Promise<string> {
  const challenge = await fetchChallenge(api);
  if (!challenge) return "";
  const solution = await solve(challenge).catch(() => null);
  if (!solution) throw new Problem("answer_malformed", "the challenge for a proof of work cannot be solved");
  return b64(utf8(JSON.stringify({ challenge, solution })));
}

async function fetchChallenge(api: RelayApi): Promise<Challenge | null> {
  try {
    return (await api.get("/work", { bearer: null })).json<Challenge>();
  } catch (thrown) {
    if (thrown instanceof Problem && thrown.status === 404) return null;
    throw thrown;
  }
}

/** Count up until the derived key begins as it shall; null if that takes longer than two minutes. */
export async function solve({ parameters }: Challenge): Promise<{ counter: number; derivedKey: string } | null> {
  const { algorithm, nonce, salt, cost, keyLength = 32, keyPrefix } = parameters;
  if (algorithm !== ALGORITHM || !(cost > 0 && cost < MAX_COST) || !keyPrefix) return null;
  const head = unhex(nonce);
  const password = new Uint8Array(head.length + COUNTER_BYTES);
  password.set(head);
  const derivation = { name: "PBKDF2", hash: "SHA-256", salt: unhex(salt), iterations: cost };
  const end = Date.now() + LONGEST_MS;
  for (let counter = 0; counter < MAX_COUNTER && Date.now() < end; counter++) {
    new DataView(password.buffer).setUint32(head.length, counter);
    const key = await crypto.subtle.importKey("raw", password, "PBKDF2", false, ["deriveBits"]);
    const derivedKey = hex(new Uint8Array(await crypto.subtle.deriveBits(derivation, key, keyLength * 8)));
    if (derivedKey.startsWith(keyPrefix)) return { counter, derivedKey };
  }
  return null;
}
