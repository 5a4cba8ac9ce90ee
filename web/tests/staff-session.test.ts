/** A session: what it signs goes where its kind belongs, and what the relay answers is held against what was asked. */

import { describe, expect, it, vi } from "vitest";
import { randomBytes, utf8 } from "../src/core/bytes";
import { encodeEvent, eventHash } from "../src/core/events";
import { Problem } from "../src/core/problems";
import { partDigest } from "../src/core/sealed";
import type { Subject } from "../src/core/statements";
import type { TrustBook } from "../src/staff/book";
import { batchParts, frameParts, unframeParts } from "../src/staff/framing";
import { StaffSession } from "../src/staff/session";
import { Wire } from "../src/staff/wire";

const RELAY = "4b8d6f40f82e296c70261e762d69ce1e";
const STAFF = "8d42cb2042a5049d0f709950c41aeec1";
const DESK = "c8beec0616f17cf0676807c4d3bd64d7";
const ITEM = "35873e79d623a65d969e1afc3f62bd5c";
const PART = "ab".repeat(32);
const HEAD = "cd".repeat(32);
const SUBJECT: Subject = { item: ITEM, prev: HEAD, parts: [PART] };

function signedIn(answer: (path: string, sent: RequestInit) => Response | Promise<Response>) {
  const ask = vi.fn(async (path: string, sent: RequestInit) => answer(path, sent));
  const wire = new Wire("", ask as unknown as typeof fetch);
  const book = { directory: { version: 3 }, trust: { relay: RELAY } } as unknown as TrustBook;
  const root = { relay: RELAY, staff: STAFF, root: randomBytes(32) };
  const unlocked = { root, seed: randomBytes(32) };
  return { ask, session: new StaffSession(wire, book, unlocked, { possible: false }) };
}

function moved(change: object = {}): Response {
  const event = {
    item: ITEM,
    seq: 2,
    prev: HEAD,
    event: "claimed",
    from: "relay",
    to: "mediator",
    day: "2026-11-28",
    parts: [PART],
    detail: HEAD,
  };
  const items = [{ item: ITEM, index: 7, event: encodeEvent({ ...event, ...change }) }];
  return Response.json({ v: 1, size: 8, items });
}

describe("a statement", () => {
  it("goes where its kind belongs, and gives the event that the next one names", async () => {
    const { ask, session } = signedIn(() => moved());
    const [move] = await session.submit("claim", [SUBJECT], { desk: DESK, hint: undefined });
    expect(ask.mock.calls[0]![0]).toBe("/review/statements");
    expect(move).toMatchObject({ item: ITEM, index: 7 });
    expect(move!.head).toBe(eventHash(encodeEvent(move!.event)));
  });

  it.each([{ parts: [HEAD] }, { prev: PART }, { item: DESK }])(
    "that moved something else is not believed: %o",
    async (change) => {
      const { session } = signedIn(() => moved(change));
      await expect(session.submit("claim", [SUBJECT], { desk: DESK })).rejects.toMatchObject({ code: "row_differs" });
    },
  );

  it("about no item has no route of its own", () => {
    const { session } = signedIn(() => moved());
    expect(() => session.prepare("suspend", [], {})).toThrow(Problem);
  });
});

describe("sealed files", () => {
  it("that were not asked for are refused", async () => {
    const file = utf8("another file");
    const { session } = signedIn(() => new Response(frameParts([file])));
    await expect(session.fetchParts([{ digest: PART, bytes: 0 }])).rejects.toMatchObject({
      code: "parts_not_asked_for",
    });
    const found = await session.fetchParts([{ digest: partDigest(file), bytes: 12 }]);
    expect([...found.keys()]).toEqual([partDigest(file)]);
  });

  it("are framed, split and read back; what is cut short is refused", () => {
    const parts = [randomBytes(10), randomBytes(0), randomBytes(30)];
    expect(unframeParts(frameParts(parts))).toEqual(parts);
    expect(batchParts(parts, 40).map((batch) => batch.length)).toEqual([2, 1]);
    expect(() => unframeParts(frameParts(parts).subarray(0, 20))).toThrow(Problem);
  });
});

it("locks when the relay says that the session is over, and not before there was one", async () => {
  const over = () => Response.json({ code: "session_over", cure: "Sign in." }, { status: 401 });
  const { session } = signedIn(over);
  await expect(session.get("/review/lines")).rejects.toMatchObject({ code: "session_over", status: 401 });
  expect(session.locked).toBe(false);
  session.wire.bearer = () => "token";
  await expect(session.get("/review/lines")).rejects.toMatchObject({ code: "session_over" });
  expect(session.locked).toBe(true);
});

it("asks again while the network is gone, and a sign-in only once", async () => {
  const { ask, session } = signedIn(() => Promise.reject(new TypeError("no network")));
  vi.spyOn(Math, "random").mockReturnValue(-0.5);
  await expect(session.get("/review/lines")).rejects.toMatchObject({ code: "unreachable" });
  expect(ask).toHaveBeenCalledTimes(3);
  await expect(session.wire.send("POST", "/sign-in")).rejects.toMatchObject({ code: "unreachable" });
  expect(ask).toHaveBeenCalledTimes(4);
});
