/** The receipt: the code, what was proven, and no way on before somebody says that the code is kept. */

import type { App } from "../app";
import { grouped } from "../digits";
import { h } from "../dom";
import { actions, groups, main, notice, p, page, plain, soft, tick } from "../parts";
import { qr } from "../qr";
import { save } from "../saving";
import { fingerprint } from "./home";

/** Show the receipt of the letter that was just accepted. */
export function receiptPage(app: App): HTMLElement {
  const { say } = app;
  const accepted = app.accepted!;
  const code = grouped(accepted.code);
  let isKept = false;
  const error = h("p", { class: "error", id: "kept-error", role: "alert" });
  const leave = (on: () => void) => {
    if (isKept) return on();
    error.replaceChildren(say("receipt.tick_first"));
    document.getElementById("kept")?.focus();
  };
  const kept = tick("kept", say(app.bureau ? "receipt.kept.bureau" : "receipt.kept"), false, (on) => {
    isKept = on;
    error.replaceChildren();
    // Until now a crash of this page could have been mended from what lies on the device.
    if (on) void app.ask("drop", { item: accepted.item });
  });
  kept.firstElementChild!.setAttribute("aria-describedby", "kept-error");
  return page(
    say("receipt.title"),
    notice(
      "good",
      p(say("receipt.proven", { n: String(accepted.index), day: app.words.day(accepted.day) })),
      soft(say("receipt.proven.text")),
    ),
    h(
      "section",
      { class: "card code" },
      h("h2", {}, say("receipt.code")),
      p(say("receipt.code.text")),
      h("div", { class: "row" }, groups(accepted.code, say("receipt.code")), qr(accepted.code, say("receipt.qr"))),
    ),
    actions(
      main(say("receipt.print"), () => print()),
      plain(say("receipt.save"), () => saveText(app, code)),
      plain(say("receipt.save_proof"), () => saveProof(app)),
    ),
    soft(say("receipt.save.text")),
    kept,
    error,
    app.bureau
      ? actions(main(say("receipt.next_person"), () => leave(() => nextPerson(app))))
      : actions(
          main(say("receipt.done"), () => leave(() => finish(app))),
          plain(say("receipt.mailbox"), () => leave(() => void open(app))),
        ),
    notice("note", p(say("receipt.secret")), p(h("strong", {}, say("free")))),
    fingerprint(app),
    paper(app, code),
  );
}

/** What is on paper only: enough to come back from any other device. */
function paper(app: App, code: string): HTMLElement {
  const { say } = app;
  return h(
    "div",
    { class: "on-paper" },
    ...textOf(app, code)
      .split("\n")
      .map((line) => p(line)),
    p(say("receipt.paper")),
  );
}

function textOf(app: App, code: string): string {
  const { say, accepted } = app;
  const lines = [
    `${say("receipt.code")}: ${code}`,
    say("receipt.code.text"),
    say("receipt.proven", { n: String(accepted!.index), day: app.words.day(accepted!.day) }),
    `${say("receipt.address")}: ${location.origin}/`,
    `${say("fingerprint")}: ${app.begun?.fingerprint.match(/.{4}/g)?.join(" ") ?? ""}`,
    say("receipt.item", { item: accepted!.item }),
    say("receipt.secret"),
    say("free"),
  ];
  return lines.join("\n");
}

function saveText(app: App, code: string): void {
  save(`${app.say("receipt.file")}-${app.accepted!.day}.txt`, "text/plain", `${textOf(app, code)}\n`);
}

function saveProof(app: App): void {
  save(`${app.accepted!.day}.tlog-proof`, "application/octet-stream", app.accepted!.receipt);
}

async function open(app: App): Promise<void> {
  const { code } = app.accepted!;
  app.blank();
  await app.ask("useCode", { code });
  app.code = "typed";
  app.go("mailbox");
}

function finish(app: App): void {
  app.forget();
  app.go("done");
}

/** Nothing of one person's letter is there when the next one sits down. */
function nextPerson(app: App): void {
  app.forget();
  app.go("write");
}
