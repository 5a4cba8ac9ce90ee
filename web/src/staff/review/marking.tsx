/**
 * The words of a letter, in which places can be blocked out: by selecting with mouse or finger, or by keyboard alone, word
 * by word after X. A reason has to be given, by its digit. The original stays readable; the preview shows the bars.
 */

import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { useWords } from "../frame/context";
import { useKeys } from "../frame/keyboard";
import { addCut, type Cut, codePointAt, type Draft, dropCut, runsOf, type Word, wordsOf } from "./drafts";
import { keyOfReason, TEXT_REASONS } from "./reasons";

interface Props {
  readonly text: string;
  readonly lang: string;
  readonly draft: Draft;
  readonly onDraft: (change: (draft: Draft) => Draft) => void;
}

/** The first and the last word that are marked by keyboard. */
interface WordMark {
  readonly from: number;
  readonly to: number;
}

/** The text, with what is blocked out hatched, and what is being marked highlighted. */
export function Marking({ text, lang, draft, onDraft }: Props) {
  const { t } = useWords();
  const words = useMemo(() => wordsOf(text), [text]);
  const element = useRef<HTMLDivElement>(null);
  const [byWord, setByWord] = useState<WordMark>();
  const [told, setTold] = useState("");
  const [selected, setSelected] = useSelection(element, text);
  const marked = byWord === undefined ? selected : placeOf(words, byWord);
  const stop = () => {
    setByWord(undefined);
    setSelected(undefined);
  };
  const cut = (reason: string) => {
    if (marked === undefined) return;
    onDraft((before) => addCut(before, { ...marked, reason }));
    getSelection()?.removeAllRanges();
    stop();
    setTold(t("mark.done", { reason: t(`reason.${reason}`) }));
  };
  // What was selected with the mouse is what is meant: X must not begin elsewhere.
  const markByWord = () => selected === undefined && setByWord(firstMark(words, draft.cuts));
  useKeys({
    x: { label: t("keys.mark"), group: t("keys.letter"), run: markByWord },
    ...(marked === undefined ? {} : reasonKeys(cut, t)),
    ...(marked === undefined
      ? {}
      : { Escape: { label: t("keys.unmark"), group: t("keys.letter"), run: stop, first: true } }),
    ...(byWord === undefined ? {} : wordKeys(byWord, words.length, setByWord, t)),
  });
  return (
    <>
      <div ref={element} class="letter-text" lang={lang === "und" ? undefined : lang}>
        <Pieces
          text={text}
          cuts={draft.cuts}
          marked={byWord === undefined ? undefined : marked}
          onDrop={(one) => onDraft((before) => dropCut(before, one))}
        />
      </div>
      <p class="hidden" role="status">
        {told}
      </p>
      {marked !== undefined && <ReasonBar byKeyboard={byWord !== undefined} onReason={cut} onStop={stop} />}
    </>
  );
}

/** Spans that know their place, so that a selection can be counted in code points. */
function Pieces({
  text,
  cuts,
  marked,
  onDrop,
}: {
  text: string;
  cuts: readonly Cut[];
  marked: Word | undefined;
  onDrop: (cut: Cut) => void;
}) {
  const { t } = useWords();
  const highlight = useRef<HTMLElement>(null);
  useEffect(() => highlight.current?.scrollIntoView({ block: "nearest" }), [marked?.start, marked?.end]);
  const runs = runsOf(text, cuts).flatMap((run) => splitAt(run, marked));
  return (
    <>
      {runs.map((run) =>
        run.cut !== undefined ? (
          <del key={run.start} data-start={run.start} class="cut" title={t(`reason.${run.cut.reason}`)}>
            {run.text}
            {run.end === run.cut.end && (
              <button type="button" class="uncut" onClick={() => onDrop(run.cut!)}>
                {run.cut.reason} ×
                <span class="hidden">{t("mark.drop", { reason: t(`reason.${run.cut.reason}`) })}</span>
              </button>
            )}
          </del>
        ) : run.isMarked ? (
          <mark key={run.start} data-start={run.start} ref={highlight}>
            {run.text}
          </mark>
        ) : (
          <span key={run.start} data-start={run.start}>
            {run.text}
          </span>
        ),
      )}
    </>
  );
}

/** The reasons, to be pressed or chosen by their digit. */
function ReasonBar({
  byKeyboard,
  onReason,
  onStop,
}: {
  byKeyboard: boolean;
  onReason: (reason: string) => void;
  onStop: () => void;
}) {
  const { t } = useWords();
  return (
    <fieldset class="reason-bar" aria-label={t("mark.why")}>
      <p>
        <strong>{t("mark.why")}</strong> {byKeyboard && <span class="soft small">{t("mark.how")}</span>}
      </p>
      <div class="reasons">
        {TEXT_REASONS.map((reason, at) => (
          // The selection would be gone if the button took the focus first.
          <button
            key={reason}
            type="button"
            onMouseDown={(event) => event.preventDefault()}
            onClick={() => onReason(reason)}
          >
            <kbd>{keyOfReason(at)}</kbd> {t(`reason.${reason}`)}
          </button>
        ))}
        <button type="button" class="plain" onClick={onStop}>
          {t("mark.stop")}
        </button>
      </div>
    </fieldset>
  );
}

/** Follow what is selected inside the text, in code points. */
function useSelection(element: { readonly current: HTMLDivElement | null }, text: string) {
  const [selected, setSelected] = useState<Word>();
  useEffect(() => {
    const follow = () => {
      const selection = getSelection();
      const range = selection !== null && selection.rangeCount > 0 ? selection.getRangeAt(0) : undefined;
      const isInside =
        range !== undefined && !range.collapsed && element.current?.contains(range.commonAncestorContainer);
      setSelected(
        isInside
          ? trimmed(text, {
              start: placeIn(range.startContainer, range.startOffset),
              end: placeIn(range.endContainer, range.endOffset),
            })
          : undefined,
      );
    };
    document.addEventListener("selectionchange", follow);
    return () => document.removeEventListener("selectionchange", follow);
  }, [element, text]);
  return [selected, setSelected] as const;
}

/** A place in the text, from a place in the page. */
function placeIn(node: Node, offset: number): number {
  const piece = (node instanceof Element ? node : node.parentElement)?.closest<HTMLElement>("[data-start]");
  if (piece === null || piece === undefined) {
    // Between two pieces: the one that begins there, or the end of the one before.
    const child = node.childNodes[offset] ?? node.childNodes[offset - 1];
    const start = child instanceof HTMLElement ? Number(child.dataset.start ?? 0) : 0;
    return node.childNodes[offset] === undefined ? start + Array.from(child?.textContent ?? "").length : start;
  }
  const start = Number(piece.dataset.start);
  return node instanceof Text ? start + codePointAt(node.data, offset) : start;
}

/** Without the spaces at both ends, which double clicks bring along. */
function trimmed(text: string, { start, end }: Word): Word | undefined {
  const characters = Array.from(text);
  let [from, to] = [start, Math.min(end, characters.length)];
  while (from < to && /\s/u.test(characters[from]!)) from++;
  while (to > from && /\s/u.test(characters[to - 1]!)) to--;
  return to > from ? { start: from, end: to } : undefined;
}

function splitAt(run: ReturnType<typeof runsOf>[number], marked: Word | undefined) {
  if (marked === undefined || marked.end <= run.start || marked.start >= run.end) return [{ ...run, isMarked: false }];
  const characters = Array.from(run.text);
  const edges = [run.start, Math.max(run.start, marked.start), Math.min(run.end, marked.end), run.end];
  return [0, 1, 2]
    .map((at) => ({ start: edges[at]!, end: edges[at + 1]!, cut: run.cut, isMarked: at === 1 }))
    .filter(({ start, end }) => end > start)
    .map((piece) => ({ ...piece, text: characters.slice(piece.start - run.start, piece.end - run.start).join("") }));
}

function placeOf(words: readonly Word[], mark: WordMark): Word | undefined {
  const [first, last] = [words[Math.min(mark.from, mark.to)], words[Math.max(mark.from, mark.to)]];
  return first && last && { start: first.start, end: last.end };
}

/** Begin at the first word after what was blocked out last. */
function firstMark(words: readonly Word[], cuts: readonly Cut[]): WordMark | undefined {
  const after = cuts.at(-1)?.end ?? 0;
  const at = Math.max(
    0,
    words.findIndex((word) => word.start >= after),
  );
  return words.length === 0 ? undefined : { from: at, to: at };
}

type T = (key: string) => string;

function reasonKeys(cut: (reason: string) => void, t: T) {
  const entries = TEXT_REASONS.map((reason, at) => [
    keyOfReason(at),
    { label: t(`reason.${reason}`), group: t("keys.reasons"), run: () => cut(reason), first: true },
  ]);
  return Object.fromEntries(entries);
}

function wordKeys(mark: WordMark, count: number, set: (mark: WordMark) => void, t: T) {
  const within = (at: number) => Math.min(Math.max(at, 0), count - 1);
  const go = (by: number) => set({ from: within(mark.to + by), to: within(mark.to + by) });
  const stretch = (by: number) => set({ from: mark.from, to: within(mark.to + by) });
  const group = t("keys.letter");
  return {
    ArrowRight: { label: t("keys.wordon"), group, run: () => go(1) },
    ArrowLeft: { label: t("keys.wordback"), group, run: () => go(-1) },
    "Shift+ArrowRight": { label: t("keys.wider"), group, run: () => stretch(1) },
    "Shift+ArrowLeft": { label: t("keys.narrower"), group, run: () => stretch(-1) },
    ArrowDown: { label: t("keys.tenon"), group, run: () => go(10) },
    ArrowUp: { label: t("keys.tenback"), group, run: () => go(-10) },
    "Shift+ArrowDown": { label: t("keys.tenwider"), group, run: () => stretch(10) },
    "Shift+ArrowUp": { label: t("keys.tennarrower"), group, run: () => stretch(-10) },
  };
}
