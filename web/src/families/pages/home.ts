/** Where everybody begins: write, come back with a code, or help somebody else to write. */

import type { App } from "../app";
import { h } from "../dom";
import { forgetDraft, type KeptDraft, keptDraft } from "../drafts";
import { isBegun } from "../memory";
import { actions, choice, groups, main, notice, p, page, plain, soft } from "../parts";
import { postmark } from "../postmark";
import type { Waiting } from "../vault";

/** Show the first choices, and what waits on this device. */
export function homePage(app: App): HTMLElement {
  const { say } = app;
  // At a bureau's desk the next person may sit there by now.
  if (app.bureau) app.forget();
  app.bureau = false;
  const isBegunHere = isBegun(app.letter) && !app.isQueued;
  const kept = h("div", {});
  void showKept(app, kept);
  void app.begin().catch((thrown) => {
    // Without a network one may still write; whatever else is wrong is better known before a long letter than after it.
    if (app.place === "home" && (thrown as { code?: string }).code !== "unreachable") app.fail(thrown);
  });
  return page(
    say("home.title"),
    postmark(),
    h("p", { class: "lead" }, say("home.lead")),
    kept,
    choice(say("home.write"), say("home.write.text"), () => (isBegunHere ? app.go("write") : begin(app, false))),
    choice(say("home.look"), say("home.look.text"), () => app.go("look")),
    choice(say("home.bureau"), say("home.bureau.text"), () => begin(app, true)),
    notice("note", p(h("strong", {}, say("free")))),
    fingerprint(app),
    h(
      "details",
      {},
      h("summary", {}, say("home.who")),
      h("div", {}, p(say("home.who.text")), p(say("home.limits.text"))),
    ),
  );
}

/** Show the trust fingerprint, to be compared with paper. */
export function fingerprint(app: App): HTMLElement | null {
  const print = app.begun?.fingerprint ?? app.site?.fingerprint;
  if (!print) return null;
  const { say } = app;
  return h(
    "details",
    {},
    h("summary", {}, say("fingerprint")),
    h("div", {}, p(say("fingerprint.text")), groups(print, say("fingerprint"))),
  );
}

function begin(app: App, bureau: boolean): void {
  const number = app.letter.number;
  if (app.code !== "none") app.forget();
  else app.blank();
  app.letter.number = number;
  app.bureau = bureau;
  app.go("write");
}

async function showKept(app: App, place: HTMLElement): Promise<void> {
  const [draft, waiting] = await Promise.all([keptDraft(), app.ask("waiting", null).catch(() => [])]);
  if (draft) place.append(draftNotice(app, draft));
  for (const one of waiting) place.append(waitingNotice(app, one));
}

function draftNotice(app: App, draft: KeptDraft): HTMLElement {
  const { say } = app;
  const whole = notice(
    "note",
    p(say("home.draft", { day: app.words.day(draft.day) })),
    actions(
      main(say("home.draft.resume"), () => {
        app.letter = draft.letter();
        app.bureau = false;
        app.keepsDraft = true;
        app.go("resume");
      }),
      plain(say("home.draft.forget"), () => void forgetDraft().then(() => whole.remove())),
    ),
  );
  return whole;
}

function waitingNotice(app: App, waiting: Waiting): HTMLElement {
  const { say } = app;
  const whole = notice(
    "note",
    p(say("home.waiting", { day: app.words.day(waiting.day) })),
    actions(
      main(say("home.waiting.send"), () => {
        app.blank();
        app.waiting = waiting.item;
        app.go("resend");
      }),
      plain(say("home.waiting.forget"), () => void app.ask("drop", { item: waiting.item }).then(() => whole.remove())),
    ),
    soft(say("home.waiting.text")),
  );
  return whole;
}
