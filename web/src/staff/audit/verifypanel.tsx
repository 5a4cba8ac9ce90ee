/** The verification: started here, watched chapter by chapter, and ended in a word or in the number of a step. */

import { useEffect, useRef, useState } from "preact/hooks";
import { Badge, Command, Panel, type Tone } from "../boards/parts";
import { saveFile } from "../boards/saving";
import { useFrame, useModel, useWords } from "../frame/context";
import { FaultCard, tellFault } from "../frame/faults";
import { Icon } from "../frame/icons";
import { now } from "../wire";
import { type Chapter, type ChapterState, chaptersOf } from "./chapters";
import type { BrokenAt, Unbroken } from "./protocol";
import type { AuditRun } from "./run";
import { sheetOf } from "./sheet";

const TONES: Readonly<Record<ChapterState, Tone>> = {
  waiting: "plain",
  now: "new",
  holds: "good",
  failed: "bad",
  unreached: "old",
  skipped: "plain",
};

/** The panel. */
export function VerifyPanel({ run }: { run: AuditRun }) {
  useModel(run);
  const words = useWords();
  const { t } = words;
  const { ended } = run.memory;
  return (
    <Panel title={t("audit.verify")} wide>
      <div aria-live="polite">
        {run.unbroken && <Passed run={run} unbroken={run.unbroken} />}
        {run.broken && <Failed broken={run.broken} />}
      </div>
      {run.fault && (
        <FaultCard fault={run.fault}>
          <p>{t("audit.fault.proves")}</p>
        </FaultCard>
      )}
      {run.phase === "idle" && (
        <>
          <p>{t("audit.verify.what")}</p>
          <p class="soft">
            {ended === undefined
              ? t("audit.verify.never")
              : t(ended.step === undefined ? "audit.verify.lastgood" : "audit.verify.lastbad", {
                  day: words.moment(ended.at),
                  size: ended.size,
                  step: ended.step ?? "",
                })}
          </p>
        </>
      )}
      {run.phase === "fetching" && <Fetching run={run} />}
      <div class="row">
        <button
          type="button"
          class={run.phase === "idle" ? "main" : ""}
          disabled={run.busy}
          onClick={() => run.startRelay()}
        >
          <Icon name="search" /> {t(`audit.verify.${run.busy ? "busy" : run.phase === "idle" ? "go" : "again"}`)}
        </button>
        {!run.busy && <ChooseBundle run={run} />}
        {run.busy && (
          <button type="button" onClick={() => run.stop()}>
            {t("audit.verify.stop")}
          </button>
        )}
        {run.hasEvidence && <Keep run={run} />}
      </div>
      {run.phase !== "idle" && run.phase !== "fetching" && run.phase !== "fault" && <Chapters run={run} />}
    </Panel>
  );
}

/** A bundle on this computer; `webkitdirectory` is what browsers call the choice of a folder. */
function ChooseBundle({ run }: { run: AuditRun }) {
  const { t } = useWords();
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (field.current) field.current.webkitdirectory = true;
  }, []);
  return (
    <>
      <button type="button" onClick={() => field.current?.click()}>
        {t("audit.verify.files")}
      </button>
      <input
        ref={field}
        type="file"
        hidden
        multiple
        aria-label={t("audit.verify.files")}
        onChange={({ currentTarget: { files } }) => files && files.length > 0 && run.startFiles(files)}
      />
    </>
  );
}

function Fetching({ run }: { run: AuditRun }) {
  const { t } = useWords();
  const { what, done, total } = run.fetched;
  return (
    <div class="chapter-now" role="status">
      <label for="audit-fetching">{t(`audit.fetch.${what}`, { done, total })}</label>
      <progress id="audit-fetching" value={done} max={Math.max(total, 1)} />
    </div>
  );
}

function Passed({ run, unbroken }: { run: AuditRun; unbroken: Unbroken }) {
  const words = useWords();
  const { t } = words;
  const { size, root, recomputed, report } = unbroken;
  const moves = Object.values(report.events).reduce((sum, count) => sum + count, 0);
  return (
    <div class="verdict good">
      <Icon name="check" />
      <div>
        <p class="word">{t("audit.unbroken")}</p>
        <p>{t("audit.unbroken.what", { steps: recomputed.length, size, moves })}</p>
        <p class="mono wrap soft">{root}</p>
        <p>{t("audit.unbroken.when", { day: words.moment(run.at) })}</p>
      </div>
    </div>
  );
}

function Failed({ broken }: { broken: BrokenAt }) {
  const words = useWords();
  const { t } = words;
  const said = `audit.step.${broken.step}`;
  const detail = broken.found.split(": ").slice(1).join(": ");
  return (
    <div class="verdict bad" role="alert">
      <Icon name="warning" />
      <div>
        <p class="word">{t("audit.broken", { step: broken.step })}</p>
        <p class="what">{words.has(said) ? t(said) : broken.found}</p>
        {broken.item && (
          <p>
            {t("audit.broken.item")} <span class="mono wrap">{broken.item}</span>
          </p>
        )}
        {broken.step === "3.2" && <p>{t("audit.broken.old")}</p>}
        <p>{t("audit.broken.todo")}</p>
        {detail !== "" && <p class="soft mono wrap">{detail}</p>}
      </div>
    </div>
  );
}

/** What can be kept: the evidence, the report, and a statement in the log. */
function Keep({ run }: { run: AuditRun }) {
  const { words, notices } = useFrame();
  const { t } = words;
  const [busy, setBusy] = useState(false);
  const told = (act: () => Promise<string>) => async () => {
    setBusy(true);
    try {
      notices.say(await act());
    } catch (fault) {
      const { what, cure } = tellFault(fault, words);
      notices.say(`${what} ${cure}`, "fault");
    } finally {
      setBusy(false);
    }
  };
  const folder = `evidence-${now().slice(0, 10)}`;
  const keepBundle = told(async () => {
    saveFile(`${folder}.tar`, await run.bundle(folder));
    return t("audit.kept.bundle");
  });
  const keepSheet = told(async () => {
    const { report, origin, size, root } = run.unbroken!;
    const about = { origin, size, root, at: run.at };
    saveFile(`report-${now().slice(0, 10)}.csv`, new Blob([sheetOf(report, about)], { type: "text/csv" }));
    return t("audit.kept.sheet");
  });
  const sign = told(async () => t("audit.signed", { index: await run.sign(), size: run.unbroken?.size ?? 0 }));
  return (
    <>
      <button type="button" disabled={busy} onClick={keepBundle}>
        {t("audit.keep.bundle")}
      </button>
      {run.unbroken && (
        <>
          <button type="button" disabled={busy} onClick={keepSheet}>
            {t("audit.keep.sheet")}
          </button>
          <button type="button" disabled={busy} onClick={sign}>
            <Icon name="key" /> {t("audit.sign")}
          </button>
          <p class="hint">{t("audit.sign.why")}</p>
        </>
      )}
    </>
  );
}

function Chapters({ run }: { run: AuditRun }) {
  const { t } = useWords();
  const { phase, reading, walking, broken, startedWithSeen } = run;
  const chapters = chaptersOf({ phase, reading, walking, step: broken?.step, seen: startedWithSeen });
  return (
    <>
      <ol class="chapters">
        {chapters.map((chapter) => (
          <ChapterRow key={chapter.number} chapter={chapter} />
        ))}
      </ol>
      <NotChecked run={run} />
      <details class="turn-over">
        <summary>{t("audit.limits")}</summary>
        <ul>
          {["delivered", "text", "taken", "freely", "time", "erased"].map((what) => (
            <li key={what}>{t(`audit.limit.${what}`)}</li>
          ))}
        </ul>
      </details>
    </>
  );
}

function ChapterRow({ chapter: { number, state, progress } }: { chapter: Chapter }) {
  const { t } = useWords();
  return (
    <li class={state}>
      <span class="number">{number}</span>
      <span class="title">
        {t(`audit.chapter.${number}`)}
        {progress && (
          <progress value={progress.done} max={Math.max(progress.total, 1)} aria-label={t(`audit.chapter.${number}`)} />
        )}
      </span>
      <Badge tone={TONES[state]}>{t(`audit.state.${state}`)}</Badge>
    </li>
  );
}

/** What was not checked here, and the command that does. */
function NotChecked({ run }: { run: AuditRun }) {
  const { t } = useWords();
  const missing = run.unbroken?.notRecomputed ?? [];
  const reasons = [...new Set(missing.map(({ why }) => why))];
  return (
    <div class="turn-over">
      {reasons.map((why) => (
        <p key={why}>
          <strong>
            {missing
              .filter((one) => one.why === why)
              .map(({ step }) => step)
              .join(", ")}
          </strong>{" "}
          – {t(`audit.notchecked.${why}`)}
        </p>
      ))}
      <p class="hint">{t("audit.otherway")}</p>
      <Command
        line={`letter-relay audit verify --relay ${address()} --trust FINGERPRINT --keyring keyring.age --code-file - --state seen.checkpoint`}
      />
    </div>
  );
}

/** The relay's address, where the page knows it: a page that the installed client serves stands at this machine's. */
function address(): string {
  return /^(localhost|127\.|\[::1\])/.test(location.hostname) ? "URL" : location.origin;
}
