/** The family page's own solver of the proof of work, against the library that the protocol comes with. */

import { createChallenge, solveChallenge } from "altcha-lib";
import { deriveKey } from "altcha-lib/algorithms/web/pbkdf2";
import { expect, test } from "vitest";
import { RelayApi } from "../src/core/api";
import { solve, solveWork } from "../src/families/vault/work";

async function aChallenge(counter: number) {
  return createChallenge({ algorithm: "PBKDF2/SHA-256", cost: 10, counter, deriveKey, hmacSignatureSecret: "secret" });
}

test("a challenge is solved as the library solves it", async () => {
  for (const counter of [0, 1, 77, 300]) {
    const challenge = await aChallenge(counter);
    const theirs = await solveChallenge({ challenge, deriveKey });
    const ours = await solve(challenge as never);
    expect(ours).toEqual({ counter: theirs!.counter, derivedKey: theirs!.derivedKey });
  }
});

test("a challenge of another kind is left alone", async () => {
  const { parameters } = await aChallenge(1);
  expect(await solve({ parameters: { ...parameters, algorithm: "SHA-1" } } as never)).toBeNull();
  expect(await solve({ parameters: { ...parameters, cost: 1e9 } } as never)).toBeNull();
});

test("a relay that wants no work gets none", async () => {
  const missing = () => Promise.resolve(new Response("{}", { status: 404 }));
  expect(await solveWork(new RelayApi("", undefined, missing as typeof fetch))).toBe("");
});
