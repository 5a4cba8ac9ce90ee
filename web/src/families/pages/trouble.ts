/** What went wrong: what happened, what is safe, and what to do. */

import type { App, InTrouble } from "../app";
import { h } from "../dom";
import { isBegun } from "../memory";
import { actions, main, p, page, plain, soft } from "../parts";
import type { Place } from "../states";
import type { Trouble } from "../troubles";
import type { Key } from "../words";

/** Troubles that a second attempt at once cannot mend. */
const LASTING: ReadonlySet<Trouble> = new Set(["browser", "insecure", "other_relay", "directory_unsigned", "overdue"]);

const BACK: Partial<Readonly<Record<Place, Key>>> = { check: "trouble.back.check", mailbox: "trouble.back.mailbox" };

/** Show the trouble and the ways out of it. */
export function troublePage(app: App): HTMLElement {
  const { say } = app;
  const trouble = app.trouble!;
  const name = trouble.name;
  const isWriting = isBegun(app.letter) && !app.accepted;
  const [title = "", text, safe, cure] = app.words.list(`trouble.${name}`);
  return page(
    title,
    p(text),
    h("h2", {}, say("trouble.safe")),
    p(safe),
    isWriting && p(say("trouble.letter")),
    h("h2", {}, say("trouble.cure")),
    p(cure),
    actions(
      LASTING.has(name) ? null : again(app, trouble),
      trouble.back !== trouble.again &&
        plain(say(BACK[trouble.back] ?? "trouble.back.other"), () => app.to(trouble.back)),
    ),
    soft(say("trouble.code", { code: trouble.code })),
  );
}

/** The button for another attempt; where the relay asks for patience, it counts down first. */
function again(app: App, trouble: InTrouble): HTMLElement {
  const { say } = app;
  const button = main(say("trouble.again"), () => app.to(trouble.again));
  let left = trouble.waitSeconds ?? 0;
  const count = (): void => {
    button.disabled = left > 0;
    button.textContent = left > 0 ? say("trouble.wait", { n: left }) : say("trouble.again");
    if (left-- > 0 && app.place === "trouble") setTimeout(count, 1000);
  };
  count();
  return button;
}
