/** Decisions on their way: taken back in time, kept where the network is gone, and never lost with what was written. */

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Problem } from "../src/core/problems";
import { type Letter, ReviewDesk } from "../src/staff/review/desk";
import { NO_DRAFT } from "../src/staff/review/drafts";
import { type Decision, Outbox } from "../src/staff/review/outbox";
import type { Row } from "../src/staff/rows";
import type { StaffSession } from "../src/staff/session";

const ITEM = "35873e79d623a65d969e1afc3f62bd5c";
const SIGNED = { path: "/review/statements", note: new Uint8Array([1]), subjects: [] };

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function aDesk(send: () => Promise<unknown>) {
  const session = { id: "a", locked: false, send: vi.fn(send), get: async () => ({ lines: [] }) };
  const desk = new ReviewDesk(session as unknown as StaffSession, "d");
  const row = { item: ITEM, detainee: "123456789012" } as unknown as Row;
  desk.letters = [
    { row, standing: "open", opened: {}, draft: { ...NO_DRAFT, note: "half a translation" } } as unknown as Letter,
  ];
  const prepare = vi.fn(async () => ({ signed: SIGNED }));
  const decision: Decision = { item: ITEM, deed: "passed", prepare };
  return { session, desk, decision, prepare, outbox: new Outbox(desk, 5_000) };
}

describe("a decision", () => {
  it("is not signed before its time, and can be taken back until then", async () => {
    const { session, desk, decision, prepare, outbox } = aDesk(async () => []);
    outbox.put(decision);
    expect(desk.find(ITEM)!.standing).toBe("leaving");
    expect(outbox.undo()).toBe(ITEM);
    await vi.advanceTimersByTimeAsync(10_000);
    expect([prepare.mock.calls.length, session.send.mock.calls.length]).toEqual([0, 0]);
    expect(desk.find(ITEM)).toMatchObject({ standing: "open", draft: { note: "half a translation" } });
  });

  it("is signed and sent after it, and counted", async () => {
    const { desk, decision, outbox } = aDesk(async () => []);
    outbox.put(decision);
    await vi.advanceTimersByTimeAsync(5_001);
    expect(desk.find(ITEM)).toBeUndefined();
    expect(desk.counters.counts.passed).toBe(1);
    expect(outbox.isEmpty).toBe(true);
  });

  it("is signed once, and the same bytes are sent again when the network is back", async () => {
    let isDown = true;
    const { session, desk, decision, prepare, outbox } = aDesk(async () => {
      if (isDown) throw new Problem("unreachable");
      return [];
    });
    const unsent = vi.fn();
    outbox.onUnsent = unsent;
    outbox.put(decision);
    await vi.advanceTimersByTimeAsync(6_000);
    expect(outbox.entries.map((entry) => entry.going)).toEqual(["unsent"]);
    await vi.advanceTimersByTimeAsync(8_000);
    expect(session.send).toHaveBeenCalledTimes(2);
    expect(unsent).toHaveBeenCalledOnce();
    isDown = false;
    await vi.advanceTimersByTimeAsync(9_000);
    expect(prepare).toHaveBeenCalledTimes(1);
    expect(session.send.mock.calls.every(([signed]: unknown[]) => signed === SIGNED)).toBe(true);
    expect(desk.find(ITEM)).toBeUndefined();
  });

  it("that comes too late leaves what was written", async () => {
    const { desk, decision, outbox } = aDesk(async () => {
      throw new Problem("claim_lost", "", { status: 409 });
    });
    const refused = vi.fn();
    outbox.onRefused = refused;
    outbox.put(decision);
    await vi.advanceTimersByTimeAsync(6_000);
    expect(desk.find(ITEM)).toMatchObject({ standing: "lost", draft: { note: "half a translation" } });
    expect(refused).toHaveBeenCalledOnce();
  });
});
