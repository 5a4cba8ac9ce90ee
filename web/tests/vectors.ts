/** The vectors that Python and the pages share, and the code by which something is refused. */

import { readFileSync } from "node:fs";
import { Problem } from "../src/core/problems";

/** Read one JSON file under tests/vectors. */
// biome-ignore lint/suspicious/noExplicitAny: each test knows the shape of its own vectors.
export function readVectors(path: string): any {
  return JSON.parse(readFileSync(new URL(`../../tests/vectors/${path}`, import.meta.url), "utf8"));
}

/** Give the code of the problem that is thrown; anything else than a problem fails the test. */
export function problemOf(act: () => unknown): string {
  try {
    act();
  } catch (problem) {
    if (problem instanceof Problem) return problem.code;
    throw problem;
  }
  return "no problem";
}

/** As `problemOf`, for what answers later. */
export async function laterProblemOf(act: () => Promise<unknown>): Promise<string> {
  try {
    await act();
  } catch (problem) {
    if (problem instanceof Problem) return problem.code;
    throw problem;
  }
  return "no problem";
}
