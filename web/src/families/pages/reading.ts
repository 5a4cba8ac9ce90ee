/** Reading a reply with its pictures, or the note that came with a letter which did not go on. */

import type { App } from "../app";
import { fill, h } from "../dom";
import { actions, notice, once, p, page, plain, progress, soft } from "../parts";
import { save } from "../saving";
import type { Authenticity, Reply } from "../vault";
import type { Key } from "../words";

const SIGNED: Readonly<Record<Authenticity, Key>> = {
  known: "reading.known",
  unsigned: "reading.unsigned",
  forged: "reading.forged",
  suspended: "reading.suspended",
  stranger: "reading.stranger",
};
const BLOCK = /█+/g;

/** Open and show what was chosen in the mailbox. */
export function readingPage(app: App): HTMLElement {
  const { say } = app;
  const entry = app.reading!;
  const place = h("div", {});
  const bar = progress();
  bar.at(say("reading.opening"));
  fill(place, bar.root);
  const show = entry.note ? showNote(app, place) : showReply(app, place);
  void show.catch((thrown) => app.place === "reading" && app.fail(thrown));
  return page(
    say(entry.note ? "reading.note" : "reading.title"),
    place,
    actions(plain(say("reading.back"), () => app.go("back"))),
  );
}

async function showNote(app: App, place: HTMLElement): Promise<void> {
  const text = await app.ask("note", { item: app.reading!.item });
  fill(place, p(app.say("reading.note.text")), sheet(app, text), notice("note", p(app.say("reading.note.means"))));
}

async function showReply(app: App, place: HTMLElement): Promise<void> {
  const { say } = app;
  const entry = app.reading!;
  const reply = await app.ask("read", { item: entry.item });
  const isSigned = reply.authenticity === "known";
  fill(
    place,
    notice(isSigned ? "good" : "bad", p(say(SIGNED[reply.authenticity]))),
    sheet(app, reply.text, reply.lang),
    pictures(app, reply),
    reply.leftOut > 0 && soft(say("reading.left_out", { n: reply.leftOut })),
    reply.note &&
      h("section", { class: "card" }, h("h2", {}, say("reading.reviewer")), h("p", { class: "pre" }, reply.note)),
    actions(plain(say("reading.save"), () => keepReply(reply, entry.day))),
    entry.word === "ready" && collector(app),
  );
}

/** Show a text on paper, as it stands; what a reviewer took out is a bar that is also read out. */
function sheet(app: App, text: string, lang?: string): HTMLElement {
  const { say } = app;
  const pieces: (string | Node)[] = [];
  let from = 0;
  for (const bar of text.matchAll(BLOCK)) {
    pieces.push(
      text.slice(from, bar.index),
      h("span", { class: "cut", role: "img", "aria-label": say("reading.bar") }, bar[0]),
    );
    from = bar.index + bar[0].length;
  }
  pieces.push(text.slice(from));
  const language = lang && lang !== "und" ? lang : undefined;
  const whole = h("div", { class: "paper", translate: "no", lang: language }, ...pieces);
  return h("div", {}, whole, pieces.length > 1 && soft(say("reading.bars")));
}

function pictures(app: App, reply: Reply): HTMLElement {
  const shown = reply.pictures.map(({ bytes, type }, at) => {
    const url = URL.createObjectURL(new Blob([bytes], { type }));
    const image = h("img", { src: url, alt: app.say("reading.picture", { n: at + 1 }) });
    image.addEventListener("load", () => URL.revokeObjectURL(url));
    return h("li", {}, image);
  });
  return h("ul", { class: "pictures large" }, ...shown);
}

/** Save the text and the pictures; the names of the files say nothing. */
function keepReply(reply: Reply, day: string): void {
  save(`${day}.txt`, "text/plain", `${reply.text}\n`);
  for (const [at, { bytes, type }] of reply.pictures.entries()) {
    save(`${day}-${at + 1}.${type.replace("image/", "").replace("jpeg", "jpg")}`, type, bytes);
  }
}

function collector(app: App): HTMLElement {
  const { say } = app;
  const collect = (): void => {
    app.ask("collect", { item: app.reading!.item }).then(
      () => app.go("again"),
      (thrown) => app.fail(thrown),
    );
  };
  return h(
    "section",
    { class: "card" },
    p(say("reading.collect.text")),
    actions(once(say("reading.collect"), collect)),
  );
}
