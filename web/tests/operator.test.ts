/** The operator's board: figures out of Prometheus' text, health, expiry, and the witness policy in words. */

import { describe, expect, test } from "vitest";
import { latencyOf, readFigures, sumUp, wordOf } from "../src/staff/operate/figures";
import { readPolicy } from "../src/staff/operate/policy";
import { daysUntil, readHealth } from "../src/staff/operate/standing";

const TEXT = `# HELP letter_relay_http_requests_total Requests answered.
# TYPE letter_relay_http_requests_total counter
process_start_time_seconds 1.79588e+09
process_resident_memory_bytes 1.1e+08
letter_relay_http_requests_total{method="PUT",route="/family/letters/{item}",status="2xx"} 60.0
letter_relay_http_requests_total{method="PUT",route="/family/letters/{item}",status="4xx"} 2.0
letter_relay_http_requests_total{method="GET",route="/trust",status="5xx"} 1.0
letter_relay_http_seconds_bucket{le="0.005",method="PUT",route="/family/letters/{item}"} 31.0
letter_relay_http_seconds_bucket{le="0.01",method="PUT",route="/family/letters/{item}"} 57.0
letter_relay_http_seconds_bucket{le="0.025",method="PUT",route="/family/letters/{item}"} 60.0
letter_relay_http_seconds_bucket{le="+Inf",method="PUT",route="/family/letters/{item}"} 60.0
odd{text="a \\"quoted\\" line\\nand } more"} 1
not a figure
`;

const STOCK = `letter_relay_items_waiting{state="queued"} 3.0
letter_relay_items_waiting{state="bagged"} 0.0
letter_relay_items_oldest_seconds{state="queued"} 90000.0
letter_relay_http_refusals_total{code="not_found"} 1.0
letter_relay_http_refusals_total{code="wrong_key"} 4.0
letter_relay_http_refusals_total{code="stale_statement"} 0.0
letter_relay_parts 5.0
letter_relay_parts_bytes 70000.0
letter_relay_database_bytes 900000.0
letter_relay_disk_free_bytes 8.05e+10
`;

describe("figures", () => {
  const samples = readFigures(TEXT);

  test("are read with their labels, and lines in no known form are left out", () => {
    expect(samples).toHaveLength(10);
    expect(samples.at(-1)!.labels.text).toBe('a "quoted" line\nand } more');
  });

  test("tell what was taken in and what was refused", () => {
    const figures = sumUp(samples);

    expect(figures.done.find(({ what }) => what === "letters")!.count).toBe(60);
    expect([figures.requests, figures.refusedCalls, figures.failedCalls]).toEqual([63, 2, 1]);
    expect(figures.refused.map(({ route }) => route)).toEqual(["/trust", "/family/letters/{item}"]);
    expect(figures.since).toBe(1.79588e12);
    expect(figures.openFiles).toBeUndefined();
  });

  test("tell what waits, why calls were refused, and how much room there is", () => {
    const figures = sumUp(readFigures(STOCK));

    expect(figures.waiting).toEqual([
      { state: "queued", count: 3, oldest: 90_000 },
      { state: "bagged", count: 0, oldest: undefined },
    ]);
    expect(figures.problems).toEqual([
      { code: "wrong_key", count: 4 },
      { code: "not_found", count: 1 },
    ]);
    expect(figures.storage).toEqual({ databaseBytes: 900_000, parts: 5, partsBytes: 70_000, freeBytes: 8.05e10 });
  });

  test("that the relay could not count are not taken for nothing", () => {
    const figures = sumUp(samples);

    expect([figures.waiting, figures.problems, figures.storage]).toEqual([[], [], undefined]);
  });

  test("bound percentiles from above, by the bucket that has enough", () => {
    expect(latencyOf(samples)).toEqual({ count: 60, p50: 0.005, p95: 0.01 });
    expect(latencyOf([])).toBeUndefined();
  });

  test("of a call have a word where they matter", () => {
    expect(wordOf("PUT", "/family/letters/{item}")).toBe("letters");
    expect(wordOf("GET", "/family/letters/{item}")).toBeUndefined();
  });
});

describe("health", () => {
  test("is ready only if the relay says so and every check is well", () => {
    expect(readHealth({ checks: { database: "ok", disk: "ok" } }, true).ready).toBe(true);
    expect(readHealth({ checks: { database: "ok", disk: "failed" } }, true).ready).toBe(false);
    expect(readHealth({ code: "not_ready", checks: { disk: "failed" } }, false)).toEqual({
      ready: false,
      checks: { disk: false },
    });
  });

  test.each([null, {}, { checks: "ok" }])("that names no check is no answer: %j", (answer) => {
    expect(() => readHealth(answer, true)).toThrow("answer_malformed");
  });

  test("reckons whole days to the end, and below nought after it", () => {
    const now = Date.parse("2026-11-28T12:00:00Z");
    expect(daysUntil("2026-12-12T12:00:00Z", now)).toBe(14);
    expect(daysUntil("2026-12-12T11:59:59Z", now)).toBe(13);
    expect(daysUntil("2026-11-28T11:59:59Z", now)).toBe(-1);
  });
});

describe("a witness policy", () => {
  test("is told by its witnesses, groups and quorum", () => {
    const read = readPolicy(
      "log demo+1+k\nwitness a w.example+1+k\nwitness\tb x+1+k https://b\ngroup both all a b\nquorum both\n",
    );

    expect(read).toEqual({
      witnesses: ["a", "b"],
      groups: [{ name: "both", threshold: 2, members: ["a", "b"] }],
      quorum: "both",
    });
  });

  test("without witnesses says none", () => {
    expect(readPolicy("# nobody\nquorum none\n")).toEqual({ witnesses: [], groups: [], quorum: "none" });
  });

  test.each(["", "quorum a\nquorum b\n", "weather fine\nquorum none\n"])(
    "that cannot be read is not guessed: %j",
    (text) => {
      expect(readPolicy(text)).toBeUndefined();
    },
  );
});
