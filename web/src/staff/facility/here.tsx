/** What is here: read, printed, and handed over, refused or sent back, one by one or many at once. */

import { useState } from "preact/hooks";
import { isTrustworthy } from "../authors";
import { useWords } from "../frame/context";
import { Icon } from "../frame/icons";
import { called, findId } from "./codes";
import { type Answer, Finder } from "./finder";
import { useReturn } from "./focus";
import { Handover } from "./handover";
import { Named, toggled } from "./items";
import { LetterBody } from "./letter";
import { type Handing, type HeldLetter, isSound, type Place } from "./place";
import { PrintRun } from "./printrun";

type Doing = Handing | "print";

/** The list of what is here, or what is being done with the ticked ones. */
export function Here({ place }: { place: Place }) {
  const { t } = useWords();
  const [ticked, setTicked] = useState<ReadonlySet<string>>(new Set());
  const [doing, setDoing] = useState<Doing>();
  const chosen = place.letters.filter(({ row }) => ticked.has(row.item));
  const back = () => setDoing(undefined);
  const list = useReturn<HTMLElement>(doing === undefined);
  if (doing === "print") return <PrintRun place={place} letters={chosen.filter(isSound)} onBack={back} />;
  if (doing !== undefined) {
    const done = () => {
      setTicked(new Set());
      back();
    };
    return <Handover key={doing} place={place} kind={doing} letters={chosen} onBack={back} onDone={done} />;
  }
  return (
    <section ref={list} tabIndex={-1} aria-label={t("facility.here")}>
      {place.letters.length === 0 && (
        <p class="soft nothing">{t(place.isLoaded ? "facility.here.none" : "facility.loading")}</p>
      )}
      {place.letters.length > 0 && <List place={place} ticked={ticked} onTick={setTicked} />}
      {place.letters.length > 0 && <Deeds chosen={chosen} onChoose={setDoing} />}
    </section>
  );
}

interface ListProps {
  readonly place: Place;
  readonly ticked: ReadonlySet<string>;
  readonly onTick: (ticked: ReadonlySet<string>) => void;
}

/** All that is here; letters are ticked by hand, or by the codes on their covers and on the signed sheet. */
function List({ place, ticked, onTick }: ListProps) {
  const { t } = useWords();
  const items = place.letters.map(({ row }) => row.item);
  const scan = (text: string): Answer => {
    const id = findId(text, items);
    if (id === undefined) return { found: false, text: t("facility.item.nothere") };
    onTick(new Set([...ticked, id]));
    return { found: true, text: t("facility.item.ticked", { item: called(id) }) };
  };
  return (
    <>
      <Finder label={t("facility.here.scan")} hint={t("facility.scan.hint")} onText={scan} />
      <div class="row">
        <button type="button" onClick={() => onTick(new Set(items))}>
          <Icon name="check" /> {t("facility.tick.all")}
        </button>
        <button type="button" disabled={ticked.size === 0} onClick={() => onTick(new Set())}>
          {t("facility.tick.none")}
        </button>
      </div>
      <ul class="here-list">
        {place.letters.map((letter) => (
          <Held
            key={letter.row.item}
            letter={letter}
            ticked={ticked.has(letter.row.item)}
            onTick={() => onTick(toggled(ticked, letter.row.item))}
          />
        ))}
      </ul>
    </>
  );
}

/** What can be done with the ticked ones; it stays in sight at the bottom. */
function Deeds({ chosen, onChoose }: { chosen: readonly HeldLetter[]; onChoose: (doing: Doing) => void }) {
  const { t } = useWords();
  const unsound = chosen.filter((letter) => !isSound(letter)).length;
  const none = chosen.length === 0;
  return (
    <div class="deeds">
      <p aria-live="polite">
        {t("facility.chosen", { count: chosen.length })}{" "}
        {unsound > 0 && <span class="warn">{t("facility.chosen.unsound", { count: unsound })}</span>}
      </p>
      <div class="row">
        <button type="button" disabled={unsound === chosen.length} onClick={() => onChoose("print")}>
          {t("facility.print")}
        </button>
        <button type="button" class="main" disabled={none || unsound > 0} onClick={() => onChoose("deliver")}>
          {t("facility.deliver")}
        </button>
        <button type="button" disabled={none || unsound > 0} onClick={() => onChoose("refuse")}>
          {t("facility.refuse")}
        </button>
        <button type="button" disabled={none} onClick={() => onChoose("fail")}>
          {t("facility.fail")}
        </button>
      </div>
    </div>
  );
}

interface HeldProps {
  readonly letter: HeldLetter;
  readonly ticked: boolean;
  readonly onTick: () => void;
}

function Held({ letter, ticked, onTick }: HeldProps) {
  const words = useWords();
  const { t } = words;
  const [open, setOpen] = useState(false);
  const { row, opened } = letter;
  return (
    <li class={ticked ? "ticked" : ""}>
      <div class="here-line">
        <label class="tick">
          <input type="checkbox" checked={ticked} onChange={onTick} />
          <Named row={row} />
        </label>
        <Proof letter={letter} />
        <span class="soft">{t("facility.since", { day: words.day(row.event.day) })}</span>
        <button type="button" aria-expanded={open} disabled={opened === undefined} onClick={() => setOpen(!open)}>
          <Icon name="eye" /> {t(open ? "facility.close" : "facility.read")}
          <span class="hidden">{called(row.item)}</span>
        </button>
      </div>
      {open && opened !== undefined && (
        <div class="reading">
          {!isTrustworthy(opened.authenticity) && <p class="warn">{t("facility.proof.what")}</p>}
          {opened.letter.manifest.note !== undefined && (
            <p class="from-reviewer">
              <strong>{t("facility.note")}</strong> {opened.letter.manifest.note}
            </p>
          )}
          <LetterBody item={opened} />
        </div>
      )}
    </li>
  );
}

/** Who signed: a reviewer whom the directory lists, or nobody who is to be believed. */
function Proof({ letter }: { letter: HeldLetter }) {
  const { t } = useWords();
  if (letter.unreadable !== undefined) {
    return (
      <span class="badge bad">
        <Icon name="warning" /> {t("facility.unreadable")} <code>{letter.unreadable}</code>
      </span>
    );
  }
  if (letter.opened === undefined) return <span class="badge">{t("facility.opening")}</span>;
  const good = isTrustworthy(letter.opened.authenticity);
  return (
    <span class={`badge ${good ? "good" : "bad"}`}>
      <Icon name={good ? "check" : "warning"} /> {t(`facility.proof.${letter.opened.authenticity}`)}
    </span>
  );
}
