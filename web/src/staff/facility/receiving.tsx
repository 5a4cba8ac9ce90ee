/** A bag is received: each item of its list is marked, by hand or by its code, and then all of it is signed for. */

import { useState } from "preact/hooks";
import { useFrame, useWords } from "../frame/context";
import { Icon } from "../frame/icons";
import { PaperField, SignRow, useDeed } from "./acting";
import { called, findId } from "./codes";
import { type Answer, Finder } from "./finder";
import type { Page } from "./images";
import { Named, ReasonField } from "./items";
import { type ArrivingBag, comingIn, type Found, type Place } from "./place";

const MARKS: readonly Found[] = ["here", "DAMAGED", "SEAL_BROKEN", "missing"];
const ABSENCES: readonly string[] = ["", "SHORT", "SEAL_BROKEN", "LATE"];

/** One bag of a place. */
export interface BagProps {
  readonly place: Place;
  readonly bag: ArrivingBag;
  readonly onBack: () => void;
  /** The bag may be gone from the list then, and this part of the page with it. */
  readonly onStale: () => void;
}

/** Count and sign; nothing can be signed before every item is marked. */
export function Receiving({ place, bag, onBack, onStale }: BagProps) {
  const { notices, words } = useFrame();
  const { t } = words;
  const [paper, setPaper] = useState<Page>();
  const [reason, setReason] = useState("");
  const found = place.countOf(bag.bag);
  const { unmarked, missing } = countedIn(bag, found);
  const done = () => {
    notices.say(t("facility.received"));
    onBack();
    void place.refresh();
  };
  const doing = useDeed(place.session, done, () => void place.refresh(), onStale);
  const fixed = doing.busy || doing.waits;
  return (
    <>
      <p>{t("facility.count.first")}</p>
      <fieldset disabled={fixed}>
        <legend class="hidden">{t("facility.count")}</legend>
        <CountList place={place} bag={bag} fixed={fixed} />
        {missing > 0 && (
          <ReasonField label={t("facility.missing.why")} reasons={ABSENCES} value={reason} onChange={setReason} />
        )}
      </fieldset>
      {place.needsPaper && <PaperField page={paper} required disabled={fixed} onPage={setPaper} />}
      <Summary bag={bag} found={found} />
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

interface ListProps {
  readonly place: Place;
  readonly bag: ArrivingBag;
  /** Whether it is signed already, and must not change. */
  readonly fixed: boolean;
}

function CountList({ place, bag, fixed }: ListProps) {
  const { t } = useWords();
  const rows = comingIn(bag);
  const found = place.countOf(bag.bag);
  const { unmarked } = countedIn(bag, found);
  const mark = (items: readonly string[], as: Found) => place.mark(bag.bag, items, as);
  const scan = (text: string): Answer => {
    const items = rows.map((row) => row.item);
    const id = findId(text, items);
    if (id === undefined) return { found: false, text: t("facility.item.notinbag") };
    // The code says that it is here; that it is damaged, somebody may have said before.
    if (!fixed && (found.get(id) ?? "missing") === "missing") mark([id], "here");
    return { found: true, text: t("facility.item.here", { item: called(id) }) };
  };
  return (
    <>
      <Finder label={t("facility.item.scan")} hint={t("facility.scan.hint")} onText={scan} />
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
            <MarkField item={row.item} found={found.get(row.item)} onMark={(as) => mark([row.item], as)} />
          </li>
        ))}
      </ul>
    </>
  );
}

interface MarkProps {
  readonly item: string;
  readonly found: Found | undefined;
  readonly onMark: (as: Found) => void;
}

function MarkField({ item, found, onMark }: MarkProps) {
  const { t } = useWords();
  return (
    <select
      aria-label={t("facility.count.mark", { item: called(item) })}
      value={found ?? ""}
      class={found === "missing" ? "bad" : ""}
      onChange={(event) => onMark(event.currentTarget.value as Found)}
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
  );
}

/** What the signature will say. */
function Summary({ bag, found }: { bag: ArrivingBag; found: ReadonlyMap<string, Found> }) {
  const { t } = useWords();
  const { unmarked, missing, here } = countedIn(bag, found);
  const signed = [
    t("facility.count.here", { count: here }),
    missing > 0 && t("facility.count.missing", { count: missing }),
  ];
  return (
    <p class="summary" aria-live="polite">
      {unmarked.length > 0 ? t("facility.count.left", { count: unmarked.length }) : signed.filter(Boolean).join(" ")}
    </p>
  );
}

function countedIn(bag: ArrivingBag, found: ReadonlyMap<string, Found>) {
  const items = comingIn(bag).map((row) => row.item);
  const unmarked = items.filter((item) => !found.has(item));
  const missing = items.filter((item) => found.get(item) === "missing").length;
  return { unmarked, missing, here: items.length - missing };
}
