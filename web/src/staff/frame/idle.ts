/** Nobody at the desk: after half an hour in which no hand has touched the page, its keys are overwritten. */

import { useEffect } from "preact/hooks";
import type { StaffSession } from "../session";

/** As long as a session at the relay lasts without a request. */
export const IDLE_MS = 30 * 60 * 1_000;
const LOOK_MS = 15_000;
const TOUCHES = ["keydown", "pointerdown", "pointermove", "wheel"] as const;

/** What a page tells of time and touch; tests bring their own. */
export type Surface = Pick<EventTarget, "addEventListener" | "removeEventListener">;

/**
 * Lock a session once nobody has touched the page for so long; call the answer to stop watching.
 *
 * Time is compared and not waited for: a computer that slept goes on waiting where it stopped, and would wake unlocked. So
 * the first touch after a sleep is judged before it counts.
 */
export function lockWhenIdle(session: Pick<StaffSession, "lock">, surface: Surface, now = Date.now): () => void {
  let touched = now();
  const judge = () => {
    if (now() - touched >= IDLE_MS) session.lock();
  };
  const touch = () => {
    judge();
    touched = now();
  };
  const timer = setInterval(judge, LOOK_MS);
  // Before anything else hears of it: what it would have done must find the page locked.
  for (const kind of TOUCHES) surface.addEventListener(kind, touch, { capture: true, passive: true });
  return () => {
    clearInterval(timer);
    for (const kind of TOUCHES) surface.removeEventListener(kind, touch, { capture: true });
  };
}

/** Watch for as long as the workplace stands. */
export function useIdleLock(session: StaffSession): void {
  useEffect(() => lockWhenIdle(session, window), [session]);
}
