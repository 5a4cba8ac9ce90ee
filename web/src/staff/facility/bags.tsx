/** Bags on their way: found by the code on the cover, counted item by item, and signed for. */

import { useState } from "preact/hooks";
import { useWords } from "../frame/context";
import { StaleCard } from "./acting";
import { called, findId } from "./codes";
import { type Answer, Finder } from "./finder";
import { Finding } from "./finding";
import { FocusedHeading, useReturn } from "./focus";
import { comingIn, missingIn, type Place } from "./place";
import { type BagProps, Receiving } from "./receiving";

/** The list of bags, or the one that is being counted. */
export function Bags({ place }: { place: Place }) {
  const { t } = useWords();
  const [chosen, setChosen] = useState<string>();
  const [stale, setStale] = useState(false);
  const bag = place.bags.find((one) => one.bag === chosen);
  const list = useReturn<HTMLElement>(bag === undefined);
  if (bag !== undefined) {
    const back = () => {
      setStale(false);
      setChosen(undefined);
    };
    return <Counting key={bag.bag} place={place} bag={bag} onBack={back} onStale={() => setStale(true)} />;
  }
  const look = (text: string): Answer => {
    const id = findId(
      text,
      place.bags.map((one) => one.bag),
    );
    if (id !== undefined) setChosen(id);
    return { found: id !== undefined, text: id === undefined ? t("facility.bag.unknown") : t("facility.bag.found") };
  };
  return (
    <section ref={list} tabIndex={-1} aria-label={t("facility.bags")}>
      {stale && <StaleCard />}
      <Finder label={t("facility.bag.scan")} hint={t("facility.bag.scan.hint")} onText={look} />
      {place.bags.length === 0 && (
        <p class="soft nothing">{t(place.isLoaded ? "facility.bags.none" : "facility.loading")}</p>
      )}
      <ul class="tiles">
        {place.bags.map((one) => (
          <li key={one.bag}>
            <button type="button" class="tile" onClick={() => setChosen(one.bag)}>
              <strong class="mono">{called(one.bag)}</strong>
              {comingIn(one).length > 0 && <span>{t("facility.items", { count: comingIn(one).length })}</span>}
              {missingIn(one).length > 0 && (
                <span class="badge bad">{t("facility.bag.missing", { count: missingIn(one).length })}</span>
              )}
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** One bag: every item has to be marked before anything can be signed. */
function Counting({ place, bag, onBack, onStale }: BagProps) {
  const { t } = useWords();
  return (
    <section class="card counting">
      <FocusedHeading>
        {t("facility.bag.title")} <span class="mono">{called(bag.bag)}</span>
      </FocusedHeading>
      {comingIn(bag).length > 0 && <Receiving place={place} bag={bag} onBack={onBack} onStale={onStale} />}
      {missingIn(bag).length > 0 && <Finding place={place} bag={bag} onBack={onBack} onStale={onStale} />}
    </section>
  );
}
