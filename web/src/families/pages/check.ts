/** A last look before the letter is sealed: to whom, what, which pictures. */

import type { App } from "../app";
import { h } from "../dom";
import { addressOf, PARTICULARS } from "../memory";
import { actions, groups, main, notice, p, page, plain, steps } from "../parts";

/** Show the letter as it will be sealed. */
export function checkPage(app: App): HTMLElement {
  const { say, letter } = app;
  const isEmpty = letter.text.trim() === "" && letter.pictures.length === 0;
  const thumbs = letter.pictures.map((picture, at) =>
    h("li", {}, h("img", { src: picture.url, alt: say("pictures.one", { n: at + 1 }) })),
  );
  return page(
    say("check.title"),
    steps(app, 4),
    section(app, "check.to", addressee(app), () => app.go("write")),
    section(
      app,
      "check.letter",
      h("div", { class: "paper", translate: "no" }, letter.text.trim() || say("check.no_text")),
      () => app.go("look"),
    ),
    section(
      app,
      "check.pictures",
      thumbs.length ? h("ul", { class: "pictures" }, ...thumbs) : p(say("check.no_pictures")),
      () => app.go("back"),
    ),
    isEmpty ? notice("bad", p(say("check.empty"))) : p(say("check.text")),
    isEmpty
      ? actions(main(say("check.write"), () => app.go("look")))
      : actions(
          main(say("check.seal"), () => app.go("next")),
          plain(say("back"), () => app.go("back")),
        ),
  );
}

function section(
  app: App,
  title: "check.to" | "check.letter" | "check.pictures",
  content: Node,
  change: () => void,
): HTMLElement {
  const edit = plain(app.say("check.change"), change);
  edit.setAttribute("aria-label", `${app.say("check.change")}: ${app.say(title)}`);
  return h("section", { class: "card" }, h("div", { class: "row" }, h("h2", {}, app.say(title)), edit), content);
}

function addressee(app: App): HTMLElement {
  const { letter, say } = app;
  if (letter.number !== null)
    return h("div", {}, groups(letter.number, say("addressee.number")), letter.about.trim() ? p(letter.about) : null);
  const lines = [...PARTICULARS.map((name) => letter.person[name]?.trim()), letter.about.trim()].filter(Boolean);
  return h(
    "div",
    { translate: "no" },
    ...lines.map((line) => p(line)),
    addressOf(letter) === null ? p(say("person.empty")) : null,
  );
}
