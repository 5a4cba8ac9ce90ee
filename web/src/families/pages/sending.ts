/** Sealing and sending: what happens is shown, part by part, and nothing is called sent before its proof was checked. */

import type { App } from "../app";
import { fill, h } from "../dom";
import { forgetDraft } from "../drafts";
import { addressOf } from "../memory";
import { actions, main, notice, p, page, plain, progress, soft } from "../parts";
import { troubleOf } from "../troubles";
import type { Sheet } from "../vault";

const AGAIN_MILLISECONDS = 60_000;

/** Seal the letter in the Worker. */
export function sealingPage(app: App): HTMLElement {
  const bar = progress();
  bar.at(app.say("sending.sealing"));
  void seal(app, (done, of) => bar.at(app.say("sending.sealing"), done, of)).then(
    () => app.place === "sealing" && app.go("sealed"),
    (thrown) => app.place === "sealing" && app.fail(thrown),
  );
  return page(app.say("sending.title"), bar.root, soft(app.say("sending.sealing.text")));
}

/** Send what was sealed; a network that is lost leads to waiting, not to an error. */
export function sendingPage(app: App): HTMLElement {
  const { say } = app;
  const bar = progress();
  bar.at(say("sending.sending"));
  const tell = (done: number, of: number): void =>
    bar.at(done < of ? say("sending.part", { done: done + 1, of }) : say("sending.proof"), done, of);
  void app.ask("send", { item: app.waiting }, tell).then(
    (accepted) => {
      app.accepted = accepted;
      app.code = "none";
      // What is being written meanwhile is another letter than one that waited.
      if (app.waiting === null) void forgetDraft();
      if (app.place === "sending") app.go("accepted");
    },
    async (thrown) => {
      if (app.place !== "sending") return;
      if (troubleOf(thrown) !== "unreachable") return app.fail(thrown);
      app.go("offline");
    },
  );
  return page(say("sending.title"), bar.root, soft(say("sending.sending.text")));
}

/** Wait for the network; the sealed letter lies on this device, as ciphertext. */
export function waitingPage(app: App): HTMLElement {
  const { say } = app;
  const place = h("div", {}, p(say("waiting.keeping")));
  const ways = actions(main(say("waiting.again"), () => app.go("again")));
  const tell = (isQueued: boolean): void => {
    app.isQueued = isQueued;
    fill(place, notice(isQueued ? "good" : "bad", p(say(isQueued ? "waiting.kept" : "waiting.not_kept"))));
    // Without a copy on the device, whoever leaves this page loses the letter.
    if (isQueued) ways.append(plain(say("waiting.later"), () => app.go("done")));
  };
  if (app.waiting !== null) tell(true);
  else {
    app.ask("keep", null).then(
      () => {
        // It lies there sealed: the open words are not needed any more.
        void forgetDraft();
        tell(true);
      },
      () => tell(false),
    );
  }
  const again = (): void => {
    if (ways.isConnected) app.go("again");
  };
  addEventListener("online", again, { once: true });
  // A network that is there, and leads nowhere, is not told of when it leads somewhere again.
  setTimeout(again, AGAIN_MILLISECONDS);
  return page(say("waiting.title"), p(say("waiting.text")), place, p(say("waiting.code")), ways);
}

async function seal(app: App, tell: (done: number, of: number) => void): Promise<void> {
  app.waiting = null;
  app.isQueued = false;
  // A letter that was sealed and may have arrived is sent again as it is: sealed anew it would be a second one.
  const letter = JSON.stringify(app.letter, (name, value) => (name === "bytes" ? null : value));
  if (app.sealed === letter) return;
  await app.begin();
  if (app.code === "none" || app.code === "new") {
    await app.ask("newCode", null);
    app.code = "new";
  }
  await app.ask("seal", sheetOf(app), tell);
  app.sealed = letter;
}

function sheetOf(app: App): Sheet {
  const { letter } = app;
  return {
    to: letter.number ?? "unknown",
    text: clean(letter.text),
    lang: letter.language,
    address: addressOf(letter),
    pictures: letter.pictures.map(({ bytes, type }, at) => ({
      bytes,
      type,
      name: `${at + 1}.${type === "image/png" ? "png" : "jpg"}`,
    })),
  };
}

/** Leave out what a letter may not hold and nobody sees: controls, and halves of characters. */
function clean(text: string): string {
  const lines = text
    .replace(/\r\n?/g, "\n")
    .replace(/[\p{Cc}\p{Cs}]/gu, (one) => (one === "\n" || one === "\t" ? one : ""));
  return lines.trim();
}
