/** Where each reply stands that was brought in from here. */

import { useModel, useWords } from "../frame/context";
import { tellFault } from "../frame/faults";
import { called } from "./codes";
import type { Place } from "./place";

/** The list; what waits can be sent again, what was refused goes back into the form. */
export function Outgoings({ place }: { place: Place }) {
  const words = useWords();
  const { t } = words;
  const outbox = useModel(place.outbox);
  if (outbox.entries.length === 0) return null;
  const back = (item: string) => {
    const draft = outbox.takeBack(item);
    if (draft !== undefined) place.write(draft);
  };
  return (
    <section class="card" aria-live="polite">
      <h2>{t("facility.outbox")}</h2>
      <ul class="rows">
        {outbox.entries.map(({ item, about, going, fault }) => (
          <li key={item}>
            <span class="named">
              <strong class="mono">{about}</strong>
              <span class="soft mono">{called(item)}</span>
              {fault !== undefined && <span class="warn">{tellFault(fault, words).what}</span>}
            </span>
            <span class={`badge ${going === "in" ? "good" : going === "refused" ? "bad" : "new"}`}>
              {t(`facility.going.${going}`)}
            </span>
            {going === "refused" && (
              <button type="button" onClick={() => back(item)}>
                {t("facility.outbox.back")}
              </button>
            )}
          </li>
        ))}
      </ul>
      {outbox.entries.some(({ going }) => going === "unsent") && (
        <button type="button" onClick={() => void outbox.retry()}>
          {t("facility.again")}
        </button>
      )}
    </section>
  );
}
