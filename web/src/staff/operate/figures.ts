/** The relay's figures, read from Prometheus' text format (0.0.4), and what they mean to somebody who looks after it. */

/** One figure: its name, its labels, its value. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** How long one kind of call took: an upper bound of the median and of the 95th percentile, in seconds. */
export interface Latency {
  readonly count: number;
  readonly p50: number;
  readonly p95: number;
}

/** Calls that were not answered as asked, by method and route. */
export interface Refused {
  readonly method: string;
  readonly route: string;
  /** Refused or malformed (4xx). */
  readonly refused: number;
  /** The relay's own fault, or overloaded (5xx). */
  readonly failed: number;
}

/** What an operator looks at; counts are since the process began. */
export interface Figures {
  /** When the process began, milliseconds since 1970; undefined where it is not told. */
  readonly since: number | undefined;
  readonly requests: number;
  readonly refusedCalls: number;
  readonly failedCalls: number;
  readonly done: readonly Deed[];
  readonly latencies: readonly { readonly what: string; readonly latency: Latency }[];
  readonly refused: readonly Refused[];
  /** Refusals and failures by the code of the problem, the most first. */
  readonly problems: readonly { readonly code: string; readonly count: number }[];
  /** What waits, in the order of an item's life; empty where the relay could not count it. */
  readonly waiting: readonly Waiting[];
  readonly storage: Stored | undefined;
  readonly memoryBytes: number | undefined;
  readonly cpuSeconds: number | undefined;
  readonly openFiles: number | undefined;
  readonly mostFiles: number | undefined;
}

/** How many items are in one state, and for how long the oldest has been, in whole hours. */
export interface Waiting {
  readonly state: string;
  readonly count: number;
  /** Seconds; undefined where there is none. */
  readonly oldest: number | undefined;
}

/** What is kept, in bytes, and how much room there is. */
export interface Stored {
  readonly databaseBytes: number;
  readonly parts: number;
  readonly partsBytes: number;
  readonly freeBytes: number;
}

/** How often something was asked for and done. */
export interface Deed {
  readonly what: string;
  readonly count: number;
}

const REQUESTS = "letter_relay_http_requests_total";
const SECONDS = "letter_relay_http_seconds";
const REFUSALS = "letter_relay_http_refusals_total";
const WAITING = "letter_relay_items_waiting";
const OLDEST = "letter_relay_items_oldest_seconds";
const LINE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})?\s+(\S+)(?:\s+-?\d+)?$/;
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"/g;

/** The calls that matter, in plain words `operate.call.<what>`: method and route template. */
const CALLS: Readonly<Record<string, readonly [method: string, route: string]>> = {
  letters: ["PUT", "/family/letters/{item}"],
  replies: ["POST", "/facility/replies"],
  reviews: ["POST", "/review/statements"],
  handovers: ["POST", "/facility/statements"],
  mailboxes: ["GET", "/family/mailbox"],
  signins: ["POST", "/sign-in"],
};

/** Read Prometheus' text; lines in no known form are left out, as the format asks of readers. */
export function readFigures(text: string): Sample[] {
  return text.split("\n").flatMap((line) => readLine(line.trim()));
}

/** Sum up what an operator looks at. */
export function sumUp(samples: readonly Sample[]): Figures {
  const calls = samples.filter(({ name }) => name === REQUESTS);
  const refused = refusedOf(calls);
  return {
    since: timesThousand(figureOf(samples, "process_start_time_seconds")),
    requests: total(calls),
    refusedCalls: refused.reduce((sum, one) => sum + one.refused, 0),
    failedCalls: refused.reduce((sum, one) => sum + one.failed, 0),
    done: Object.entries(CALLS).map(([what, call]) => ({
      what,
      count: total(calls.filter(isDone).filter(isOf(call))),
    })),
    latencies: Object.entries(CALLS).flatMap(([what, call]) => {
      const latency = latencyOf(samples.filter(isOf(call)));
      return latency === undefined ? [] : [{ what, latency }];
    }),
    refused,
    problems: problemsOf(samples),
    waiting: waitingOf(samples),
    storage: storedOf(samples),
    memoryBytes: figureOf(samples, "process_resident_memory_bytes"),
    cpuSeconds: figureOf(samples, "process_cpu_seconds_total"),
    openFiles: figureOf(samples, "process_open_fds"),
    mostFiles: figureOf(samples, "process_max_fds"),
  };
}

/** Give the plain word of a call, if it has one. */
export function wordOf(method: string, route: string): string | undefined {
  return Object.entries(CALLS).find(([, call]) => call[0] === method && call[1] === route)?.[0];
}

/** Bound percentiles by the histogram's buckets; undefined where nothing was counted. */
export function latencyOf(samples: readonly Sample[]): Latency | undefined {
  const counts = new Map<number, number>();
  for (const { name, labels, value } of samples) {
    if (name !== `${SECONDS}_bucket`) continue;
    const bound = labels.le === "+Inf" ? Number.POSITIVE_INFINITY : Number(labels.le);
    counts.set(bound, (counts.get(bound) ?? 0) + value);
  }
  const buckets = [...counts].sort(([left], [right]) => left - right);
  const count = buckets.at(-1)?.[1] ?? 0;
  if (count === 0) return undefined;
  const bound = (share: number) => buckets.find(([, below]) => below >= share * count)![0];
  return { count, p50: bound(0.5), p95: bound(0.95) };
}

function readLine(line: string): Sample[] {
  const match = LINE.exec(line);
  if (line.startsWith("#") || match === null) return [];
  const value = match[3] === "+Inf" ? Number.POSITIVE_INFINITY : Number(match[3]);
  const labels = [...(match[2] ?? "").matchAll(LABEL)].map(([, key, text]) => [key, unescaped(text!)]);
  return Number.isNaN(value) ? [] : [{ name: match[1]!, labels: Object.fromEntries(labels), value }];
}

function unescaped(text: string): string {
  return text.replace(/\\(.)/g, (_, one: string) => (one === "n" ? "\n" : one));
}

function refusedOf(calls: readonly Sample[]): Refused[] {
  const found = new Map<string, Refused>();
  for (const { labels, value } of calls) {
    const { method = "", route = "", status } = labels;
    const before = found.get(`${method} ${route}`) ?? { method, route, refused: 0, failed: 0 };
    const refused = before.refused + (status === "4xx" ? value : 0);
    const failed = before.failed + (status === "5xx" ? value : 0);
    found.set(`${method} ${route}`, { ...before, refused, failed });
  }
  const some = [...found.values()].filter((one) => one.refused + one.failed > 0);
  return some.sort((left, right) => right.failed - left.failed || right.refused - left.refused);
}

function problemsOf(samples: readonly Sample[]): { code: string; count: number }[] {
  const found = samples.filter(({ name, value }) => name === REFUSALS && value > 0);
  return found
    .map(({ labels: { code = "" }, value }) => ({ code, count: value }))
    .sort((left, right) => right.count - left.count || left.code.localeCompare(right.code));
}

function waitingOf(samples: readonly Sample[]): Waiting[] {
  const oldest = new Map(samples.filter(({ name }) => name === OLDEST).map((one) => [one.labels.state, one.value]));
  return samples
    .filter(({ name }) => name === WAITING)
    .map(({ labels: { state = "" }, value }) => ({ state, count: value, oldest: oldest.get(state) }));
}

function storedOf(samples: readonly Sample[]): Stored | undefined {
  const databaseBytes = figureOf(samples, "letter_relay_database_bytes");
  const parts = figureOf(samples, "letter_relay_parts");
  const partsBytes = figureOf(samples, "letter_relay_parts_bytes");
  const freeBytes = figureOf(samples, "letter_relay_disk_free_bytes");
  if (databaseBytes === undefined || parts === undefined) return undefined;
  if (partsBytes === undefined || freeBytes === undefined) return undefined;
  return { databaseBytes, parts, partsBytes, freeBytes };
}

function isDone({ labels }: Sample): boolean {
  return labels.status === "2xx";
}

function isOf([method, route]: readonly [string, string]): (sample: Sample) => boolean {
  return ({ labels }) => labels.method === method && labels.route === route;
}

function total(samples: readonly Sample[]): number {
  return samples.reduce((sum, { value }) => sum + value, 0);
}

function figureOf(samples: readonly Sample[], name: string): number | undefined {
  return samples.find((sample) => sample.name === name)?.value;
}

function timesThousand(seconds: number | undefined): number | undefined {
  return seconds === undefined ? undefined : seconds * 1000;
}
