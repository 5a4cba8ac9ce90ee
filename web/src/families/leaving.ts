/** Leaving: one tap, or Escape three times, and nothing of the page is there any more. And the browser's Back. */

import type { App } from "./app";
import { STEPS } from "./states";

const NOWHERE = "about:blank";
const ESCAPES = 3;
const ESCAPES_WITHIN_MS = 2_000;
const SENTINEL = "in";

/** Wipe what is in memory, empty the page, and put another in its place in the history. */
export function leave(app: App | null): void {
  app?.forget();
  document.querySelector("#page")?.replaceChildren();
  document.title = "";
  // The entry that catches Back goes first, so that Back does not lead here again.
  if (history.state === SENTINEL) {
    addEventListener("popstate", () => location.replace(NOWHERE), { once: true });
    history.back();
  }
  setTimeout(() => location.replace(NOWHERE), history.state === SENTINEL ? 150 : 0);
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
 * One entry without any content is all that stands in the history, wherever somebody is.
 */
export function watchBack(app: () => App | null): void {
  addEventListener("popstate", () => {
    const here = app();
    if (!here || here.begun === undefined) return;
    const place = here.trouble?.back ?? here.place;
    if (here.trouble) here.to(here.trouble.back);
    else if (STEPS[place].back && place !== "home") here.go("back");
    guard();
  });
  addEventListener("click", guard, { once: true });
}

function guard(): void {
  if (history.state !== SENTINEL) history.pushState(SENTINEL, "", location.pathname);
}
