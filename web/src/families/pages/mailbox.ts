/** What a code opens: every letter with its way so far, and the replies. */

import type { App } from "../app";
import { fill, h } from "../dom";
import { toldOf } from "../events";
import { actions, main, notice, once, p, page, plain, soft, status } from "../parts";
import { save } from "../saving";
import type { Entry } from "../vault";

/** Show the mailbox, newest first. */
export function mailboxPage(app: App): HTMLElement {
  const { say } = app;
  const newest = [...app.entries].reverse().sort((one, other) => Number(isNews(other)) - Number(isNews(one)));
  return page(
    say("mailbox.title"),
    newest.length ? p(say("mailbox.count", { n: newest.length })) : emptyNotice(app),
    ...newest.map((entry) => card(app, entry)),
    newest.length > 0 && soft(say("mailbox.chain")),
    actions(
      newest.length
        ? main(say("mailbox.write"), () => writeAgain(app))
        : main(say("mailbox.other"), () => app.go("back")),
      plain(say("mailbox.again"), () => app.go("again")),
      plain(say("mailbox.close"), () => {
        app.forget();
        app.go("done");
      }),
    ),
  );
}

function writeAgain(app: App): void {
  app.blank();
  app.bureau = false;
  app.go("write");
}

/** Something to read that was not read yet. */
function isNews(entry: Entry): boolean {
  return entry.word === "ready" || entry.note;
}

function emptyNotice(app: App): HTMLElement {
  const { say } = app;
  return notice("note", p(h("strong", {}, say("mailbox.empty"))), p(say("mailbox.empty.text")));
}

function card(app: App, entry: Entry): HTMLElement {
  const { say, words } = app;
  const last = entry.stations.at(-1)!;
  const first = entry.stations[0]!;
  const title = say(
    entry.kind === "reply" ? "mailbox.reply" : entry.kind === "parcel" ? "mailbox.parcel" : "mailbox.letter",
    {
      day: words.day(first.day),
    },
  );
  const { word, text } = toldOf(last.event, words);
  return h(
    "section",
    { class: `card entry ${isNews(entry) ? "news" : ""}` },
    h("h2", {}, title),
    h("p", { class: "word" }, h("strong", {}, word)),
    p(text),
    h(
      "ol",
      { class: "line", "aria-label": say("mailbox.line") },
      ...entry.stations.map((station) => stop(app, station)),
    ),
    doings(app, entry),
  );
}

function stop(app: App, { event, day }: Entry["stations"][number]): HTMLElement {
  return h("li", {}, h("span", {}, toldOf(event, app.words).word), h("time", { datetime: day }, app.words.day(day)));
}

function doings(app: App, entry: Entry): HTMLElement {
  const { say } = app;
  const said = status();
  const read = (): void => {
    app.reading = entry;
    app.go("read");
  };
  return h(
    "div",
    {},
    actions(
      entry.readable && main(say("mailbox.read"), read),
      entry.note && main(say("mailbox.note"), read),
      entry.word === "accepted" && entry.kind === "letter" && withdrawer(app, entry),
      entry.kind === "letter" && plain(say("receipt.save_proof"), () => void saveProof(app, entry, said)),
    ),
    said,
  );
}

async function saveProof(app: App, entry: Entry, said: HTMLElement): Promise<void> {
  try {
    const proven = await app.ask("receipt", { item: entry.item });
    save(`${proven.day}.tlog-proof`, "application/octet-stream", proven.receipt);
    fill(said, app.say("mailbox.proof", { n: String(proven.index) }));
  } catch (thrown) {
    app.fail(thrown);
  }
}

/** Taking a letter back asks once more, in its place. */
function withdrawer(app: App, entry: Entry): HTMLElement {
  const { say } = app;
  const place = h("span", { class: "asking" });
  const ask = (): void => fill(place, plain(say("mailbox.withdraw"), sure));
  const sure = (): void => {
    const yes = once(say("mailbox.withdraw.yes"), () => {
      app.ask("withdraw", { item: entry.item }).then(
        () => app.go("again"),
        (thrown) => app.fail(thrown),
      );
    });
    fill(
      place,
      h("span", { class: "question" }, say("mailbox.withdraw.sure")),
      yes,
      plain(say("mailbox.withdraw.no"), ask),
    );
    yes.focus();
  };
  ask();
  return place;
}
