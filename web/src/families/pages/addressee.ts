/** To whom: the number of the address card, by hand or by camera; or "I do not know the number". */

import type { App } from "../app";
import { grouped, judge, NUMBER_DIGITS, numberIn, type Verdict } from "../digits";
import { fill, h } from "../dom";
import { actions, choice, field, main, notice, p, page, plain, status, steps } from "../parts";
import { scanner } from "./scanner";

/** Ask for the number. */
export function addresseePage(app: App): HTMLElement {
  const { say } = app;
  const said = status();
  const number = field({
    id: "number",
    label: say("addressee.number"),
    advice: say("addressee.number.advice"),
    value: grouped(app.letter.number ?? ""),
    digits: true,
    className: "digits",
    typed: (text) => tell(app, judge(text, NUMBER_DIGITS), said, number.wrong),
  });
  regroup(number.input);
  tell(app, judge(number.input.value, NUMBER_DIGITS), said, number.wrong);
  const next = () => {
    const verdict = judge(number.input.value, NUMBER_DIGITS);
    if (typeof verdict !== "object" || !("digits" in verdict)) {
      number.wrong(problemIn(app, verdict));
      return number.input.focus();
    }
    app.letter.number = verdict.digits;
    app.go("next");
  };
  const found = (text: string): string | null => {
    const digits = numberIn(text);
    if (digits === null) return say("addressee.scan.other");
    number.input.value = grouped(digits);
    tell(app, judge(digits, NUMBER_DIGITS), said, number.wrong);
    number.input.focus();
    return null;
  };
  const submit = (event: Event) => {
    event.preventDefault();
    next();
  };
  return page(
    say("addressee.title"),
    steps(app, 1),
    app.code === "typed" ? notice("note", p(say("addressee.same_code"))) : null,
    app.bureau ? notice("note", p(say("addressee.bureau"))) : null,
    h("form", { onsubmit: submit }, number.root, said, scanner(app, found)),
    actions(
      main(say("next"), next),
      plain(say("back"), () => app.go(app.code === "typed" ? "mailbox" : "back")),
    ),
    h("hr", {}),
    choice(say("addressee.unknown"), say("addressee.unknown.text"), () => {
      app.letter.number = null;
      app.go("unknown");
    }),
  );
}

/** Group digits by four as they are typed; a cursor in the middle is left where it is. */
export function regroup(input: HTMLInputElement | HTMLTextAreaElement): void {
  input.addEventListener("input", () => {
    if (input.selectionEnd === input.value.length) input.value = grouped(input.value);
  });
  input.addEventListener("blur", () => {
    input.value = grouped(input.value);
  });
}

/** Say under a field how far the digits are, and whether they are right. */
export function tell(app: App, verdict: Verdict, said: HTMLElement, wrong: (text: string | null) => void): void {
  const { say } = app;
  const isWhole = typeof verdict === "object" && "digits" in verdict;
  wrong(typeof verdict === "string" ? problemIn(app, verdict) : null);
  said.classList.toggle("good", isWhole);
  if (isWhole) fill(said, `✓ ${say("digits.right")}`);
  else fill(said, typeof verdict === "object" ? say("digits.missing", { n: verdict.missing }) : "");
}

/** Say what is wrong with digits that are not whole. */
export function problemIn(app: App, verdict: Verdict): string {
  if (verdict === "mistyped") return app.say("digits.mistyped");
  if (verdict === "too_long") return app.say("digits.too_long");
  return typeof verdict === "object" && "missing" in verdict ? app.say("digits.missing", { n: verdict.missing }) : "";
}
