/** What was missing from a bag, and has turned up: it is received after all. */

import { useState } from "preact/hooks";
import { useFrame } from "../frame/context";
import { PaperField, SignRow, useDeed } from "./acting";
import type { Page } from "./images";
import { Named, toggled } from "./items";
import { missingIn } from "./place";
import type { BagProps } from "./receiving";

/** Tick what was found, and sign. */
export function Finding({ place, bag, onBack, onStale }: BagProps) {
  const { notices, words } = useFrame();
  const { t } = words;
  const [ticked, setTicked] = useState<ReadonlySet<string>>(new Set());
  const [paper, setPaper] = useState<Page>();
  const doing = useDeed(
    place.session,
    () => {
      notices.say(t("facility.found.done"));
      onBack();
      void place.refresh();
    },
    () => void place.refresh(),
    onStale,
  );
  const rows = missingIn(bag);
  return (
    <section class="gone">
      <h3>{t("facility.gone")}</h3>
      <p>{t("facility.gone.what")}</p>
      <ul class="rows">
        {rows.map((row) => (
          <li key={row.item}>
            <label class="tick">
              <input
                type="checkbox"
                checked={ticked.has(row.item)}
                disabled={doing.waits}
                onChange={() => setTicked(toggled(ticked, row.item))}
              />
              <Named row={row} />
            </label>
          </li>
        ))}
      </ul>
      {place.needsPaper && <PaperField page={paper} required disabled={doing.busy || doing.waits} onPage={setPaper} />}
      <SignRow
        doing={doing}
        label={t("facility.found", { count: ticked.size })}
        disabled={ticked.size === 0 || (place.needsPaper && paper === undefined)}
        make={() =>
          place.find(
            bag.bag,
            rows.filter((row) => ticked.has(row.item)),
            paper,
          )
        }
        onBack={onBack}
      />
    </section>
  );
}
