/** The way to the relay: what is sent, what comes back, what is tried again, and the files in one body. */

import { createChallenge } from "altcha-lib";
import { deriveKey } from "altcha-lib/algorithms/web/pbkdf2";
import { describe, expect, test } from "vitest";
import { NOTE, PARTS, RelayApi, SEALED, solveWork } from "../src/core/api";
import { fromUtf8, unb64, utf8 } from "../src/core/bytes";
import { encodeParts, fetchParts, parseParts, uploadParts } from "../src/core/framing";
import { Problem } from "../src/core/problems";
import { partDigest } from "../src/core/sealed";

interface Call {
  readonly url: string;
  readonly init: RequestInit;
}

/** A relay that gives these answers in turn, and an api that does not wait. */
function relay(...answers: (Response | Error)[]): { api: RelayApi; calls: Call[]; pauses: number[] } {
  const calls: Call[] = [];
  const pauses: number[] = [];
  const fetcher = async (url: unknown, init: unknown) => {
    calls.push({ url: String(url), init: init as RequestInit });
    const answer = answers[Math.min(calls.length, answers.length) - 1]!;
    if (answer instanceof Error) throw answer;
    return answer.clone();
  };
  const sleep = async (milliseconds: number) => void pauses.push(milliseconds);
  return { api: new RelayApi("https://relay.example/", () => "token", fetcher, { sleep }), calls, pauses };
}

function problem(status: number, members: object, headers: Record<string, string> = {}): Response {
  const all = { "Content-Type": "application/problem+json; charset=utf-8", ...headers };
  return new Response(JSON.stringify(members), { status, headers: all });
}

async function caught(run: () => Promise<unknown>): Promise<Problem> {
  try {
    await run();
  } catch (error) {
    if (error instanceof Problem) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}

describe("requests", () => {
  test("carry the bearer, and neither cookies nor a referrer; nothing is cached, no redirection followed", async () => {
    const { api, calls } = relay(new Response('{"v":1}'));
    expect((await api.get("/staff/queue", { query: { limit: 20, after: undefined } })).json()).toEqual({ v: 1 });
    const { url, init } = calls[0]!;
    expect(url).toBe("https://relay.example/staff/queue?limit=20");
    expect(init.headers).toEqual({ Authorization: "Bearer token" });
    const { cache, credentials, referrerPolicy, redirect } = init;
    expect({ cache, credentials, referrerPolicy, redirect }).toEqual({
      cache: "no-store",
      credentials: "omit",
      referrerPolicy: "no-referrer",
      redirect: "error",
    });
  });

  test("name what they send", async () => {
    const { api, calls } = relay(new Response("{}"));
    await api.put("/family/parts/00", utf8("sealed"), { headers: { "Letter-Relay-Signer": "00" } });
    await api.post("/family/statements", utf8("note"), { mediaType: NOTE, bearer: "other" });
    await api.post("/sign-in/challenges", { staff: "00" }, { bearer: null });
    const headers = calls.map(({ init }) => init.headers);
    expect(headers).toEqual([
      { "Content-Type": SEALED, "Letter-Relay-Signer": "00", Authorization: "Bearer token" },
      { "Content-Type": NOTE, Authorization: "Bearer other" },
      { "Content-Type": "application/json" },
    ]);
    expect(fromUtf8(calls[2]!.init.body as Uint8Array)).toBe('{"staff":"00"}');
  });
});

describe("problems", () => {
  test("are the relay's own, made fit to be shown", async () => {
    const members = { code: "key_suspended", detail: "No.\u202e\nSorry.", cure: "Ask." };
    const { code, message, cure, status } = await caught(() => relay(problem(403, members)).api.get("/"));
    expect({ code, message, cure, status }).toEqual({
      code: "key_suspended",
      message: "No. Sorry.",
      cure: "Ask.",
      status: 403,
    });
  });

  test("have the status for a code where there is none", async () => {
    expect((await caught(() => relay(new Response("<html>", { status: 404 })).api.get("/"))).code).toBe("http_404");
    expect((await caught(() => relay(problem(400, { code: "Not a code" })).api.get("/"))).code).toBe("http_400");
  });

  test("say what the relay asks one to wait", async () => {
    const busy = problem(429, { code: "too_many" }, { "Retry-After": "60" });
    const { api, calls } = relay(busy);
    expect((await caught(() => api.get("/"))).retryAfter).toBe(60);
    expect(calls.length).toBe(1);
  });

  test("are waited for where that is short, and where there was no answer", async () => {
    const busy = problem(503, { code: "storage_unavailable" }, { "Retry-After": "2" });
    const { api, calls, pauses } = relay(new TypeError("network"), busy, new Response("{}"));
    await api.get("/");
    expect(calls.length).toBe(3);
    expect(pauses[0]).toBeLessThan(500);
    expect(pauses[1]).toBe(2_000);
  });

  test("end with unreachable, at once for what may not be sent twice", async () => {
    const gone = relay(new TypeError("network"));
    expect((await caught(() => gone.api.get("/"))).code).toBe("unreachable");
    expect(gone.calls.length).toBe(4);
    const once = relay(new TypeError("network"));
    expect((await caught(() => once.api.post("/sign-in", utf8("note"), { repeat: false }))).code).toBe("unreachable");
    expect(once.calls.length).toBe(1);
  });

  test("are the answer's where it is no JSON", async () => {
    const answer = await relay(new Response("[]")).api.get("/");
    expect((await caught(async () => answer.json())).code).toBe("answer_malformed");
  });
});

describe("framed parts", () => {
  const parts = [sealed("one"), sealed("two, which is longer")];
  const sizes = parts.map((part) => ({ digest: partDigest(part), bytes: part.length }));

  test("are read as they were written", () => {
    expect(parseParts(encodeParts(parts))).toEqual(parts);
    expect(parseParts(encodeParts([]))).toEqual([]);
    for (const cut of [1, 3, 5, encodeParts(parts).length - 1]) {
      expect(() => parseParts(encodeParts(parts).subarray(0, cut))).toThrow(Problem);
    }
  });

  test("are uploaded together, and have to be the same there", async () => {
    const digests = sizes.map(({ digest }) => digest);
    const { api, calls } = relay(Response.json({ digests }));
    expect(await uploadParts(api, parts)).toEqual(digests);
    expect((calls[0]!.init.headers as Record<string, string>)["Content-Type"]).toBe(PARTS);
    const other = relay(Response.json({ digests: [...digests].reverse() }));
    expect((await caught(() => uploadParts(other.api, parts))).code).toBe("parts_not_asked_for");
  });

  test("are fetched together, and have to be those asked for", async () => {
    const found = await fetchParts(relay(new Response(encodeParts(parts))).api, sizes);
    expect([...found.values()]).toEqual(parts);
    const swapped = relay(new Response(encodeParts([...parts].reverse())));
    expect((await caught(() => fetchParts(swapped.api, sizes))).code).toBe("parts_not_asked_for");
  });

  test("are fetched in several goes where they are large", async () => {
    const { api, calls } = relay(new Response(encodeParts([parts[0]!])), new Response(encodeParts([parts[1]!])));
    await fetchParts(
      api,
      sizes.map(({ digest }) => ({ digest, bytes: 12 * 1024 * 1024 })),
    );
    expect(calls.length).toBe(2);
  });
});

describe("work", () => {
  test("is solved where the relay wants some", async () => {
    const challenge = await createChallenge({
      algorithm: "PBKDF2/SHA-256",
      cost: 10,
      counter: 20,
      deriveKey,
      hmacSignatureSecret: "secret",
    });
    const payload = JSON.parse(fromUtf8(unb64(await solveWork(relay(Response.json(challenge)).api))));
    expect(payload.challenge).toEqual(challenge);
    expect(payload.solution.counter).toBe(20);
  });

  test("is none where the relay has no challenges, and is refused where the challenge is none", async () => {
    expect(await solveWork(relay(problem(404, { code: "not_found" })).api)).toBe("");
    for (const answer of [{}, { parameters: { cost: 1e9 } }, { parameters: { cost: 1, keyPrefix: "x" } }]) {
      expect((await caught(() => solveWork(relay(Response.json(answer)).api))).code).toBe("answer_malformed");
    }
  });
});

/** A file whose digest can be told; what is in it does not matter here. */
function sealed(text: string): Uint8Array<ArrayBuffer> {
  return utf8(`letter-relay/sealed/v1 {}\n${text}`);
}
