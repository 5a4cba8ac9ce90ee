/** Handing over: one signed statement for many letters, with the scan of the sheet that was signed on paper. */

import { useState } from "preact/hooks";
import { useFrame } from "../frame/context";
import { PaperField, SignRow, useDeed } from "./acting";
import { FocusedHeading } from "./focus";
import type { Page } from "./images";
import { Named, ReasonField } from "./items";
import type { Handing, HeldLetter, Place } from "./place";

/** Why a letter could not be handed over; a death is never one of them. */
const FAILURES: readonly string[] = ["NOT_HERE", "TRANSFERRED", "HOSPITAL", "RELEASED", "UNREADABLE"];

interface Props {
  readonly place: Place;
  readonly kind: Handing;
  readonly letters: readonly HeldLetter[];
  readonly onBack: () => void;
  readonly onDone: () => void;
}

/** Say what became of some letters. */
export function Handover({ place, kind, letters, onBack, onDone }: Props) {
  const { notices, words } = useFrame();
  const { t } = words;
  const [paper, setPaper] = useState<Page>();
  const [reason, setReason] = useState(FAILURES[0]!);
  const rows = letters.map(({ row }) => row);
  const count = rows.length;
  const doing = useDeed(
    place.session,
    () => {
      if (kind === "deliver") place.keepHanded(rows);
      notices.say(t(`facility.${kind}.done`, { count }));
      onDone();
      void place.refresh();
    },
    () => void place.refresh(),
  );
  return (
    <section class="card handover">
      <FocusedHeading>{t(`facility.${kind}.title`, { count })}</FocusedHeading>
      <p>{t(`facility.${kind}.what`)}</p>
      {count === 0 && <p class="warn">{t("facility.gone.meanwhile")}</p>}
      <ul class="rows">
        {rows.map((row) => (
          <li key={row.item}>
            <Named row={row} />
          </li>
        ))}
      </ul>
      {kind === "fail" && (
        <fieldset disabled={doing.waits}>
          <ReasonField label={t("facility.fail.why")} reasons={FAILURES} value={reason} onChange={setReason} />
          <p class="hint">{t("facility.fail.death")}</p>
        </fieldset>
      )}
      <PaperField page={paper} required={place.needsPaper} disabled={doing.busy || doing.waits} onPage={setPaper} />
      <SignRow
        doing={doing}
        label={t(`facility.${kind}.sign`, { count })}
        disabled={count === 0 || (place.needsPaper && paper === undefined)}
        grave={kind !== "deliver"}
        make={() => place.hand(kind, rows, { paper, reason: kind === "fail" ? reason : undefined })}
        onBack={onBack}
      />
    </section>
  );
}
