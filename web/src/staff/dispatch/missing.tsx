/** What did not arrive with its bag: it may still be found there, or is declared lost here, for good. */

import { useState } from "preact/hooks";
import { SignRow, useDeed } from "../facility/acting";
import { called } from "../facility/codes";
import { Named, ReasonField, toggled } from "../facility/items";
import { useFrame, useWords } from "../frame/context";
import type { Row } from "../rows";
import type { Packing } from "./packing";
import { placeName } from "./piles";

const REASONS: readonly string[] = ["", "SHORT", "SEAL_BROKEN", "LATE"];

/** Missing items, bag by bag. */
export function Missing({ packing }: { packing: Packing }) {
  const { t } = useWords();
  const bags = [...new Set(packing.missing.map((row) => row.bag ?? ""))];
  if (bags.length === 0)
    return <p class="soft nothing">{t(packing.isLoaded ? "dispatch.missing.none" : "facility.loading")}</p>;
  return (
    <section class="piles" aria-label={t("dispatch.missing")}>
      {bags.map((bag) => (
        <BagOfMissing
          key={bag}
          packing={packing}
          bag={bag}
          rows={packing.missing.filter((row) => (row.bag ?? "") === bag)}
        />
      ))}
    </section>
  );
}

function BagOfMissing({ packing, bag, rows }: { packing: Packing; bag: string; rows: readonly Row[] }) {
  const { notices, words } = useFrame();
  const { t } = words;
  const [ticked, setTicked] = useState<ReadonlySet<string>>(new Set());
  const [reason, setReason] = useState("");
  const chosen = rows.filter((row) => ticked.has(row.item));
  const done = () => {
    notices.say(t("dispatch.lost.done", { count: chosen.length }));
    setTicked(new Set());
    void packing.refresh();
  };
  const doing = useDeed(packing.session, done, () => void packing.refresh());
  return (
    <article class="card">
      <h2>
        {t("facility.bag.title")} <span class="mono">{called(bag)}</span>
      </h2>
      <p class="soft">{placeName(packing.session, rows[0]?.destination ?? "", t)}</p>
      <p>{t("dispatch.lost.what")}</p>
      <fieldset disabled={doing.busy || doing.waits}>
        <legend class="hidden">{t("dispatch.list")}</legend>
        <ul class="rows">
          {rows.map((row) => (
            <li key={row.item}>
              <label class="tick">
                <input
                  type="checkbox"
                  checked={ticked.has(row.item)}
                  onChange={() => setTicked(toggled(ticked, row.item))}
                />
                <Named row={row} />
              </label>
            </li>
          ))}
        </ul>
        <ReasonField label={t("facility.missing.why")} reasons={REASONS} value={reason} onChange={setReason} />
      </fieldset>
      <SignRow
        doing={doing}
        label={t("dispatch.lost", { count: chosen.length })}
        disabled={chosen.length === 0}
        grave
        make={() => packing.declareLost(bag, chosen, reason)}
        back={t("facility.tick.none")}
        onBack={() => setTicked(new Set())}
      />
    </article>
  );
}
