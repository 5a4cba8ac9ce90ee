/** For a letter without a number: what tells two people of the same name apart. */

import type { App } from "../app";
import { countCharacters } from "../hints";
import { addressOf, PARTICULARS, type Particular } from "../memory";
import { actions, field, main, notice, p, page, plain, steps } from "../parts";
import type { Key } from "../words";

/** The longest `address` that a letter may have, in characters. */
export const ADDRESS_LIMIT = 2000;
const FIELD_LIMIT = 120;

const LABELS: Readonly<Record<Particular, Key>> = {
  surname: "person.surname",
  given: "person.given",
  patronymic: "person.patronymic",
  birth_date: "person.birth_date",
  birth_place: "person.birth_place",
  mother_maiden_name: "person.mother",
  service_number: "person.service",
};
const ADVICE: Partial<Readonly<Record<Particular, Key>>> = {
  birth_date: "person.birth_date.advice",
  mother_maiden_name: "person.mother.advice",
};

/** Ask whom the letter is for. */
export function personPage(app: App): HTMLElement {
  const { say, letter } = app;
  const fields = PARTICULARS.map((name) =>
    field({
      id: name,
      label: say(LABELS[name]),
      advice: ADVICE[name] && say(ADVICE[name]),
      value: letter.person[name] ?? "",
      limit: FIELD_LIMIT,
      typed: (text) => {
        letter.person[name] = text;
      },
    }),
  );
  const about = field({
    id: "about",
    label: say("person.words"),
    advice: say("person.words.advice"),
    value: letter.about,
    rows: 4,
    typed: (text) => {
      letter.about = text;
    },
  });
  const next = () => {
    const address = addressOf(letter);
    const isLong = address !== null && countCharacters(address) > ADDRESS_LIMIT;
    fields[0]!.wrong(address === null ? say("person.empty") : null);
    about.wrong(isLong ? say("person.long", { n: countCharacters(address) - ADDRESS_LIMIT }) : null);
    if (address === null) return fields[0]!.input.focus();
    if (isLong) return about.input.focus();
    app.go("next");
  };
  return page(
    say("person.title"),
    steps(app, 1),
    p(say("person.lead")),
    notice("note", p(say("person.safe"))),
    ...fields.map((one) => one.root),
    about.root,
    actions(
      main(say("next"), next),
      plain(say("back"), () => app.go("back")),
    ),
  );
}
