/** The reviewer's console: the lines, a letter, what is known of its people, and the decisions. */

import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { FaceProps } from "../faces";
import { useFrame, useModel, useWords } from "../frame/context";
import { codeOf, tellFault } from "../frame/faults";
import { Postmark } from "../frame/icons";
import { useKeys } from "../frame/keyboard";
import { type StaffSession, shortId } from "../session";
import { Actions } from "./actions";
import { isPassed } from "./astray";
import { type Letter, ReviewDesk } from "./desk";
import { Outbox } from "./outbox";
import { Rail } from "./rail";
import { RecallDialog } from "./recall";
import "./review.css";
import { Sheet } from "./sheet";
import { Side } from "./side";

/** The desks of a session outlive a look at another face: what was typed is still there afterwards. */
const kept = new WeakMap<StaffSession, Map<string, { desk: ReviewDesk; outbox: Outbox }>>();

/** The console of somebody's review desk. */
export default function ReviewFace({ session }: FaceProps) {
  const { t } = useWords();
  const desks = session.desks("review").filter((desk) => session.hasDeskKey(desk.id));
  const [id, setId] = useState(desks[0]?.id);
  if (id === undefined) {
    return (
      <section class="card empty">
        <h1>{t("review.nokey")}</h1>
        <p>{t("review.nokey.cure")}</p>
      </section>
    );
  }
  const other = desks.length > 1 && <DeskChoice ids={desks.map((desk) => desk.id)} id={id} onChoose={setId} />;
  return <Console key={id} {...deskOf(session, id)} other={other} />;
}

/** Which desk to sit at, for whoever works at several. */
function DeskChoice({ ids, id, onChoose }: { ids: readonly string[]; id: string; onChoose: (id: string) => void }) {
  const { t } = useWords();
  return (
    <select aria-label={t("review.desk")} value={id} onChange={(event) => onChoose(event.currentTarget.value)}>
      {ids.map((one) => (
        <option key={one} value={one}>
          {t("desk.review")} {shortId(one)}
        </option>
      ))}
    </select>
  );
}

interface ConsoleProps {
  readonly desk: ReviewDesk;
  readonly outbox: Outbox;
  readonly other: ComponentChildren;
}

function Console({ desk, outbox, other }: ConsoleProps) {
  useModel(desk);
  useModel(outbox);
  const { notices, words } = useFrame();
  const { t } = words;
  const [item, setItem] = useState<string>();
  const [isRecalling, setRecalling] = useState(false);
  const found = item === undefined ? undefined : desk.find(item);
  const onPassed = found !== undefined && isPassed(found.row);
  const letters = onPassed ? passedLike(desk, found) : onDesk(desk);
  const current = letters.find((letter) => letter.row.item === item) ?? onDesk(desk).find((one) => asksFor(desk, one));
  const claimNext = () => {
    const next = desk.waiting[0];
    if (next !== undefined && !desk.busy) void desk.claim(next.detainee).then((first) => first && setItem(first));
  };
  const step = (by: number) => setItem(neighbour(letters, current, by)?.row.item);
  const look = () => {
    const astray = passedLike(desk);
    if (astray.length === 0) return notices.say(words.t("astray.none"), "note");
    const at = current === undefined ? -1 : astray.indexOf(current);
    setItem(astray[(at + 1) % astray.length]!.row.item);
  };
  useArrival(desk, outbox);
  usePassed(desk, current);
  useKeys({
    j: { label: t("keys.next"), group: t("keys.letters"), run: () => step(1) },
    k: { label: t("keys.previous"), group: t("keys.letters"), run: () => step(-1) },
    n: { label: t("keys.claim"), group: t("keys.letters"), run: claimNext },
    g: { label: t("keys.reload"), group: t("keys.letters"), run: () => void desk.refresh() },
    s: { label: t("keys.astray"), group: t("keys.letters"), run: look },
    a: { label: t("recall.title"), group: t("keys.letters"), run: () => setRecalling(true) },
    z: { label: t("keys.undo"), group: t("keys.decide"), run: () => setItem(outbox.undo() ?? item) },
    p: current === undefined && { label: t("keys.claim"), group: t("keys.letters"), run: claimNext },
  });
  return (
    <div class="desk">
      <Rail desk={desk} outbox={outbox} current={current} onChoose={setItem} onRecall={() => setRecalling(true)}>
        {other}
      </Rail>
      <div class="centre">
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls has to be reached by keyboard. */}
        <section class="scroller" tabIndex={0} aria-label={t("review.letter")}>
          {current === undefined ? (
            <Idle desk={desk} onClaim={claimNext} />
          ) : (
            <Sheet key={current.row.item} desk={desk} letter={current} />
          )}
        </section>
        {current !== undefined && (
          <Actions
            key={`${current.row.item}-actions`}
            desk={desk}
            outbox={outbox}
            letter={current}
            onDecided={() => step(1)}
          />
        )}
      </div>
      {current?.opened !== undefined && (
        <Side key={`${current.row.item}-side`} desk={desk} letter={current} item={current.opened} />
      )}
      {isRecalling && <RecallDialog desk={desk} about={current?.row.detainee} onClose={() => setRecalling(false)} />}
    </div>
  );
}

/** Nothing is open: what can be done next, or that all is done. */
function Idle({ desk, onClaim }: { desk: ReviewDesk; onClaim: () => void }) {
  const words = useWords();
  const next = desk.waiting[0];
  if ((desk.busy || !desk.hasRead) && desk.lines.length === 0)
    return <p class="soft waiting">{words.t("review.loading")}</p>;
  return (
    <div class="card empty idle">
      <Postmark />
      <h1>{words.t(next === undefined ? "review.alldone" : "review.choose")}</h1>
      <p class="soft">
        {next === undefined ? words.t("review.alldone.text") : words.t("review.choose.text", { count: next.items })}
      </p>
      {next !== undefined && (
        <button type="button" class="main" disabled={desk.busy} onClick={onClaim}>
          {words.t("review.claimoldest")} <kbd>N</kbd>
        </button>
      )}
    </div>
  );
}

/** Read the desk on arrival and after the lock, tell its faults, and warn before what is on its way is lost. */
function useArrival(desk: ReviewDesk, outbox: Outbox): void {
  const { notices, words } = useFrame();
  const { locked } = desk.session;
  useEffect(() => {
    if (!locked) void desk.refresh().then(() => outbox.flushDue());
  }, [desk, outbox, locked]);
  useEffect(() => {
    outbox.onRefused = (fault) => notices.say(`${tellFault(fault, words).what} ${words.t("fault.kept")}`, "fault");
    // On a phone the list of what is on its way stands below the letter, out of sight.
    outbox.onUnsent = () => notices.say(words.t("going.unsent.text"), "note");
  }, [outbox, notices, words]);
  useEffect(() => {
    if (codeOf(desk.fault) === "nothing_offered") notices.say(words.t("problem.nothing_offered"), "note");
  }, [desk.fault, notices, words]);
  useEffect(() => {
    const ask = (event: BeforeUnloadEvent) => {
      if (!outbox.isEmpty) event.preventDefault();
    };
    addEventListener("beforeunload", ask);
    return () => removeEventListener("beforeunload", ask);
  }, [outbox]);
}

/** What can be looked at: claimed letters, then what waits for a second person; what is leaving is gone already. */
function onDesk(desk: ReviewDesk): Letter[] {
  return [...desk.letters, ...desk.contested].filter((letter) => letter.standing !== "leaving");
}

/** Whether a letter asks for something from this member: their own proposals wait for somebody else. */
function asksFor(desk: ReviewDesk, { row }: Letter): boolean {
  return row.state !== "contested" || desk.maySettle(row);
}

/** What was passed, of the kind that is looked at: what has gone astray, or what only waits for its bag. */
function passedLike(desk: ReviewDesk, found?: Letter): Letter[] {
  const isAstray = found === undefined || desk.strayingOf(found.row) !== undefined;
  return desk.passed.filter(
    (one) => one.standing !== "leaving" && (desk.strayingOf(one.row) !== undefined) === isAstray,
  );
}

/** Open what was passed once it is looked at: each asks the relay for what this desk read before. */
function usePassed(desk: ReviewDesk, current: Letter | undefined): void {
  const wanted = current?.standing === "closed" && isPassed(current.row) ? current : undefined;
  const item = wanted?.row.item;
  const isClear = desk.fault === undefined;
  useEffect(() => {
    if (wanted !== undefined) void desk.openPassed(wanted);
    // Another letter, or the same one once the desk was read anew; after a fault it is not asked for again and again.
  }, [desk, item, wanted?.row.head, isClear]);
}

function neighbour(letters: readonly Letter[], current: Letter | undefined, by: number): Letter | undefined {
  const at = letters.indexOf(current as Letter);
  return letters[Math.min(Math.max(at + by, 0), letters.length - 1)];
}

function deskOf(session: StaffSession, id: string) {
  const desks = kept.get(session) ?? new Map<string, { desk: ReviewDesk; outbox: Outbox }>();
  kept.set(session, desks);
  const found = desks.get(id);
  if (found !== undefined) return found;
  const desk = new ReviewDesk(session, id);
  const made = { desk, outbox: new Outbox(desk) };
  desks.set(id, made);
  return made;
}
