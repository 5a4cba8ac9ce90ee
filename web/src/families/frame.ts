/** The frame around every page: the stripe of an airmail envelope, the languages, and the way out. */

import type { App } from "./app";
import { type Child, h } from "./dom";
import { leave } from "./leaving";
import { inAll } from "./parts";
import type { Place } from "./states";
import { LANGUAGES, type Language } from "./words";

const SHORT: Readonly<Record<Language, string>> = { uk: "Укр", ru: "Рус", en: "Eng" };
const LEAVE = "Вийти · Уйти · Leave";
const DEMO: Readonly<Record<Language, string>> = {
  uk: "Лише для спроби, без справжніх імен",
  ru: "Только для пробы, без настоящих имён",
  en: "For trying out only, no real names",
};

/** Where showing the page anew would begin something twice, or lose it. */
const BUSY: ReadonlySet<Place> = new Set(["drawing", "sealing", "sending", "opening"]);

/** Put a page into its frame; before a language was chosen there are no words but these. */
export function frame(app: App | null, content: HTMLElement, choose: (language: Language) => void): Node[] {
  const out = h(
    "button",
    { type: "button", class: "leave", title: app?.say("bar.leave.text"), onclick: () => leave(app) },
    app?.say("bar.leave") ?? LEAVE,
  );
  return [
    h("div", { class: "airmail", "aria-hidden": "true" }),
    h(
      "header",
      {},
      app?.site?.demo && demo(app.say("demo")),
      h("div", { class: "bar" }, app ? languages(app, choose) : h("span", {}), out),
    ),
    h("main", {}, content),
    h("footer", {}, app?.site ? h("span", { translate: "no" }, app.site.name) : ""),
  ];
}

/** Say that this relay is for trying out, before a language was chosen. */
export function demoInAll(): HTMLElement {
  return demo(...inAll(DEMO));
}

function demo(...words: readonly Child[]): HTMLElement {
  return h("p", { class: "demo" }, ...words);
}

function languages(app: App, choose: (language: Language) => void): HTMLElement {
  const buttons = Object.entries(LANGUAGES).map(([language, name]) =>
    h(
      "button",
      {
        type: "button",
        lang: language,
        title: name,
        disabled: BUSY.has(app.place),
        "aria-pressed": String(language === app.language),
        onclick: () => choose(language as Language),
      },
      SHORT[language as Language],
    ),
  );
  return h("div", { class: "tongues", role: "group", "aria-label": app.say("bar.language") }, ...buttons);
}
