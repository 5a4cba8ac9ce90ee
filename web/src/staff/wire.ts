/** The one way to the relay: HTTP in the session, problems told as Problems, tried again where that is safe. */

import { type Bytes, hex, randomBytes, utf8 } from "../core/bytes";
import { encodeJson } from "../core/canonical";
import { formatTime } from "../core/forms";
import { Problem } from "../core/problems";
import { type Members, membersOf } from "./answers";

export const SEALED = "application/vnd.letter-relay.sealed";
export const NOTE = "application/vnd.letter-relay.note";
export const JSON_TYPE = "application/json";
export const OCTETS = "application/octet-stream";

const ATTEMPTS = 3;
const FIRST_WAIT_MS = 300;
const LONGEST_WAIT_MS = 15_000;
/** What the relay answers once a session has ended, for whatever reason. */
const OVER: readonly string[] = ["session_over", "sign_in_first", "unauthorized", "no_session"];

type Query = Readonly<Record<string, string>>;

/** A relay at one address, in a session once `bearer` gives its token. */
export class Wire {
  bearer: () => string | undefined = () => undefined;
  /** Called when the relay says that the session is over. */
  onOver: () => void = () => undefined;

  constructor(
    readonly base: string = "",
    readonly ask: typeof fetch = (...given) => fetch(...given),
  ) {}

  /** Ask for a JSON object. */
  async get(path: string, query: Query = {}): Promise<Members> {
    return membersOf(await (await this.#repeated("GET", path, undefined, undefined, query)).json());
  }

  /** Ask for bytes. */
  async getBytes(path: string): Promise<Bytes> {
    return bytesOf(await this.#repeated("GET", path));
  }

  /** Send a JSON object and read one. */
  async post(path: string, members: unknown): Promise<Members> {
    return this.send("POST", path, utf8(encodeJson(members)), JSON_TYPE);
  }

  /** Store a JSON object. */
  async put(path: string, members: unknown): Promise<void> {
    await this.send("PUT", path, utf8(encodeJson(members)), JSON_TYPE);
  }

  /** Send a JSON object and read bytes. */
  async postForBytes(path: string, members: unknown): Promise<Bytes> {
    return bytesOf(await this.#repeated("POST", path, utf8(encodeJson(members)), JSON_TYPE));
  }

  /** Send bytes as they are and read a JSON object; an empty answer is an empty one. */
  async send(method: string, path: string, body?: Uint8Array, type?: string): Promise<Members> {
    const answer = await this.#repeated(method, path, body, type);
    const text = await answer.text();
    return text === "" ? {} : membersOf(JSON.parse(text));
  }

  /** Everything but a sign-in may be sent twice: the relay takes the second for the first. */
  async #repeated(
    method: string,
    path: string,
    body?: Uint8Array,
    type?: string,
    query: Query = {},
  ): Promise<Response> {
    const attempts = path === "/sign-in" ? 1 : ATTEMPTS;
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#once(method, path, body, type, query);
      } catch (fault) {
        const wait = waitFor(fault, attempt);
        if (attempt >= attempts || wait === undefined) throw this.#judged(fault);
        await new Promise((go) => setTimeout(go, wait));
      }
    }
  }

  async #once(method: string, path: string, body?: Uint8Array, type?: string, query: Query = {}): Promise<Response> {
    const headers = new Headers();
    const token = this.bearer();
    if (type !== undefined) headers.set("Content-Type", type);
    if (token !== undefined) headers.set("Authorization", `Bearer ${token}`);
    const search = new URLSearchParams(query).toString();
    const sent: RequestInit = {
      method,
      headers,
      credentials: "omit",
      redirect: "error",
      cache: "no-store",
      referrerPolicy: "no-referrer",
    };
    if (body !== undefined) sent.body = body as Bytes;
    let answer: Response;
    try {
      answer = await this.ask(this.base + path + (search && `?${search}`), sent);
    } catch {
      throw new Problem("unreachable");
    }
    if (!answer.ok) throw await problemOf(answer);
    return answer;
  }

  #judged(fault: unknown): unknown {
    if (
      fault instanceof Problem &&
      this.bearer() !== undefined &&
      (fault.status === 401 || OVER.includes(fault.code))
    ) {
      this.onOver();
    }
    return fault;
  }
}

/** An id for a document or a bag. */
export function newId(): string {
  return hex(randomBytes(16));
}

/** The clock of this device, `YYYY-MM-DDTHH:MM:SSZ`; it informs, and never decides. */
export function now(): string {
  return formatTime(Date.now());
}

async function problemOf(answer: Response): Promise<Problem> {
  const members = await answer.json().catch(() => ({}));
  const { code, title, cure } = members as Record<string, unknown>;
  const after = Number(answer.headers.get("Retry-After") ?? Number.NaN);
  return new Problem(typeof code === "string" ? code : `http_${answer.status}`, String(title ?? answer.status), {
    status: answer.status,
    cure: typeof cure === "string" ? cure : undefined,
    retryAfter: Number.isFinite(after) ? after : undefined,
  });
}

async function bytesOf(answer: Response): Promise<Bytes> {
  return new Uint8Array(await answer.arrayBuffer());
}

function waitFor(fault: unknown, attempt: number): number | undefined {
  if (!(fault instanceof Problem)) return undefined;
  const backoff = FIRST_WAIT_MS * 2 ** (attempt - 1) * (0.5 + Math.random());
  if (fault.code === "unreachable") return backoff;
  if (fault.status !== 429 && fault.status !== 503) return undefined;
  const asked = (fault.retryAfter ?? 0) * 1000;
  return asked > LONGEST_WAIT_MS ? undefined : Math.max(backoff, asked);
}
