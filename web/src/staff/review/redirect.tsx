/** Send elsewhere what was passed: where to, what was taken out of it before, and why it did not arrive. */

import { useState } from "preact/hooks";
import { useWords } from "../frame/context";
import { Dialog } from "../frame/dialog";
import { hurdleOf } from "./decisions";
import type { Letter, ReviewDesk } from "./desk";
import { hasEdits } from "./drafts";
import { bureausOf, DecisionForm, Places, ReasonPicker } from "./panels";
import { PICTURE_REASONS, PLACE_REASONS, TEXT_REASONS } from "./reasons";
import { Place } from "./side";

interface Props {
  readonly desk: ReviewDesk;
  readonly letter: Letter;
  readonly onClose: () => void;
  readonly onPlace: (place: string, reasons: readonly string[]) => void;
}

/** A letter goes to where the register has its addressee now; what goes to a bureau, to the one that is chosen. */
export function RedirectDialog({ desk, letter, onClose, onPlace }: Props) {
  const { t } = useWords();
  const places = placesFor(desk, letter);
  const [chosen, setChosen] = useState<string>();
  const place = chosen ?? places[0];
  const [reasons, setReasons] = useState<readonly string[]>([]);
  const [isSure, setSure] = useState(false);
  const doubts = doubtsAbout(desk, letter);
  const ready = place !== undefined && (doubts.length === 0 || isSure);
  return (
    <Dialog title={t("dialog.redirect")} onClose={onClose} wide>
      <DecisionForm
        onGo={() => place !== undefined && onPlace(place, reasons)}
        onClose={onClose}
        ready={ready}
        label={t("decide.redirect")}
        grave={doubts.length > 0}
      >
        <dl class="facts">
          <dt>{t("redirect.from")}</dt>
          <dd>{letter.row.destination === undefined ? "–" : <Place desk={desk} id={letter.row.destination} />}</dd>
          <dt>{t("redirect.to")}</dt>
          <dd>{place === undefined ? t("redirect.nowhere") : <Place desk={desk} id={place} />}</dd>
        </dl>
        {places.length > 1 && <Places desk={desk} ids={places} chosen={place} onChoose={setChosen} />}
        {place !== undefined && place === letter.row.destination && <p class="soft">{t("redirect.same")}</p>}
        {doubts.map((doubt) => (
          <p key={doubt} class="warn">
            {t(doubt)}
          </p>
        ))}
        {doubts.length > 0 && (
          <label class="tick">
            <input type="checkbox" checked={isSure} onChange={() => setSure(!isSure)} />
            <span>{t("redirect.sure")}</span>
          </label>
        )}
        <ReasonPicker reasons={PLACE_REASONS} chosen={reasons} onChoose={setReasons} />
      </DecisionForm>
    </Dialog>
  );
}

/** Where it can go: by the register, never by the relay's answer; what is for a family without a code, to a bureau. */
function placesFor(desk: ReviewDesk, { row }: Letter): string[] {
  if (row.kind === "reply") return bureausOf(desk);
  const record = desk.register?.records.get(row.detainee);
  const isHeld = record?.status === "confirmed" || record?.status === "transferred";
  return isHeld && record.place !== undefined ? [record.place] : [];
}

/** What somebody has to answer for before it goes: that nobody has proved its author, or that it goes whole now. */
function doubtsAbout(desk: ReviewDesk, letter: Letter): string[] {
  const hurdle = letter.opened && hurdleOf(desk, letter.opened);
  const isWholeNow = takenOut(letter).length > 0 && !hasEdits(letter.draft);
  return [...(hurdle === undefined ? [] : [`hurdle.${hurdle}`]), ...(isWholeNow ? ["redirect.whole"] : [])];
}

const CONTENT: readonly string[] = [...TEXT_REASONS, ...PICTURE_REASONS];
const ABOUT_PLACES: readonly string[] = PLACE_REASONS;

/** For what something was blocked out or left out when it was passed; whatever is no place's reason counts. */
export function takenOut({ passedUnder = [] }: Letter): readonly string[] {
  return passedUnder.filter((reason) => !ABOUT_PLACES.includes(reason));
}

/** A reason in words; one that a command gave and that has none here, as it is. */
export function sayReason(reason: string, t: (key: string) => string): string {
  return CONTENT.includes(reason) ? t(`reason.${reason}`) : reason;
}
