/** The family page without its pages: steps, troubles, digits, hints, and what is sealed of whom a letter is for. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { newCode, newNumber, parseNumber } from "../src/core/codes";
import { Problem } from "../src/core/problems";
import { missingIn } from "../src/families/browser";
import { CODE_DIGITS, grouped, judge, NUMBER_DIGITS, numberIn } from "../src/families/digits";
import { countCharacters, hintsIn } from "../src/families/hints";
import { addressOf, blankLetter } from "../src/families/memory";
import { after, type Place, STEPS } from "../src/families/states";
import { TROUBLES, troubleOf } from "../src/families/troubles";

describe("steps", () => {
  test("lead to every place, from the first", () => {
    const reached = new Set<Place>(["language"]);
    for (const place of reached) for (const next of Object.values(STEPS[place])) reached.add(next);
    reached.add("trouble");
    expect([...reached].sort()).toEqual(Object.keys(STEPS).sort());
  });

  test("lead home from everywhere, so that nobody is caught", () => {
    for (const place of Object.keys(STEPS) as Place[]) {
      const reached = new Set<Place>([place]);
      for (const each of reached) for (const next of Object.values(STEPS[each])) reached.add(next);
      expect(reached.has("home"), place).toBe(true);
    }
  });

  test("that do not exist are refused", () => {
    expect(() => after("language", "accepted")).toThrow(RangeError);
  });
});

describe("digits", () => {
  test("are judged as the formats judge them", () => {
    for (let n = 0; n < 200; n++) {
      const number = newNumber();
      expect(judge(grouped(number), NUMBER_DIGITS)).toEqual({ digits: number });
      const wrong = number.slice(0, -1) + ((Number(number.at(-1)) + 1) % 10);
      expect(judge(wrong, NUMBER_DIGITS)).toBe("mistyped");
      expect(() => parseNumber(wrong)).toThrow();
      const code = newCode();
      expect(judge(code, CODE_DIGITS)).toEqual({ digits: code });
    }
  });

  test("whose check is congruent and not the one are refused", () => {
    // 98 − 97 = 1: with 97 added, 98 is as good to a sum, and never written.
    for (const number of Array.from({ length: 2000 }, () => newNumber())) {
      for (const other of [Number(number.slice(10)) + 97, Number(number.slice(10)) - 97]) {
        if (other < 0 || other > 99) continue;
        expect(judge(number.slice(0, 10) + String(other).padStart(2, "0"), NUMBER_DIGITS)).toBe("mistyped");
      }
    }
  });

  test("say how many are missing, or that there are too many", () => {
    expect(judge("1234 56", NUMBER_DIGITS)).toEqual({ missing: 6 });
    expect(judge("1".repeat(13), NUMBER_DIGITS)).toBe("too_long");
    expect(grouped("12345-67 89")).toBe("1234 5678 9");
  });

  test("are read from the link of an address card, and from nothing else", () => {
    const number = newNumber();
    expect(numberIn(`https://relay.example/#to=${number}`)).toBe(number);
    expect(numberIn(`#to=${number}`)).toBe(number);
    expect(numberIn("#to=123456789012")).toBeNull();
    expect(numberIn(`#other=${number}`)).toBeNull();
    expect(numberIn("")).toBeNull();
  });
});

describe("hints", () => {
  test("find what delays a letter, in each language", () => {
    const kinds = (text: string) => [...hintsIn(text).keys()].sort();
    expect(kinds("Бригада стоїть біля блокпоста, перекажи гроші")).toEqual(["money", "places", "units"]);
    expect(kinds("Полк отвели на позиции, а президент обещал деньги")).toEqual([
      "money",
      "places",
      "politics",
      "units",
    ]);
    expect(kinds("His regiment is at the front line; send the password")).toEqual(["money", "places", "units"]);
  });

  test("leave ordinary letters alone", () => {
    const folder = join(__dirname, "../../examples/letters");
    const plain = JSON.parse(readFileSync(join(folder, "index.json"), "utf8")).filter(
      ({ note }: { note: string }) => note === "passes",
    );
    expect(plain.length).toBeGreaterThan(10);
    const flagged = plain.filter(
      ({ file }: { file: string }) => hintsIn(readFileSync(join(folder, file), "utf8")).size,
    );
    expect(flagged.map(({ file }: { file: string }) => file)).toEqual([]);
  });

  test("count characters and not halves of them", () => {
    expect(countCharacters("їжак 🦔")).toBe(6);
  });
});

describe("the address of a letter", () => {
  test("is the form in its one encoding, where there is no number", () => {
    const letter = {
      ...blankLetter("uk"),
      person: { given: "Остап ", surname: "Барвінчук", birth_date: "" },
      about: "сестра",
    };
    expect(addressOf(letter)).toBe('{"v":1,"surname":"Барвінчук","given":"Остап","words":"сестра"}');
  });

  test("is words alone, or nothing", () => {
    expect(addressOf({ ...blankLetter("uk"), about: " сестра " })).toBe("сестра");
    expect(addressOf({ ...blankLetter("uk"), number: "1".repeat(12), person: { given: "x" }, about: "y" })).toBe("y");
    expect(addressOf(blankLetter("uk"))).toBeNull();
  });
});

describe("troubles", () => {
  test("have a name for what the relay answers", () => {
    expect(troubleOf(new Problem("unreachable"))).toBe("unreachable");
    expect(troubleOf(new Problem("directory_expired"))).toBe("directory_expired");
    expect(troubleOf(new Problem("too_many_requests", "", { status: 429, retryAfter: 7 }))).toBe("too_many");
    expect(troubleOf(new Problem("work_wrong", "", { status: 428 }))).toBe("work");
    expect(troubleOf(new Problem("receipt_differs"))).toBe("evidence");
    expect(troubleOf(new Problem("something_new", "", { status: 503 }))).toBe("busy");
    expect(troubleOf(new Problem("something_new", "", { status: 409 }))).toBe("refused");
    expect(troubleOf(new TypeError("Failed to fetch"))).toBe("unreachable");
    expect(troubleOf(new Error("a mistake"))).toBe("unexpected");
    expect(troubleOf({ code: "insecure" })).toBe("insecure");
  });

  test("are as many as there are words for", () => {
    expect(new Set(TROUBLES).size).toBe(TROUBLES.length);
  });

  test("a browser without WebCrypto is known before anybody writes", () => {
    const whole = { crypto: { subtle: {} }, Worker: class {}, BigInt, createImageBitmap: () => null };
    expect(missingIn(whole as never)).toBeNull();
    expect(missingIn({ ...whole, crypto: {} } as never)).toBe("WebCrypto");
    expect(missingIn({ ...whole, Worker: undefined } as never)).toBe("Worker");
  });
});
