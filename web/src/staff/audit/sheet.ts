/** The report as one CSV sheet (RFC 4180): a line a figure, so that any spreadsheet can turn it as it likes. */

import type { Report } from "../../core/audit/report";

type Line = readonly [part: string, key: string, measure: string, value: string | number, unit: string];

const HEAD = ["part", "key", "measure", "value", "unit"];

/** What the sheet is about: the log, up to where, and when it was verified. */
export interface About {
  readonly origin: string;
  readonly size: number;
  readonly root: string;
  readonly at: string;
}

/** Write the report, UTF-8 with lines ended as RFC 4180 has it. */
export function sheetOf(report: Report, about: About): string {
  return [HEAD, ...aboutLines(about), ...linesOf(report)].map((line) => `${line.map(cell).join(",")}\r\n`).join("");
}

function aboutLines({ origin, size, root, at }: About): Line[] {
  return [
    ["log", origin, "size", size, "entries"],
    ["log", origin, "root", root, "hex"],
    ["log", origin, "verified", at, "UTC"],
  ];
}

function* linesOf(report: Report): Generator<Line> {
  yield* counts("entries", report.entries);
  yield* counts("events", report.events);
  yield* counts("kinds", report.kinds);
  yield* counts("states", report.states);
  yield ["erased", "", "entries", report.erased, "count"];
  if (report.erased_after_seconds !== null) yield ["erased", "", "youngest", report.erased_after_seconds, "seconds"];
  yield ["unopened", "", "entries", report.unopened, "count"];
  yield ["audits", "", "differing", report.differing_audits, "count"];
  for (const [state, dwell] of Object.entries(report.dwell)) {
    yield ["dwell", state, "left", dwell.left, "count"];
    yield ["dwell", state, "p50", dwell.p50_seconds, "seconds"];
    yield ["dwell", state, "p95", dwell.p95_seconds, "seconds"];
  }
  for (const gap of report.gaps) yield ["gap", gap.after, gap.before, gap.seconds, "seconds"];
  for (const one of report.unaccepted) yield ["unaccepted", one.item, one.bag, one.age_seconds, "seconds"];
  for (const one of report.unlike_register ?? []) yield ["unlike register", one.item, one.event, one.at, "UTC"];
  yield* counts("deliveries", report.deliveries);
  for (const [side, kinds] of Object.entries(report.parity)) {
    for (const [kind, parity] of Object.entries(kinds)) yield* counts(`parity ${side}`, parity, kind);
  }
}

function* counts(part: string, of: object, measure = ""): Generator<Line> {
  for (const [key, value] of Object.entries(of)) yield [part, key, measure, Number(value), "count"];
}

/** What a spreadsheet could take for a formula is kept a text. */
function cell(value: string | number): string {
  if (typeof value === "number") return String(value);
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
