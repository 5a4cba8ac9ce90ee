/** The left side: what I hold, what waits for a second person, the lines by age, what is on its way, and today's numbers. */

import type { ComponentChildren } from "preact";
import { showNumber } from "../../core/codes";
import { useModel, useWords } from "../frame/context";
import { codeOf, FaultCard } from "../frame/faults";
import { Icon } from "../frame/icons";
import { type AgeStep, ageOf } from "./ages";
import { isPassed } from "./astray";
import type { Deed } from "./counters";
import type { Letter, Line, ReviewDesk } from "./desk";
import { hasWork, MOST_PASSED } from "./desk";
import type { Outbox } from "./outbox";

interface Props {
  readonly desk: ReviewDesk;
  readonly outbox: Outbox;
  readonly current: Letter | undefined;
  readonly onChoose: (item: string) => void;
  /** Asked to take replies back whose family has lost its code. */
  readonly onRecall: () => void;
  readonly children?: ComponentChildren;
}

/** The rail. */
export function Rail({ desk, outbox, current, onChoose, onRecall, children }: Props) {
  const { t } = useWords();
  const mine = desk.letters.filter((letter) => letter.standing !== "leaving");
  const astray = desk.astray.filter((letter) => letter.standing !== "leaving");
  const second = desk.contested.filter((letter) => letter.standing !== "leaving");
  return (
    <aside class="rail" aria-label={t("rail.title")}>
      {children}
      {desk.fault !== undefined && codeOf(desk.fault) !== "nothing_offered" && (
        <FaultCard fault={desk.fault}>
          <button type="button" onClick={() => void desk.refresh()}>
            {t("gate.again")}
          </button>
        </FaultCard>
      )}
      <Going outbox={outbox} />
      <Letters title={t("rail.mine", { count: mine.length })} letters={mine} current={current} onChoose={onChoose} />
      <Letters
        title={t("rail.second", { count: second.length })}
        letters={second}
        current={current}
        onChoose={onChoose}
      />
      <Letters
        title={t("rail.astray", { count: astray.length })}
        letters={astray}
        current={current}
        onChoose={onChoose}
        hint="S"
      />
      <Lines desk={desk} onChoose={onChoose} />
      <Waiting desk={desk} current={current} onChoose={onChoose} />
      <Today desk={desk} />
      <section>
        <button type="button" class="plain lost-code" onClick={onRecall}>
          {t("recall.open")} <kbd>A</kbd>
        </button>
      </section>
    </aside>
  );
}

/** What was passed and waits for its bag: it can still be sent elsewhere or back, but nothing asks for it. */
function Waiting({ desk, current, onChoose }: Pick<Props, "desk" | "current" | "onChoose">) {
  const { t } = useWords();
  const waiting = desk.passed.filter((one) => one.standing !== "leaving" && desk.strayingOf(one.row) === undefined);
  if (waiting.length === 0) return null;
  return (
    <details>
      <summary>{t("rail.waiting", { count: waiting.length })}</summary>
      {desk.passed.length >= MOST_PASSED && <p class="soft small">{t("rail.waiting.more")}</p>}
      <Choices letters={waiting} current={current} onChoose={onChoose} />
    </details>
  );
}

function Letters({
  title,
  letters,
  current,
  onChoose,
  hint,
}: { title: string; letters: readonly Letter[]; hint?: string } & Pick<Props, "current" | "onChoose">) {
  if (letters.length === 0) return null;
  return (
    <section>
      <h2>
        {title} {hint !== undefined && <kbd>{hint}</kbd>}
      </h2>
      <Choices letters={letters} current={current} onChoose={onChoose} />
    </section>
  );
}

function Choices({ letters, current, onChoose }: { letters: readonly Letter[] } & Pick<Props, "current" | "onChoose">) {
  const { t } = useWords();
  return (
    <ul class="choices">
      {letters.map((letter) => (
        <li key={letter.row.item}>
          <button
            type="button"
            aria-current={letter === current ? "true" : undefined}
            onClick={() => onChoose(letter.row.item)}
          >
            <span class="grow">
              <span class="mono">{whose(letter.row.detainee, t)}</span>
              <span class="soft small">{beginning(letter, t)}</span>
            </span>
            {letter.fault !== undefined || letter.standing === "lost" ? <Icon name="warning" /> : null}
            {letter.row.kind === "reply" && <span class="badge new">{t("kind.reply")}</span>}
            {hasWork(letter) && <span class="dot" title={t("rail.hasdraft")} />}
            <AgeMark since={letter.row.acceptedAt} />
          </button>
        </li>
      ))}
    </ul>
  );
}

/** The lines, oldest first; a hint of language where a colleague left one. */
function Lines({ desk, onChoose }: Pick<Props, "desk" | "onChoose">) {
  const words = useWords();
  const { t } = words;
  const waiting = desk.lines.reduce((sum, line) => sum + line.items, 0);
  return (
    <section>
      <h2>{t("rail.lines", { count: waiting })}</h2>
      {desk.lines.length === 0 && (
        <p class="soft small">{t(desk.busy || !desk.hasRead ? "gate.loading" : "rail.nolines")}</p>
      )}
      {desk.hints.length > 0 && (
        <fieldset class="hints">
          <legend class="hidden">{t("rail.hints")}</legend>
          {[undefined, ...desk.hints].map((hint) => (
            <button key={hint ?? ""} type="button" aria-pressed={hint === desk.wanted} onClick={() => desk.want(hint)}>
              {hint === undefined ? t("rail.all") : words.language(hint)}
            </button>
          ))}
        </fieldset>
      )}
      <ul class="choices">
        {desk.waiting.map((line) => (
          <LineChoice key={line.detainee} desk={desk} line={line} onChoose={onChoose} />
        ))}
      </ul>
    </section>
  );
}

function LineChoice({ desk, line, onChoose }: Pick<Props, "desk" | "onChoose"> & { line: Line }) {
  const words = useWords();
  return (
    <li>
      <button
        type="button"
        disabled={desk.busy}
        title={words.t("rail.claim")}
        onClick={() => void desk.claim(line.detainee).then((item) => item && onChoose(item))}
      >
        <span class="grow">
          <span class="mono">{whose(line.detainee, words.t)}</span>
          <span class="soft small">
            {words.t("rail.letters", { count: line.items })}
            {line.hints.length > 0 && ` · ${line.hints.map((hint) => words.language(hint)).join(", ")}`}
          </span>
        </span>
        <AgeMark since={line.since} />
      </button>
    </li>
  );
}

/** How long something waits: words, a filling shape, and a colour, so that no one of them is needed alone. */
export function AgeMark({ since }: { since: string }) {
  const { t } = useWords();
  const age = ageOf(since, Date.now());
  return (
    <span class={`age age-${age.step}`} title={t(`age.step.${age.step}`)}>
      <AgeShape step={age.step} />
      {t(`age.${age.unit}`, { count: age.count })}
    </span>
  );
}

const FILLINGS: Readonly<Record<AgeStep, string>> = {
  0: "",
  1: "M8 2.5A5.5 5.5 0 0 1 13.5 8H8z",
  2: "M8 2.5a5.5 5.5 0 0 1 0 11z",
  3: "M8 2.5a5.5 5.5 0 1 1 0 11 5.5 5.5 0 0 1 0-11z",
};

function AgeShape({ step }: { step: AgeStep }) {
  return (
    <svg viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      <circle cx="8" cy="8" r="5.5" />
      {step > 0 && <path d={FILLINGS[step]} />}
    </svg>
  );
}

/** What is on its way, and how to take it back. */
function Going({ outbox }: { outbox: Outbox }) {
  useModel(outbox);
  const { t } = useWords();
  if (outbox.isEmpty) return null;
  return (
    <section class="going" aria-live="off">
      <h2>{t("rail.going")}</h2>
      <ul>
        {outbox.entries.map(({ decision, going }) => (
          <li key={decision.item} class={`going-${going}`}>
            {t(`deed.${decision.deed}`)} <span class="soft small">{t(`going.${going}`)}</span>
          </li>
        ))}
      </ul>
      {outbox.entries.some(({ going }) => going === "waiting") && (
        <button type="button" onClick={() => outbox.undo()}>
          {t("keys.undo")} <kbd>Z</kbd>
        </button>
      )}
      {outbox.entries.some(({ going }) => going === "unsent") && <p class="small">{t("going.unsent.text")}</p>}
    </section>
  );
}

const SHOWN: readonly Deed[] = [
  "passed",
  "forwarded",
  "returned",
  "redirected",
  "recalled",
  "withheld",
  "escalated",
  "released",
  "matched",
  "overturned",
];

function Today({ desk }: { desk: ReviewDesk }) {
  const words = useWords();
  const { counts } = desk.counters;
  const done = SHOWN.filter((deed) => counts[deed] > 0);
  return (
    <section class="today">
      <h2>{words.t("rail.today")}</h2>
      {done.length === 0 ? (
        <p class="soft small">{words.t("rail.nothingyet")}</p>
      ) : (
        <dl>
          {done.map((deed) => (
            <div key={deed}>
              <dd>{words.number(counts[deed])}</dd>
              <dt>{words.t(`deed.${deed}`)}</dt>
            </div>
          ))}
        </dl>
      )}
    </section>
  );
}

/** A number in groups, or that it is not known. */
export function whose(detainee: string, t: (key: string) => string): string {
  return detainee === "unknown" ? t("detainee.unknown") : showNumber(detainee);
}

function beginning(letter: Letter, t: (key: string) => string): string {
  if (letter.standing === "closed") return t(isPassed(letter.row) ? `rail.state.${letter.row.state}` : "rail.opening");
  if (letter.standing === "lost") return t("rail.lost");
  if (letter.opened === undefined) return t("rail.unreadable");
  return letter.opened.letter.manifest.text.trim().slice(0, 60) || t("rail.notext");
}
