/**
 * The one way to the relay: HTTP with bearers and problems, tried again where that is safe.
 *
 * Nearly everything that a page sends may be sent twice: parts are named by their digest, letters by their item, and
 * statements by their hash, so the relay takes the second one for the first. Nothing here is logged.
 */

import { type Bytes, fromUtf8, utf8 } from "./bytes";
import { encodeJson, isRecord } from "./canonical";
import { Problem } from "./problems";

export { solveWork } from "./work";

export const SEALED = "application/vnd.letter-relay.sealed";
export const NOTE = "application/vnd.letter-relay.note";
export const PARTS = "application/vnd.letter-relay.parts";
const JSON_TYPE = "application/json";
const PROBLEM_TYPE = "application/problem+json";

const MAX_ANSWER_BYTES = 256 * 1024 * 1024;
const ATTEMPTS = 4;
const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_SECONDS = 20;
/** For an answer, and for a body at 2 KB a second, the slowest line that is still one. */
const TIMEOUT_MS = 60_000;
const MS_PER_BYTE = 0.5;
const CODE = /^[a-z][a-z0-9_]{0,63}$/;
/** Everything that could turn a sentence around or break a line; the relay's words are shown to people. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: it is they that are taken out
const UNPRINTABLE = /[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]+/gu;
const MAX_SENTENCE_CHARACTERS = 500;

/** What a request may have besides its path. */
export interface RequestOptions {
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  readonly headers?: Readonly<Record<string, string>>;
  /** The body's media type; JSON's for an object, the sealed file's for bytes, unless given. */
  readonly mediaType?: string;
  /** Another bearer than the connection's; null for none at all. */
  readonly bearer?: string | null;
  /** Whether it may be sent again; everything but a sign-in may, and does. */
  readonly repeat?: boolean;
  readonly signal?: AbortSignal;
}

/** How a connection behaves; tests bring their own. */
export interface ApiOptions {
  readonly attempts?: number;
  readonly sleep?: (milliseconds: number) => Promise<void>;
}

/** What can be sent: bytes as they are, or an object as JSON. */
export type Body = Uint8Array | Readonly<Record<string, unknown>>;

/** A successful answer, whole. */
export class Answer {
  constructor(
    readonly status: number,
    readonly mediaType: string,
    readonly headers: Headers,
    readonly body: Bytes,
  ) {}

  /** Read the body as UTF-8; throws Problem "answer_malformed". */
  text(): string {
    try {
      return fromUtf8(this.body);
    } catch {
      throw new Problem("answer_malformed", "the relay's answer is not UTF-8");
    }
  }

  /** Read the body as one JSON object; throws Problem "answer_malformed". */
  // biome-ignore lint/suspicious/noExplicitAny: whoever reads an answer checks each of its members next
  json<T = any>(): T {
    let value: unknown;
    try {
      value = JSON.parse(this.text());
    } catch {
      value = undefined;
    }
    if (!isRecord(value)) throw new Problem("answer_malformed", "the relay's answer is no JSON object");
    return value as T;
  }
}

/**
 * A relay's address, with the bearer that is asked for at each request.
 *
 * Every method throws Problem: with the relay's own code, cure, status and retryAfter (seconds) where it answered,
 * "unreachable" where it did not, and "answer_malformed" for what no relay answers.
 */
export class RelayApi {
  /** Without a slash at its end; empty for the origin of the page. */
  readonly base: string;
  readonly #bearer: () => string | undefined;
  readonly #fetch: typeof fetch;
  readonly #attempts: number;
  readonly #sleep: (milliseconds: number) => Promise<void>;

  constructor(
    base: string,
    bearer: () => string | undefined = () => undefined,
    fetcher: typeof fetch = (...request) => fetch(...request),
    { attempts = ATTEMPTS, sleep = wait }: ApiOptions = {},
  ) {
    this.base = base.replace(/\/+$/, "");
    this.#bearer = bearer;
    this.#fetch = fetcher;
    this.#attempts = attempts;
    this.#sleep = sleep;
  }

  /** Ask for something. */
  get(path: string, options?: RequestOptions): Promise<Answer> {
    return this.send("GET", path, undefined, options);
  }

  /** Store something under its name. */
  put(path: string, body: Body, options?: RequestOptions): Promise<Answer> {
    return this.send("PUT", path, body, options);
  }

  /** Send something. */
  post(path: string, body: Body, options?: RequestOptions): Promise<Answer> {
    return this.send("POST", path, body, options);
  }

  /** Take something away. */
  delete(path: string, options?: RequestOptions): Promise<Answer> {
    return this.send("DELETE", path, undefined, options);
  }

  /** Send a request, again if need be, and return the answer. */
  async send(method: string, path: string, body?: Body, options: RequestOptions = {}): Promise<Answer> {
    const last = options.repeat === false ? 1 : this.#attempts;
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#once(method, path, body, options);
      } catch (error) {
        const pause = error instanceof Problem ? pauseAfter(error, attempt) : undefined;
        if (attempt >= last || pause === undefined || options.signal?.aborted) throw error;
        await this.#sleep(pause);
      }
    }
  }

  async #once(method: string, path: string, body: Body | undefined, options: RequestOptions): Promise<Answer> {
    const content = body instanceof Uint8Array ? (body as Bytes) : body && utf8(encodeJson(body));
    const controller = new AbortController();
    const abort = () => controller.abort();
    const timer = setTimeout(abort, TIMEOUT_MS + (content?.length ?? 0) * MS_PER_BYTE);
    options.signal?.addEventListener("abort", abort);
    try {
      const response = await this.#fetch(this.base + path + queryOf(options.query), {
        method,
        headers: this.#headers(body, options),
        ...(content && { body: content }),
        signal: controller.signal,
        cache: "no-store",
        credentials: "omit",
        // A redirection could take the bearer elsewhere.
        redirect: "error",
        referrerPolicy: "no-referrer",
      });
      return judged(response, new Uint8Array(await response.arrayBuffer()));
    } catch (error) {
      // Whatever fetch throws, it has no answer.
      throw error instanceof Problem ? error : new Problem("unreachable");
    } finally {
      clearTimeout(timer);
      options.signal?.removeEventListener("abort", abort);
    }
  }

  #headers(body: Body | undefined, options: RequestOptions): Record<string, string> {
    const headers: Record<string, string> = { ...options.headers };
    const mediaType = options.mediaType ?? (body instanceof Uint8Array ? SEALED : JSON_TYPE);
    if (body !== undefined) headers["Content-Type"] = mediaType;
    const bearer = options.bearer === undefined ? this.#bearer() : options.bearer;
    if (bearer) headers.Authorization = `Bearer ${bearer}`;
    return headers;
  }
}

function judged(response: Response, body: Bytes): Answer {
  const mediaType = (response.headers.get("Content-Type") ?? "").split(";")[0]!.trim();
  const answer = new Answer(response.status, mediaType, response.headers, body);
  if (body.length > MAX_ANSWER_BYTES)
    throw new Problem("answer_malformed", "the relay's answer is larger than 256 MiB");
  if (!response.ok) throw problemOf(answer);
  return answer;
}

function problemOf(answer: Answer): Problem {
  const { code, detail, cure } = membersOf(answer);
  const known = typeof code === "string" && CODE.test(code) ? code : `http_${answer.status}`;
  const message = sentence(detail) || `the relay answered ${answer.status} and did not say why`;
  const retryAfter = secondsOf(answer.headers.get("Retry-After"));
  return new Problem(known, message, { cure: sentence(cure) || undefined, status: answer.status, retryAfter });
}

function membersOf(answer: Answer): Record<string, unknown> {
  if (answer.mediaType !== PROBLEM_TYPE) return {};
  try {
    return answer.json();
  } catch {
    return {};
  }
}

/** Make a stranger's sentence fit to be shown: one line, no controls, at most 500 characters. */
function sentence(value: unknown): string {
  if (typeof value !== "string") return "";
  return value.replace(UNPRINTABLE, " ").slice(0, MAX_SENTENCE_CHARACTERS).trim();
}

/** Read Retry-After as seconds; a date is for proxies, and our relay sends none. */
function secondsOf(value: string | null): number | undefined {
  return value !== null && /^[0-9]{1,6}$/.test(value) ? Number(value) : undefined;
}

/** Say how many milliseconds to wait before the next attempt; undefined if another one is of no use, or too far off. */
function pauseAfter({ code, status, retryAfter = 0 }: Problem, attempt: number): number | undefined {
  // Clients that were cut off together must not come back together. Nothing secret hangs on it.
  const jittered = (0.5 + Math.random()) * FIRST_WAIT_MS * 2 ** (attempt - 1);
  if (code === "unreachable") return jittered;
  if (status !== 429 && status !== 503) return undefined;
  return retryAfter > LONGEST_WAIT_SECONDS ? undefined : Math.max(jittered, retryAfter * 1_000);
}

function queryOf(query: RequestOptions["query"] = {}): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined);
  return given.length > 0 ? `?${new URLSearchParams(given.map(([key, value]) => [key, String(value)]))}` : "";
}

function wait(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
