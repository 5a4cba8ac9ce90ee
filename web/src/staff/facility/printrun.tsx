/** The print run: what is printed is seen first, sheet by sheet, and goes to the printer as it stands. */

import { useState } from "preact/hooks";
import { useWords } from "../frame/context";
import { Icon } from "../frame/icons";
import { FocusedHeading } from "./focus";
import type { HeldLetter, Place } from "./place";
import { CoverSheet, DeliverySheet, LetterSheet, ReplySheet } from "./sheets";

const PARTS = ["cover", "letter", "reply", "delivery"] as const;
type Part = (typeof PARTS)[number];

interface Props {
  readonly place: Place;
  readonly letters: readonly HeldLetter[];
  readonly onBack: () => void;
}

/** Choose which sheets, look at them, print. */
export function PrintRun({ place, letters, onBack }: Props) {
  const { t } = useWords();
  const isBureau = place.desk.kind === "bureau";
  const [parts, setParts] = useState<readonly Part[]>(PARTS.filter((part) => !(isBureau && part === "reply")));
  const has = (part: Part) => parts.includes(part);
  const toggle = (part: Part) => setParts(PARTS.filter((one) => (one === part ? !has(one) : has(one))));
  const inOrder = [...letters].sort((one, other) => one.row.detainee.localeCompare(other.row.detainee));
  return (
    <section class="print-run">
      <div class="card screen-only">
        <FocusedHeading>{t("facility.print.title", { count: letters.length })}</FocusedHeading>
        <p>{t("facility.print.what")}</p>
        <fieldset class="row">
          <legend>{t("facility.print.parts")}</legend>
          {PARTS.map((part) => (
            <label key={part} class="tick">
              <input type="checkbox" checked={has(part)} onChange={() => toggle(part)} />
              <span>{t(`facility.print.${part}`)}</span>
            </label>
          ))}
        </fieldset>
        <div class="row end">
          <button type="button" onClick={onBack}>
            <Icon name="back" /> {t("facility.back")}
          </button>
          <button type="button" class="main" disabled={parts.length === 0} onClick={() => void print()}>
            {t("facility.print.go")}
          </button>
        </div>
      </div>
      <div class="a4-run">
        {inOrder.map((letter) => (
          <div key={letter.row.item} class="one-letter">
            {has("cover") && <CoverSheet place={place} letter={letter} />}
            {has("letter") && <LetterSheet letter={letter} />}
            {has("reply") && <ReplySheet letter={letter} />}
          </div>
        ))}
        {has("delivery") && <DeliverySheet place={place} letters={inOrder} />}
      </div>
    </section>
  );
}

/** Print once every picture can be drawn: a printer does not wait for them. */
async function print(): Promise<void> {
  const pictures = [...document.querySelectorAll<HTMLImageElement>(".a4-run img")];
  await Promise.all(pictures.map((picture) => picture.decode().catch(() => undefined)));
  window.print();
}
