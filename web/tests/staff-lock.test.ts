/** The lock: keys are gone from memory, what was typed is kept, and only the same member opens it again. */

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { newCode } from "../src/core/codes";
import { recipientOf } from "../src/core/hybrid";
import { openKeyring, sealKeyring } from "../src/core/keyrings";
import { IDLE_MS, lockWhenIdle } from "../src/staff/frame/idle";
import { Gate, reopen } from "../src/staff/gate";
import { ReviewDesk } from "../src/staff/review/desk";
import { NO_DRAFT } from "../src/staff/review/drafts";
import type { StaffSession } from "../src/staff/session";
import { PlayedRelay, storage } from "./playedrelay";
import { laterProblemOf, problemOf } from "./vectors";

const CODE = newCode();
let relay: PlayedRelay;
let session: StaffSession;
/** What the code that is typed opens. */
let typed: Uint8Array;

vi.mock("../src/staff/vault", () => ({ seedOfCode: async () => typed.slice() }));

beforeEach(async () => {
  relay = new PlayedRelay();
  typed = relay.ann.seed;
  vi.stubGlobal("fetch", (path: string, sent: RequestInit) => relay.fetch(path, sent));
  vi.stubGlobal("localStorage", storage());
  const gate = new Gate({ name: "relay.example", demo: true, local: false, fingerprint: relay.fingerprint });
  session = await gate.enterByCode(relay.ann.root.staff, CODE);
});

afterEach(() => void vi.useRealTimers());

/** The very arrays that hold the member's secrets. */
function secrets(): Uint8Array[] {
  return [session.signSeed, session.ageSeed, session.unlockSeed, ...session.deskSeeds(relay.desk)];
}

function isZero(secret: Uint8Array): boolean {
  return secret.every((byte) => byte === 0);
}

describe("the lock", () => {
  it("overwrites every key where it is, and gives none out any more", () => {
    const held = secrets();
    expect(held.length).toBe(4);
    expect(held.map(isZero)).toEqual([false, false, false, false]);
    session.lock();
    expect(held.map(isZero)).toEqual([true, true, true, true]);
    for (const take of [
      () => session.signSeed,
      () => session.ageSeed,
      () => session.unlockSeed,
      () => session.deskSeeds(relay.desk),
      () => session.sign("sign-in", [], { challenge: "c0".repeat(32) }),
    ]) {
      expect(problemOf(take)).toBe("sign_in_first");
    }
  });

  it("overwrites the keyring's own secret as soon as the keys are derived from it", async () => {
    const file = await sealKeyring(relay.ann.root, [recipientOf(typed)]);
    const root = await openKeyring(file, typed, session.directory);
    session.lock();
    await session.unlock({ root, seed: typed.slice() });
    expect(isZero(root.root)).toBe(true);
    expect(secrets().map(isZero)).toEqual([false, false, false, false]);
  });

  it("sends no token any more", async () => {
    session.lock();
    relay.asked.length = 0;
    await laterProblemOf(() => session.get("/review/register"));
    expect(relay.asked).toEqual(["GET /review/register"]);
  });

  it("comes when the relay ends the session", async () => {
    const held = secrets();
    vi.stubGlobal("fetch", async () => Response.json({ code: "session_over", cure: "Sign in." }, { status: 401 }));
    expect(await laterProblemOf(() => session.get("/review/lines"))).toBe("session_over");
    expect([session.locked, ...held.map(isZero)]).toEqual([true, true, true, true, true]);
  });

  it("keeps what was typed, and opens with the code", async () => {
    const desk = new ReviewDesk(session, relay.desk);
    const row = { item: "0a".repeat(16), head: "cd".repeat(32) } as never;
    desk.letters = [{ row, standing: "closed", draft: NO_DRAFT }];
    desk.draft("0a".repeat(16), (draft) => ({ ...draft, note: "Кіт спить." }));
    session.lock();
    expect(session.hasDeskKey(relay.desk)).toBe(true);
    await reopen(session, { code: CODE });
    expect([session.locked, desk.letters[0]!.draft.note]).toEqual([false, "Кіт спить."]);
    expect(secrets().map(isZero)).toEqual([false, false, false, false]);
  });

  it("does not open with a code that is not theirs", async () => {
    session.lock();
    typed = relay.ben.seed;
    expect(await laterProblemOf(() => reopen(session, { code: CODE }))).toBe("wrong_key");
    expect([session.locked, problemOf(() => session.signSeed)]).toEqual([true, "sign_in_first"]);
  });

  it("does not open for a colleague, whose secrets are overwritten", async () => {
    const root = await openKeyring(
      await sealKeyring(relay.ben.root, [recipientOf(relay.ben.seed)]),
      relay.ben.seed,
      session.directory,
    );
    const seed = relay.ben.seed.slice();
    session.lock();
    expect(await laterProblemOf(() => session.unlock({ root, seed }))).toBe("other_member");
    expect([session.locked, isZero(root.root), isZero(seed)]).toEqual([true, true, true]);
  });

  it("stays shut, and empty, where signing in again fails", async () => {
    session.lock();
    const root = { ...relay.ann.root, root: relay.ann.root.root.slice() };
    const seed = typed.slice();
    relay.lies.set("/sign-in/challenges", () => undefined);
    expect(await laterProblemOf(() => session.unlock({ root, seed }))).toBe("not_found");
    expect([session.locked, isZero(seed), problemOf(() => session.ageSeed)]).toEqual([true, true, "sign_in_first"]);
  });
});

describe("a page that nobody touches", () => {
  const surface = new EventTarget();
  let stop: () => void;

  beforeEach(() => {
    vi.useFakeTimers();
    stop = lockWhenIdle(session, surface);
  });

  afterEach(() => stop());

  it("locks after half an hour, and not while somebody writes", () => {
    vi.advanceTimersByTime(IDLE_MS - 60_000);
    surface.dispatchEvent(new Event("keydown"));
    vi.advanceTimersByTime(IDLE_MS - 60_000);
    expect(session.locked).toBe(false);
    vi.advanceTimersByTime(2 * 60_000);
    expect(session.locked).toBe(true);
  });

  it("is locked at the first touch after the computer has slept", () => {
    vi.setSystemTime(Date.now() + IDLE_MS);
    surface.dispatchEvent(new Event("pointermove"));
    expect(session.locked).toBe(true);
  });

  it("is not watched any more once it is left", () => {
    stop();
    vi.advanceTimersByTime(2 * IDLE_MS);
    expect(session.locked).toBe(false);
  });
});
