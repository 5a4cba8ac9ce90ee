/** Coming back: the 32 digits of a receipt code, by hand or by camera. */

import type { App } from "../app";
import { CODE_DIGITS, judge } from "../digits";
import { h } from "../dom";
import { actions, field, main, notice, p, page, plain, progress, status } from "../parts";
import { problemIn, regroup, tell } from "./addressee";
import { scanner } from "./scanner";

/** Ask for the code. */
export function codePage(app: App): HTMLElement {
  const { say } = app;
  const said = status();
  const code = field({
    id: "code",
    label: say("code.label"),
    advice: say("code.advice"),
    rows: 2,
    digits: true,
    className: "digits",
    typed: (text) => tell(app, judge(text, CODE_DIGITS), said, code.wrong),
  });
  regroup(code.input);
  const next = () => {
    const verdict = judge(code.input.value, CODE_DIGITS);
    if (typeof verdict !== "object" || !("digits" in verdict)) {
      code.wrong(problemIn(app, verdict));
      return code.input.focus();
    }
    code.input.value = "";
    void take(app, verdict.digits);
  };
  code.input.addEventListener("keydown", (event) => {
    if ((event as KeyboardEvent).key !== "Enter") return;
    event.preventDefault();
    next();
  });
  const found = (text: string): string | null => {
    const verdict = judge(text, CODE_DIGITS);
    if (typeof verdict !== "object" || !("digits" in verdict)) return say("code.scan.other");
    void take(app, verdict.digits);
    return null;
  };
  return page(
    say("code.title"),
    code.root,
    said,
    scanner(app, found),
    actions(
      main(say("code.open"), next),
      plain(say("back"), () => app.go("back")),
    ),
    notice("note", p(say("code.lost"))),
    h("details", {}, h("summary", {}, say("code.shared")), h("div", {}, p(say("code.shared.text")))),
  );
}

/** Open the mailbox: fetch, verify, show. */
export function openingPage(app: App): HTMLElement {
  const bar = progress();
  bar.at(app.say("opening.text"));
  void load(app).then(
    () => app.place === "opening" && app.go("opened"),
    (thrown) => app.place === "opening" && app.fail(thrown),
  );
  return page(app.say("opening.title"), bar.root);
}

/** The code goes to the Worker at once, and is nowhere else from then on. */
async function take(app: App, code: string): Promise<void> {
  app.code = "typed";
  // Trust is needed before keys can be derived; the Worker keeps the digits until then.
  void app.ask("useCode", { code }).catch(() => undefined);
  app.go("next");
}

async function load(app: App): Promise<void> {
  await app.begin();
  app.entries = await app.ask("mailbox", null);
}
