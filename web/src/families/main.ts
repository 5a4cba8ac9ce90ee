/** The family page: what the browser must be able to do, the language, the frame around every page, and leaving. */

import { App } from "./app";
import { missingIn, secure } from "./browser";
import { numberIn } from "./digits";
import { fill, h } from "./dom";
import { demoInAll, frame } from "./frame";
import { leaveOnEscapes, watchBack } from "./leaving";
import { addresseePage } from "./pages/addressee";
import { checkPage } from "./pages/check";
import { codePage, openingPage } from "./pages/code";
import { drawingPage } from "./pages/drawing";
import { homePage } from "./pages/home";
import { languagePage } from "./pages/language";
import { letterPage } from "./pages/letter";
import { mailboxPage } from "./pages/mailbox";
import { personPage } from "./pages/person";
import { picturesPage } from "./pages/pictures";
import { readingPage } from "./pages/reading";
import { receiptPage } from "./pages/receipt";
import { sealingPage, sendingPage, waitingPage } from "./pages/sending";
import { troublePage } from "./pages/trouble";
import { inAll } from "./parts";
import { registerServiceWorker, startVault } from "./scripts";
import { fetchSite, type Site } from "./site";
import type { Place } from "./states";
import { type Language, loadWords } from "./words";

const PAGES: Readonly<Record<Exclude<Place, "language">, (app: App) => HTMLElement>> = {
  home: homePage,
  addressee: addresseePage,
  person: personPage,
  letter: letterPage,
  pictures: picturesPage,
  drawing: drawingPage,
  check: checkPage,
  sealing: sealingPage,
  sending: sendingPage,
  waiting: waitingPage,
  receipt: receiptPage,
  code: codePage,
  opening: openingPage,
  mailbox: mailboxPage,
  reading: readingPage,
  trouble: troublePage,
};

const NO_NETWORK = {
  uk: "Немає мережі. Спробуйте ще раз.",
  ru: "Нет сети. Попробуйте ещё раз.",
  en: "No network. Please try again.",
};

const root = document.querySelector("#page")!;
let app: App | null = null;
let scanned = takeNumber();
/** Asked for while somebody chooses a language, and believed once. */
let early: Promise<Site | null> = fetchSite().catch(() => null);

offerLanguages();
addEventListener("hashchange", () => {
  scanned = takeNumber() ?? scanned;
  if (!app || !scanned || app.place !== "addressee") return;
  app.letter.number = scanned;
  show(app);
});
addEventListener("beforeunload", (event) => {
  if (app?.isPrecious) event.preventDefault();
});
leaveOnEscapes(() => app);
watchBack(() => app);

function offerLanguages(): void {
  fill(
    root,
    frame(
      null,
      languagePage((language) => void choose(language)),
      choose,
    ),
  );
  focusHeading();
  void early.then((site) => {
    if (!app && site?.demo) root.querySelector("header")?.prepend(demoInAll());
  });
}

/** Change the language: at the beginning, or anywhere later without losing what was written. */
async function choose(language: Language): Promise<void> {
  const words = await loadWords(language).catch(() => null);
  if (!words) return sayNoNetwork();
  document.documentElement.lang = language;
  document.title = words.say("title");
  if (app) {
    app.words = words;
    show(app);
    return;
  }
  app = new App(words, startVault, show);
  app.letter.language = language;
  app.letter.number = scanned;
  await enter(app);
}

/** Without the words of a language there are only these to say it with. */
function sayNoNetwork(): void {
  const line = root.querySelector("#lost") ?? h("p", { class: "error", id: "lost", role: "alert" });
  fill(line, inAll(NO_NETWORK));
  root.querySelector("main")?.append(line);
}

/** Look whether letters can be written here at all, before anybody begins. */
async function enter(app: App): Promise<void> {
  if (!secure()) return app.fail({ code: "insecure" });
  if (missingIn(globalThis)) return app.fail({ code: "browser" });
  registerServiceWorker();
  try {
    const first = await early;
    early = Promise.resolve(null);
    app.site = first ?? (await fetchSite());
  } catch (thrown) {
    return app.fail(thrown instanceof TypeError ? thrown : { code: "no_relay" });
  }
  // Whoever presses twice is here by now.
  if (app.place !== "language") return;
  if (!app.site.open) return app.fail({ code: "not_open" });
  app.go("chosen");
}

function show(app: App): void {
  if (app.place === "language") return void enter(app);
  fill(root, frame(app, PAGES[app.place](app), choose));
  document.body.classList.toggle("bureau", app.bureau);
  scrollTo(0, 0);
  focusHeading();
}

function focusHeading(): void {
  root.querySelector("h1")?.focus({ preventScroll: true });
}

/** Take the number of an address card's link, and take it out of the address bar and the history. */
function takeNumber(): string | null {
  const number = numberIn(location.hash);
  if (location.hash) history.replaceState(null, "", location.pathname);
  return number;
}
