/** The first page: three languages, each in its own words and of equal size. None is guessed from where somebody is. */

import { h } from "../dom";
import { inAll } from "../parts";
import { LANGUAGES, type Language } from "../words";

const INVITES: Readonly<Record<Language, string>> = {
  uk: "Писати українською",
  ru: "Писать по-русски",
  en: "Write in English",
};
const TITLES: Readonly<Record<Language, string>> = { uk: "Листи", ru: "Письма", en: "Letters" };

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
  return h("div", { class: "page languages" }, h("h1", { tabindex: -1 }, inAll(TITLES)), ...buttons);
}
