/** What a family is told of each event: a word, and what it means. No word says more than the event does. */

import type { Key } from "./words";

/** The events that families are shown: docs/lifecycle.md, "Opening". */
export const EVENTS: Readonly<Record<string, { readonly word: Key; readonly text: Key }>> = {
  accepted: { word: "event.accepted", text: "event.accepted.text" },
  lapsed: { word: "event.returned", text: "event.lapsed.text" },
  withdrawn: { word: "event.withdrawn", text: "event.withdrawn.text" },
  passed: { word: "event.passed", text: "event.passed.text" },
  ready: { word: "event.ready", text: "event.ready.text" },
  returned: { word: "event.returned", text: "event.returned.text" },
  withheld: { word: "event.withheld", text: "event.withheld.text" },
  bagged: { word: "event.sent", text: "event.sent.text" },
  redirected: { word: "event.passed", text: "event.passed.text" },
  received: { word: "event.arrived", text: "event.arrived.text" },
  missing: { word: "event.missing", text: "event.missing.text" },
  found: { word: "event.arrived", text: "event.arrived.text" },
  lost: { word: "event.lost", text: "event.lost.text" },
  delivered: { word: "event.delivered", text: "event.delivered.text" },
  refused: { word: "event.refused", text: "event.refused.text" },
  undeliverable: { word: "event.undeliverable", text: "event.undeliverable.text" },
  collected: { word: "event.collected", text: "event.collected.text" },
  expired: { word: "event.closed", text: "event.closed.text" },
};
