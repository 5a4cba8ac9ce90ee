/** Up to three pictures and drawings, each drawn anew before it is shown. */

import type { App } from "../app";
import { fill, h } from "../dom";
import { keepDraft } from "../drafts";
import { actions, main, notice, p, page, plain, status, steps } from "../parts";
import { NoPicture, redraw } from "../pictures";

/** Sealing pads a picture: this much of the limit is left for that. */
export const ROOM = 0.85;

/** Show what is enclosed, and take more. */
export function picturesPage(app: App): HTMLElement {
  const { say, letter } = app;
  const most = app.site?.limits.enclosures ?? 3;
  const shown = h("ul", { class: "pictures" });
  const adding = h("div", {});
  const said = status();
  const error = h("p", { class: "error", id: "file-error", role: "alert" });
  const look = h("div", {});
  const next = main("", () => app.go("next"));
  const draw = (): void => {
    fill(shown, ...letter.pictures.map((picture, at) => frame(app, picture.url, at, () => remove(at))));
    fill(adding, letter.pictures.length < most ? adder(app, take) : p(say("pictures.full", { n: most })));
    const some = letter.pictures.length > 0;
    fill(look, some && notice("note", p(say("pictures.look"))));
    fill(next, say(some ? "next" : "pictures.skip"));
    if (app.keepsDraft) keepDraft(letter, (isKept) => isKept || fill(error, say("letter.keep.full")));
  };
  const remove = (at: number): void => {
    for (const gone of letter.pictures.splice(at, 1)) URL.revokeObjectURL(gone.url);
    draw();
    fill(said, say("pictures.removed"));
  };
  const take = async (files: readonly File[]): Promise<void> => {
    fill(error);
    for (const file of files.slice(0, most - letter.pictures.length)) {
      fill(said, say("pictures.reading"));
      try {
        letter.pictures.push(await redraw(file, (app.site?.limits.enclosure_bytes ?? 4_194_304) * ROOM));
        fill(said, say("pictures.taken"));
      } catch (thrown) {
        fill(said);
        fill(error, say(thrown instanceof NoPicture ? "pictures.none" : "pictures.failed"));
      }
    }
    draw();
  };
  draw();
  return page(
    say("pictures.title"),
    steps(app, 3),
    p(say("pictures.lead")),
    shown,
    adding,
    said,
    error,
    look,
    actions(
      next,
      plain(say("back"), () => app.go("back")),
    ),
  );
}

function adder(app: App, take: (files: readonly File[]) => Promise<void>): HTMLElement {
  const { say } = app;
  const input = h("input", {
    type: "file",
    id: "file",
    class: "hidden",
    accept: "image/*",
    multiple: true,
    "aria-describedby": "file-error",
    onchange: (event: Event) => void take([...((event.target as HTMLInputElement).files ?? [])]),
  });
  const label = h("label", { for: "file", class: "button" }, say("pictures.add"));
  return actions(
    h("span", { class: "file" }, input, label),
    plain(say("pictures.draw"), () => app.go("draw")),
  );
}

function frame(app: App, url: string, at: number, remove: () => void): HTMLElement {
  const { say } = app;
  const name = say("pictures.one", { n: at + 1 });
  const button = plain(say("pictures.remove"), remove);
  button.setAttribute("aria-label", `${say("pictures.remove")}: ${name}`);
  return h("li", {}, h("img", { src: url, alt: name }), h("span", {}, name), button);
}
