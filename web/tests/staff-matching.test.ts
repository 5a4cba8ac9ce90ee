/** Whom a letter means: on the labelled set that the Python implementation is measured on, with the same outcome. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { MatchIndex } from "../src/staff/matching/ranking";
import type { Particulars } from "../src/staff/review/particulars";
import type { HeldRecord } from "../src/staff/review/register";

const FOLDER = join(import.meta.dirname, "../../tests/matching");

function lines<T>(name: string): T[] {
  return readFileSync(join(FOLDER, name), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as T);
}

it("names somebody who is held first, or among the first three, nearly always", () => {
  const index = new MatchIndex(lines<HeldRecord>("register.jsonl"));
  const pairs = lines<{ asked: Particulars; right: string[] }>("pairs.jsonl").filter(({ right }) => right.length > 0);
  const ranked = pairs.map(({ asked, right }) => index.rank(asked).map(({ record }) => right.includes(record.number)));
  const share = (most: number) => ranked.filter((found) => found.slice(0, most).some(Boolean)).length / pairs.length;
  expect(pairs.length).toBeGreaterThan(300);
  expect(share(3)).toBeGreaterThan(0.99);
  expect(share(1)).toBeGreaterThan(0.97);
});
