/** What a family is told of each event: a word, and what it means. No word says more than the event does. */

import type { ListKey, Words } from "./words";

/** The events that families are shown: docs/lifecycle.md, "Opening". */
const EVENTS: Readonly<Record<string, ListKey>> = {
  accepted: "event.accepted",
  lapsed: "event.lapsed",
  withdrawn: "event.withdrawn",
  passed: "event.passed",
  ready: "event.ready",
  returned: "event.returned",
  withheld: "event.withheld",
  bagged: "event.sent",
  redirected: "event.passed",
  received: "event.arrived",
  missing: "event.missing",
  found: "event.arrived",
  lost: "event.lost",
  delivered: "event.delivered",
  refused: "event.refused",
  undeliverable: "event.undeliverable",
  collected: "event.collected",
  expired: "event.closed",
};

/** Say an event's word, and what it means; one that no family is shown stands for itself. */
export function toldOf(event: string, words: Words): { readonly word: string; readonly text: string } {
  const key = EVENTS[event];
  const [word = event, text = ""] = key ? words.list(key) : [];
  return { word, text };
}
