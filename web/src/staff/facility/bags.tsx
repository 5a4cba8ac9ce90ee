/** Bags on their way: found by the code on the cover, counted item by item, and signed for. */

import { useState } from "preact/hooks";
import { useFrame, useWords } from "../frame/context";
import { Icon } from "../frame/icons";
import type { Row } from "../rows";
import { PaperField, SignRow, StaleCard, useDeed } from "./acting";
import { called, findId } from "./codes";
import { type Answer, Finder } from "./finder";
import { FocusedHeading, useReturn } from "./focus";
import type { Page } from "./images";
import { Named, ReasonField, toggled } from "./items";
import type { ArrivingBag, Found, Place } from "./place";

const MARKS: readonly Found[] = ["here", "DAMAGED", "SEAL_BROKEN", "missing"];
const ABSENCES: readonly string[] = ["", "SHORT", "SEAL_BROKEN", "LATE"];

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
              {coming(one).length > 0 && <span>{t("facility.items", { count: coming(one).length })}</span>}
              {gone(one).length > 0 && (
                <span class="badge bad">{t("facility.bag.missing", { count: gone(one).length })}</span>
              )}
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

interface BagProps {
  readonly place: Place;
  readonly bag: ArrivingBag;
  readonly onBack: () => void;
  /** The bag may be gone from the list then, and this part of the page with it. */
  readonly onStale: () => void;
}

/** One bag: every item has to be marked before anything can be signed. */
function Counting({ place, bag, onBack, onStale }: BagProps) {
  const { t } = useWords();
  return (
    <section class="card counting">
      <FocusedHeading>
        {t("facility.bag.title")} <span class="mono">{called(bag.bag)}</span>
      </FocusedHeading>
      {coming(bag).length > 0 && <Receiving place={place} bag={bag} onBack={onBack} onStale={onStale} />}
      {gone(bag).length > 0 && <Finding place={place} bag={bag} onBack={onBack} onStale={onStale} />}
    </section>
  );
}

function Receiving({ place, bag, onBack, onStale }: BagProps) {
  const { notices, words } = useFrame();
  const { t } = words;
  const rows = coming(bag);
  const found = place.countOf(bag.bag);
  const [paper, setPaper] = useState<Page>();
  const [reason, setReason] = useState("");
  const doing = useDeed(
    place.session,
    () => {
      notices.say(t("facility.received"));
      onBack();
      void place.refresh();
    },
    () => void place.refresh(),
    onStale,
  );
  const mark = (items: readonly string[], as: Found) => place.mark(bag.bag, items, as);
  const unmarked = rows.filter((row) => !found.has(row.item)).map((row) => row.item);
  const missing = rows.filter((row) => found.get(row.item) === "missing").length;
  const scan = (text: string): Answer => {
    const id = findId(
      text,
      rows.map((row) => row.item),
    );
    if (id !== undefined) mark([id], "here");
    return {
      found: id !== undefined,
      text: id === undefined ? t("facility.item.notinbag") : t("facility.item.here", { item: called(id) }),
    };
  };
  return (
    <>
      <p>{t("facility.count.first")}</p>
      <Finder label={t("facility.item.scan")} hint={t("facility.scan.hint")} onText={scan} />
      <fieldset disabled={doing.busy || doing.waits}>
        <legend class="hidden">{t("facility.count")}</legend>
        <div class="row">
          <button type="button" onClick={() => mark(unmarked, "here")} disabled={unmarked.length === 0}>
            <Icon name="check" /> {t("facility.count.all")}
          </button>
          <button type="button" onClick={() => mark(unmarked, "missing")} disabled={unmarked.length === 0}>
            {t("facility.count.rest")}
          </button>
        </div>
        <ul class="rows counted">
          {rows.map((row) => (
            <li key={row.item}>
              <Named row={row} />
              <select
                aria-label={t("facility.count.mark", { item: called(row.item) })}
                value={found.get(row.item) ?? ""}
                class={found.get(row.item) === "missing" ? "bad" : ""}
                onChange={(event) => mark([row.item], event.currentTarget.value as Found)}
              >
                <option value="" disabled>
                  {t("facility.count.not")}
                </option>
                {MARKS.map((one) => (
                  <option key={one} value={one}>
                    {t(`facility.mark.${one}`)}
                  </option>
                ))}
              </select>
            </li>
          ))}
        </ul>
        {missing > 0 && (
          <ReasonField label={t("facility.missing.why")} reasons={ABSENCES} value={reason} onChange={setReason} />
        )}
      </fieldset>
      {place.needsPaper && <PaperField page={paper} required disabled={doing.busy || doing.waits} onPage={setPaper} />}
      <p class="summary" aria-live="polite">
        {unmarked.length > 0
          ? t("facility.count.left", { count: unmarked.length })
          : `${t("facility.count.here", { count: rows.length - missing })} ${missing > 0 ? t("facility.count.missing", { count: missing }) : ""}`}
      </p>
      <SignRow
        doing={doing}
        label={t("facility.receive")}
        disabled={unmarked.length > 0 || (place.needsPaper && paper === undefined)}
        make={() => place.receive(bag, found, { paper, reason })}
        onBack={onBack}
      />
    </>
  );
}

function Finding({ place, bag, onBack, onStale }: BagProps) {
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
  const rows = gone(bag);
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

function coming(bag: ArrivingBag): Row[] {
  return bag.rows.filter((row) => row.state === "bagged");
}

function gone(bag: ArrivingBag): Row[] {
  return bag.rows.filter((row) => row.state === "missing");
}
