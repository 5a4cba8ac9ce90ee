/** What a reviewer marks: places in code points, joined where they touch, and exactly what the format will hold. */

import { describe, expect, it } from "vitest";
import { excise } from "../src/core/manifests";
import { ageOf } from "../src/staff/review/ages";
import {
  addCut,
  blockedOut,
  codePointAt,
  dropCut,
  NO_DRAFT,
  reasonsOf,
  runsOf,
  togglePicture,
  wordsOf,
} from "../src/staff/review/drafts";
import { folded } from "../src/staff/review/searching";

const TEXT = "Сонце 🌞 над мостом, мамо.";

describe("cuts", () => {
  it("are joined where they overlap or touch, under the newer reason", () => {
    const draft = [
      { start: 0, end: 5, reason: "POL" },
      { start: 8, end: 11, reason: "MIL" },
      { start: 4, end: 8, reason: "CODE" },
    ].reduce(addCut, NO_DRAFT);
    expect(draft.cuts).toEqual([{ start: 0, end: 11, reason: "CODE" }]);
  });

  it("stay in order, and one can be taken back", () => {
    const draft = addCut(addCut(NO_DRAFT, { start: 12, end: 18, reason: "MIL" }), { start: 0, end: 5, reason: "POL" });
    expect(draft.cuts.map((cut) => cut.start)).toEqual([0, 12]);
    expect(dropCut(draft, draft.cuts[0]!).cuts).toEqual([{ start: 12, end: 18, reason: "MIL" }]);
  });

  it("that hold nothing are none", () => {
    expect(addCut(NO_DRAFT, { start: 3, end: 3, reason: "MIL" })).toBe(NO_DRAFT);
  });

  it("count an emoji as one, in the preview as in what is sealed", () => {
    const cuts = [{ start: 6, end: 7, reason: "CODE" }];
    expect(blockedOut(TEXT, cuts)).toBe("Сонце █ над мостом, мамо.");
    expect(blockedOut(TEXT, cuts)).toBe(excise(TEXT, cuts));
    expect(codePointAt(TEXT, TEXT.indexOf("над"))).toBe(8);
  });

  it("divide the text into runs that are the text again", () => {
    const runs = runsOf(TEXT, [{ start: 6, end: 7, reason: "CODE" }]);
    expect(runs.map((run) => run.text).join("")).toBe(TEXT);
    expect(runs.map((run) => run.cut?.reason)).toEqual([undefined, "CODE", undefined]);
  });
});

it("finds words with what hangs on them, in code points", () => {
  const characters = Array.from(TEXT);
  const words = wordsOf(TEXT).map(({ start, end }) => characters.slice(start, end).join(""));
  expect(words).toEqual(["Сонце", "🌞", "над", "мостом,", "мамо."]);
  expect(wordsOf("  ")).toEqual([]);
});

it("gathers reasons of words and pictures, each once", () => {
  const draft = togglePicture(addCut(NO_DRAFT, { start: 0, end: 1, reason: "THIRD_PARTY" }), 2, "THIRD_PARTY");
  expect(reasonsOf(togglePicture(draft, 1, "PHOTO_MIL"))).toEqual(["THIRD_PARTY", "PHOTO_MIL"]);
  expect(togglePicture(draft, 2, "PHOTO_MIL").leftOut).toEqual([]);
});

it.each([
  [30, { step: 0, unit: "minutes", count: 30 }],
  [60 * 25, { step: 1, unit: "days", count: 1 }],
  [60 * 24 * 3, { step: 2, unit: "days", count: 3 }],
  [60 * 24 * 8, { step: 3, unit: "days", count: 8 }],
])("tells an age of %i minutes", (minutes, age) => {
  const now = Date.parse("2026-11-28T12:00:00Z");
  expect(ageOf(new Date(now - minutes * 60_000).toISOString(), now)).toEqual(age);
});

it.each([
  ["Щербань", "Shcherban"],
  ["Григорій", "Hryhorii"],
  ["В’ячеслав", "Viacheslav"],
])("folds %s and %s alike", (cyrillic, latin) => {
  expect(folded(cyrillic)).toBe(folded(latin));
});
