/** The letter itself: a sheet, a count, gentle hints, and a draft that is kept only if asked. */

import type { App } from "../app";
import { fill, h } from "../dom";
import { forgetDraft, keepDraft } from "../drafts";
import { countCharacters, type Hint, hintsIn } from "../hints";
import { addressOf } from "../memory";
import { actions, field, main, notice, p, page, plain, status, steps, tick } from "../parts";
import { type Key, LANGUAGES } from "../words";
import { ADDRESS_LIMIT } from "./person";

const HINTS: Readonly<Record<Hint, Key>> = {
  places: "hint.places",
  units: "hint.units",
  politics: "hint.politics",
  money: "hint.money",
  secrets: "hint.secrets",
};
/** From here on the count is told; before, it would only hurry people. */
const NEAR = 0.8;
const PAUSE_MILLISECONDS = 600;

/** Show the sheet. */
export function letterPage(app: App): HTMLElement {
  const { say, letter } = app;
  prepare(app);
  const limit = app.site?.limits.text ?? 8000;
  const count = h("p", { class: "soft count", id: "count" });
  const said = status();
  const hints = h("div", { "aria-live": "polite" });
  const keeping = h("p", { class: "error", role: "alert" });
  const later = pausing(() => showHints(app, hints));
  const changed = (): void => {
    const n = countCharacters(letter.text);
    fill(count, say("letter.count", { n, of: limit }));
    fill(said, n > limit * NEAR && n <= limit ? say("letter.left", { n: limit - n }) : "");
    sheet.wrong(n > limit ? say("letter.long", { n: n - limit }) : null);
    later();
    if (app.keepsDraft) keepDraft(letter, (isKept) => fill(keeping, !isKept && say("letter.keep.full")));
  };
  const sheet = field({
    id: "letter",
    label: say("letter.label"),
    advice: say("letter.advice"),
    value: letter.text,
    rows: 12,
    className: "sheet",
    typed: (text) => {
      letter.text = text;
      changed();
    },
  });
  const about = aboutField(app, changed);
  changed();
  const next = () => {
    const n = countCharacters(letter.text);
    if (n > limit) return sheet.input.focus();
    if (about && countCharacters(addressOf(letter) ?? "") > ADDRESS_LIMIT) return about.input.focus();
    app.go("next");
  };
  return page(
    say("letter.title"),
    steps(app, 2),
    sheet.root,
    count,
    said,
    hints,
    about?.root,
    languageField(app, changed),
    app.bureau ? null : keepTick(app, changed),
    keeping,
    h(
      "details",
      {},
      h("summary", {}, say("letter.what")),
      h("div", {}, p(say("letter.what.good")), p(say("letter.what.bad"))),
    ),
    actions(
      main(say("next"), next),
      plain(say("back"), () => app.go(letter.number === null ? "unknown" : "back")),
    ),
  );
}

/** While somebody writes, the Worker makes the code and solves the relay's puzzle, so that sending is quick. */
function prepare(app: App): void {
  // Both are asked again where they are needed; a network that is gone now may be there then.
  const quietly = (): void => undefined;
  if (app.code === "none") {
    app.code = "new";
    app
      .begin()
      .then(() => app.ask("newCode", null))
      .catch(quietly);
  }
  app.ask("work", null).catch(quietly);
}

function aboutField(app: App, changed: () => void) {
  const { say, letter } = app;
  if (letter.number === null) return null;
  const about = field({
    id: "about",
    label: say("letter.about"),
    advice: say("letter.about.advice"),
    value: letter.about,
    rows: 2,
    typed: (text) => {
      letter.about = text;
      const over = countCharacters(text) - ADDRESS_LIMIT;
      about.wrong(over > 0 ? say("person.long", { n: over }) : null);
      changed();
    },
  });
  return about;
}

function languageField(app: App, changed: () => void): HTMLElement {
  const { say, letter } = app;
  const options = [...Object.entries(LANGUAGES), ["und", say("letter.language.other")] as const];
  const choice = h(
    "select",
    {
      id: "language",
      onchange: (event: Event) => {
        letter.language = (event.target as HTMLSelectElement).value as typeof letter.language;
        changed();
      },
    },
    ...options.map(([value, name]) => h("option", { value, selected: value === letter.language }, name)),
  );
  return h("div", { class: "field" }, h("label", { for: "language" }, say("letter.language")), choice);
}

function keepTick(app: App, changed: () => void): HTMLElement {
  return h(
    "div",
    {},
    tick("keep", app.say("letter.keep"), app.keepsDraft, (on) => {
      app.keepsDraft = on;
      if (on) changed();
      else void forgetDraft();
    }),
    h("p", { class: "soft" }, app.say("letter.keep.text")),
  );
}

function showHints(app: App, place: HTMLElement): void {
  const found = [...hintsIn(app.letter.text)];
  const lines = found.map(([hint, words]) => h("li", {}, app.say(HINTS[hint]), " ", h("q", {}, words.join(", "))));
  fill(place, found.length > 0 && notice("note", p(app.say("hint")), h("ul", {}, ...lines)));
}

function pausing(act: () => void): () => void {
  let timer: ReturnType<typeof setTimeout>;
  return () => {
    clearTimeout(timer);
    timer = setTimeout(act, PAUSE_MILLISECONDS);
  };
}
