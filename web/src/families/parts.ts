/** The parts that pages are built from: headings, buttons, fields with their errors, and quiet announcements. */

import type { App } from "./app";
import { type Child, fill, h } from "./dom";
import type { Language } from "./words";

/** Lay out a page: the heading takes the focus, so that a screen reader begins there. */
export function page(title: string, ...children: readonly Child[]): HTMLElement {
  return h("div", { class: "page" }, h("h1", { tabindex: -1 }, title), ...children);
}

/** A button that leads on. */
export function main(label: string, act: () => void): HTMLButtonElement {
  return h("button", { type: "button", class: "main", onclick: act }, label);
}

/** A button for what takes a while and may not happen twice: pressed, it is out of use. */
export function once(label: string, act: () => void): HTMLButtonElement {
  const button = main(label, () => {
    button.disabled = true;
    act();
  });
  return button;
}

/** A button of less weight. */
export function plain(label: string, act: () => void): HTMLButtonElement {
  return h("button", { type: "button", onclick: act }, label);
}

/** Buttons in a row, that wrap. */
export function actions(...buttons: readonly Child[]): HTMLElement {
  return h("div", { class: "actions" }, ...buttons);
}

/** A large button with a line that explains it. */
export function choice(title: string, text: string, act: () => void): HTMLButtonElement {
  return h("button", { type: "button", class: "choice", onclick: act }, h("strong", {}, title), h("span", {}, text));
}

/** A framed remark; `kind` gives its sign, which never stands for itself alone. */
export function notice(kind: "note" | "good" | "bad", ...children: readonly Child[]): HTMLElement {
  const sign = { note: "✎", good: "✓", bad: "!" }[kind];
  return h(
    "div",
    { class: `notice ${kind}` },
    h("span", { class: "sign", "aria-hidden": "true" }, sign),
    h("div", {}, ...children),
  );
}

/** A paragraph. */
export function p(...children: readonly Child[]): HTMLElement {
  return h("p", {}, ...children);
}

/** The same in all three languages, each on a line of its own: before one of them was chosen, or could be loaded. */
export function inAll(words: Readonly<Record<Language, string>>): HTMLElement[] {
  return Object.entries(words).map(([lang, text]) => h("span", { class: "own-line", lang }, text));
}

/** Soft words beside the matter. */
export function soft(...children: readonly Child[]): HTMLElement {
  return h("p", { class: "soft" }, ...children);
}

/** Say where somebody is among the four steps of writing. */
export function steps(app: App, step: number): HTMLElement {
  const dots = [1, 2, 3, 4].map((one) => h("span", { class: one <= step ? "on" : "" }));
  return h("p", { class: "steps" }, h("span", { "aria-hidden": "true" }, ...dots), app.say("step", { n: step, of: 4 }));
}

/** A field with its label, its advice, and a place for its error. */
export interface Field {
  readonly root: HTMLElement;
  readonly input: HTMLInputElement | HTMLTextAreaElement;
  /** Show an error, tied to the field for screen readers; null takes it away. */
  wrong(text: string | null): void;
}

/** How a field is made. */
export interface FieldShape {
  readonly id: string;
  readonly label: string;
  readonly advice?: string | undefined;
  readonly value?: string;
  readonly rows?: number;
  readonly digits?: boolean;
  readonly limit?: number;
  readonly className?: string;
  typed(text: string): void;
}

/** Make a field. Nothing is offered, completed or sent to a spelling service. */
export function field(shape: FieldShape): Field {
  const advice = h("p", { class: "soft advice", id: `${shape.id}-advice` }, shape.advice);
  const error = h("p", { class: "error", id: `${shape.id}-error`, role: "alert" });
  const input = h(shape.rows ? "textarea" : "input", {
    id: shape.id,
    ...(shape.rows ? { rows: shape.rows } : { type: "text" }),
    class: shape.className,
    inputmode: shape.digits ? "numeric" : undefined,
    maxlength: shape.limit,
    autocomplete: "off",
    autocapitalize: shape.digits ? "off" : undefined,
    spellcheck: "false",
    "data-gramm": "false",
    "aria-describedby": `${shape.id}-advice ${shape.id}-error`,
    value: shape.value ?? "",
    oninput: (event: Event) => shape.typed((event.target as HTMLInputElement).value),
  }) as HTMLInputElement | HTMLTextAreaElement;
  const root = h(
    "div",
    { class: "field" },
    h("label", { for: shape.id }, shape.label),
    shape.advice ? advice : null,
    input,
    error,
  );
  const wrong = (text: string | null): void => {
    fill(error, text);
    input.setAttribute("aria-invalid", String(text !== null));
  };
  return { root, input, wrong };
}

/** A box to tick. */
export function tick(id: string, label: string, checked: boolean, changed: (on: boolean) => void): HTMLElement {
  const box = h("input", {
    type: "checkbox",
    id,
    checked,
    onchange: (event: Event) => changed((event.target as HTMLInputElement).checked),
  });
  return h("div", { class: "tick" }, box, h("label", { for: id }, label));
}

/** Digits in groups of four, each group whole, however narrow the screen. */
export function groups(text: string, label: string): HTMLElement {
  const parts = text.replace(/\s/g, "").match(/.{1,4}/g) ?? [];
  return h("ol", { class: "groups", "aria-label": label, translate: "no" }, ...parts.map((part) => h("li", {}, part)));
}

/** A line that is read out when it changes. */
export function status(): HTMLElement {
  return h("p", { class: "status", role: "status" });
}

/** A progress bar with words above it, which are read out. */
export function progress(): { root: HTMLElement; at(text: string, done?: number, of?: number): void } {
  const words = status();
  const bar = h("progress", { "aria-hidden": "true" });
  const at = (text: string, done?: number, of?: number) => {
    if (words.textContent !== text) fill(words, text);
    if (done === undefined || of === undefined) return bar.removeAttribute("value");
    bar.max = of;
    bar.value = done;
  };
  return { root: h("div", { class: "progress" }, words, bar), at };
}
