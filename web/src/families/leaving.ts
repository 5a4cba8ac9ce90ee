/** Leaving: one tap, or Escape three times, and nothing of the page is there any more. And the browser's Back. */

import type { App } from "./app";
import { STEPS } from "./states";

const NOWHERE = "about:blank";
const ESCAPES = 3;
const ESCAPES_WITHIN_MS = 2_000;
const SENTINEL = "in";
/** A browser that does not go back at once is not waited for. */
const AWAY_MS = 150;

let isLeaving = false;

/** Wipe what is in memory, empty the page, and put another in its place in the history. */
export function leave(app: App | null): void {
  app?.forget();
  document.querySelector("#page")?.replaceChildren();
  document.title = "";
  isLeaving = true;
  // The entry that catches Back goes first, so that Back does not lead here again.
  if (history.state === SENTINEL) history.back();
  setTimeout(away, history.state === SENTINEL ? AWAY_MS : 0);
}

function away(): void {
  location.replace(NOWHERE);
}

/** Leave when Escape is pressed three times. */
export function leaveOnEscapes(app: () => App | null): void {
  let times: number[] = [];
  addEventListener("keydown", (event: KeyboardEvent) => {
    if (event.key !== "Escape") return;
    const now = Date.now();
    times = [...times.filter((time) => now - time < ESCAPES_WITHIN_MS), now];
    if (times.length >= ESCAPES) leave(app());
  });
}

/**
 * Let the browser's Back lead one page back here, instead of away from a letter that is being written.
 *
 * One entry without any content is all that stands in the history, wherever somebody is. It is put there at a press, because
 * browsers skip entries that nobody asked for.
 */
export function watchBack(app: () => App | null): void {
  addEventListener("click", guard);
  addEventListener("popstate", () => {
    if (isLeaving) return away();
    const here = app();
    if (!here || here.place === "home") return history.back();
    if (here.trouble) here.to(here.trouble.back);
    else if (STEPS[here.place].back) here.go("back");
    guard();
  });
}

function guard(): void {
  if (history.state !== SENTINEL && !isLeaving) history.pushState(SENTINEL, "", location.pathname);
}
