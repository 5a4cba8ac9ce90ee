/** A place's work in three parts: bags that come, letters that are here, replies that go. */

import { useEffect, useState } from "preact/hooks";
import { useModel, useWords } from "../frame/context";
import { FaultCard } from "../frame/faults";
import { shortId } from "../session";
import { Bags } from "./bags";
import "./facility.css";
import { Here } from "./here";
import type { Place } from "./place";
import { isWritten } from "./replies";
import { Replies } from "./replyform";

const PARTS = ["bags", "here", "replies"] as const;
type Part = (typeof PARTS)[number];

/** The work at one place. */
export function PlaceWork({ place }: { place: Place }) {
  useModel(place);
  const { t } = useWords();
  const [part, setPart] = useState<Part>("bags");
  useArrival(place);
  const counts: Readonly<Record<Part, number>> = {
    bags: place.bags.length,
    here: place.letters.length,
    replies: place.outbox.entries.filter(({ going }) => going === "unsent").length,
  };
  return (
    <div class="place">
      <header class="place-head screen-only">
        <h1>
          {t(`facility.title.${place.desk.kind}`)} <span class="mono">{shortId(place.id)}</span>
        </h1>
        {place.desk.side !== undefined && <span class="badge">{place.desk.side}</span>}
        {place.needsPaper && <span class="badge old">{t("facility.keyless")}</span>}
        <button type="button" onClick={() => void place.refresh()} disabled={place.busy}>
          {t(place.busy ? "facility.loading" : "facility.reload")}
        </button>
      </header>
      <nav class="parts screen-only" aria-label={t("facility.parts")}>
        {PARTS.map((one) => (
          <button key={one} type="button" aria-current={one === part ? "page" : undefined} onClick={() => setPart(one)}>
            {t(`facility.${one}`)} {counts[one] > 0 && <span class="count">{counts[one]}</span>}
          </button>
        ))}
      </nav>
      {place.fault !== undefined && <FaultCard fault={place.fault} />}
      {part === "bags" && <Bags place={place} />}
      {part === "here" && <Here place={place} />}
      {part === "replies" && <Replies place={place} />}
    </div>
  );
}

/** Read the lists on arrival and after each sign-in, send what waited for it, and ask before the page is left with something unsent. */
function useArrival(place: Place): void {
  const { session } = place;
  useModel(session);
  useEffect(() => {
    if (session.locked) return;
    void place.refresh();
    void place.outbox.retry();
  }, [place, session.locked]);
  useEffect(() => {
    const ask = (event: BeforeUnloadEvent) => {
      if (isWritten(place.draft) || place.outbox.waits) event.preventDefault();
    };
    addEventListener("beforeunload", ask);
    return () => removeEventListener("beforeunload", ask);
  }, [place]);
}
