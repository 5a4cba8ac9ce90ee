/** The first page: three languages, each in its own words and of equal size. None is guessed from where somebody is. */

import { h } from "../dom";
import { LANGUAGES, type Language } from "../words";

const INVITES: Readonly<Record<Language, string>> = {
  uk: "Писати українською",
  ru: "Писать по-русски",
  en: "Write in English",
};

/** Offer the languages. */
export function languagePage(choose: (language: Language) => void): HTMLElement {
  const buttons = Object.entries(LANGUAGES).map(([language, name]) =>
    h(
      "button",
      { type: "button", class: "choice", lang: language, onclick: () => choose(language as Language) },
      h("strong", {}, name),
      h("span", {}, INVITES[language as Language]),
    ),
  );
  const title = [
    h("span", { lang: "uk" }, "Листи"),
    h("span", { lang: "ru" }, "Письма"),
    h("span", { lang: "en" }, "Letters"),
  ];
  return h("div", { class: "page languages" }, h("h1", { tabindex: -1 }, ...title), ...buttons);
}
