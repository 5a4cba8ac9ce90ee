/** What the relay counts of itself, in plain words: calls done and refused, how long they took, what the process takes. */

import { bytes, quick, span } from "../boards/amounts";
import type { Asked } from "../boards/asking";
import { Answer, Figure, Panel, Table } from "../boards/parts";
import { useWords } from "../frame/context";
import { type Figures, wordOf } from "./figures";

/** What was done, and how fast. */
export function FiguresPanel({ figures }: { figures: Asked<Figures> }) {
  const words = useWords();
  const { t } = words;
  return (
    <Panel title={t("operate.figures")} lead={t("operate.figures.lead")} wide>
      <Answer asked={figures}>
        {(all) => (
          <>
            <Heads all={all} />
            <Table
              caption={t("operate.calls")}
              columns={[
                { name: t("operate.calls.what") },
                { name: t("operate.calls.done"), number: true },
                { name: t("board.p50"), number: true },
                { name: t("board.p95"), number: true },
              ]}
              rows={all.done.map(({ what, count }) => {
                const latency = all.latencies.find((one) => one.what === what)?.latency;
                const took = (seconds: number | undefined) => (seconds === undefined ? "–" : quick(seconds, words));
                return [t(`operate.call.${what}`), words.number(count), took(latency?.p50), took(latency?.p95)];
              })}
            />
            <p class="hint">{t("operate.calls.why")}</p>
          </>
        )}
      </Answer>
    </Panel>
  );
}

function Heads({ all }: { all: Figures }) {
  const words = useWords();
  const { t } = words;
  const letters = all.done.find(({ what }) => what === "letters")?.count ?? 0;
  const up = all.since === undefined ? undefined : Math.max(0, (Date.now() - all.since) / 1000);
  return (
    <div class="figures">
      <Figure value={words.number(letters)} label={t("operate.accepted", { count: letters })} />
      <Figure value={words.number(all.requests)} label={t("operate.requests", { count: all.requests })} />
      <Figure value={words.number(all.refusedCalls)} label={t("operate.refused", { count: all.refusedCalls })} />
      <Figure
        value={words.number(all.failedCalls)}
        label={t("operate.failed", { count: all.failedCalls })}
        tone={all.failedCalls > 0 ? "bad" : "plain"}
      />
      {up !== undefined && <Figure value={span(up, words)} label={t("operate.up")} />}
      {all.memoryBytes !== undefined && <Figure value={bytes(all.memoryBytes, words)} label={t("operate.memory")} />}
      {all.openFiles !== undefined && (
        <Figure value={words.number(all.openFiles)} label={t("operate.files", { most: all.mostFiles ?? "?" })} />
      )}
    </div>
  );
}

/** What was refused, and what went wrong: by what was asked, and by why. */
export function CallsPanel({ figures }: { figures: Asked<Figures> }) {
  const { t } = useWords();
  // Why there are none is told once, where the figures would stand.
  if (figures.answer === undefined) return null;
  const { refused, problems } = figures.answer;
  return (
    <Panel title={t("operate.refusals")} lead={t("operate.refusals.lead")} wide>
      {refused.length === 0 && <p>{t("operate.refusals.none")}</p>}
      {refused.length > 0 && <Calls refused={refused} />}
      {problems.length > 0 && <Problems problems={problems} />}
    </Panel>
  );
}

function Calls({ refused }: Pick<Figures, "refused">) {
  const words = useWords();
  const { t } = words;
  return (
    <Table
      captionShown
      caption={t("operate.refusals.calls")}
      columns={[
        { name: t("operate.calls.what") },
        { name: t("operate.route") },
        { name: t("operate.refusals.refused"), number: true },
        { name: t("operate.refusals.failed"), number: true },
      ]}
      rows={refused.map((one) => {
        const what = wordOf(one.method, one.route);
        return [
          t(what === undefined ? "operate.call.other" : `operate.call.${what}`),
          <code key="route">{`${one.method} ${one.route}`}</code>,
          words.number(one.refused),
          words.number(one.failed),
        ];
      })}
    />
  );
}

/** By code, with what staff are told for it, where these pages have words for it. */
function Problems({ problems }: Pick<Figures, "problems">) {
  const words = useWords();
  const { t } = words;
  return (
    <Table
      captionShown
      caption={t("operate.refusals.codes")}
      columns={[
        { name: t("operate.refusals.code") },
        { name: t("operate.refusals.told") },
        { name: t("operate.refusals.count"), number: true },
      ]}
      rows={problems.map(({ code, count }) => [
        <code key="code">{code}</code>,
        words.has(`problem.${code}`) ? t(`problem.${code}`) : "–",
        words.number(count),
      ])}
    />
  );
}
