/** What an unbroken log tells: where items are, how long they waited, who has not acknowledged what, and both sides. */

import type { Report } from "../../core/audit/report";
import { span } from "../boards/amounts";
import { Badge, Figure, Panel, Table } from "../boards/parts";
import { useWords } from "../frame/context";
import { DwellPanel, inOrder, ParityPanel } from "./plots";
import type { Unbroken } from "./protocol";
import type { AuditRun } from "./run";

const MOST_ROWS = 50;

/** All of them. */
export function FindingsPanels({ run, unbroken }: { run: AuditRun; unbroken: Unbroken }) {
  const { report } = unbroken;
  return (
    <>
      <CountsPanel report={report} />
      <AskPanel report={report} />
      <DwellPanel report={report} />
      <ParityPanel report={report} />
      <UnacceptedPanel run={run} report={report} />
    </>
  );
}

function CountsPanel({ report }: { report: Report }) {
  const words = useWords();
  const { t } = words;
  const { deliveries } = report;
  return (
    <Panel title={t("audit.counts")} wide>
      <div class="figures">
        {Object.entries(report.kinds).map(([kind, count]) => (
          <Figure key={kind} value={words.number(count)} label={t(`audit.kind.${kind}`, { count })} />
        ))}
        <Figure value={words.number(deliveries.signed)} label={t("audit.delivered.signed")} />
        <Figure value={words.number(deliveries.signed_with_paper)} label={t("audit.delivered.paper")} />
        <Figure value={words.number(deliveries.keyless)} label={t("audit.delivered.keyless")} />
      </div>
      <div class="plot">
        <Table
          captionShown
          caption={t("audit.states")}
          columns={[{ name: t("audit.state") }, { name: t("audit.items"), number: true }]}
          rows={inOrder(report.states).map(([state, count]) => [t(`audit.is.${state}`), words.number(count)])}
        />
        <Table
          captionShown
          caption={t("audit.entries")}
          columns={[{ name: t("audit.entrykind") }, { name: t("audit.number"), number: true }]}
          rows={Object.entries(report.entries).map(([kind, count]) => [t(`audit.entry.${kind}`), words.number(count)])}
        />
      </div>
    </Panel>
  );
}

/** What breaks nothing, and is worth a question. */
function AskPanel({ report }: { report: Report }) {
  const words = useWords();
  const { t } = words;
  const unlike = report.unlike_register;
  const nothing =
    report.differing_audits === 0 &&
    unlike?.length === 0 &&
    report.gaps.length === 0 &&
    report.erased === 0 &&
    report.unopened === 0;
  return (
    <Panel title={t("audit.ask")} lead={t("audit.ask.lead")} wide>
      {nothing && (
        <p>
          <Badge tone="good">{t("audit.ask.nothing")}</Badge>
        </p>
      )}
      <ul class="asks">
        {report.differing_audits > 0 && <li>{t("audit.ask.audits", { count: report.differing_audits })}</li>}
        {unlike === null && <li>{t("audit.ask.register")}</li>}
        {unlike !== null && unlike.length > 0 && <li>{t("audit.ask.unlike", { count: unlike.length })}</li>}
        {report.unopened > 0 && <li>{t("audit.ask.unopened", { count: report.unopened })}</li>}
        {report.erased > 0 && (
          <li>
            {t("audit.ask.erased", { count: report.erased })}{" "}
            {report.erased_after_seconds !== null &&
              t("audit.ask.youngest", { span: span(report.erased_after_seconds, words) })}
          </li>
        )}
      </ul>
      {unlike !== null && unlike.length > 0 && (
        <Table
          caption={t("audit.ask.unlike", { count: unlike.length })}
          columns={[{ name: t("audit.item") }, { name: t("audit.event") }, { name: t("audit.when") }]}
          rows={unlike.slice(0, MOST_ROWS).map((one) => [
            <span key="item" class="mono wrap">
              {one.item}
            </span>,
            t(`audit.event.${one.event}`),
            words.moment(one.at),
          ])}
        />
      )}
      <h3>{t("audit.gaps")}</h3>
      {report.gaps.length === 0 ? (
        <p>{t("audit.gaps.none")}</p>
      ) : (
        <Table
          caption={t("audit.gaps")}
          columns={[
            { name: t("audit.gaps.after") },
            { name: t("audit.gaps.before") },
            { name: t("audit.gaps.long"), number: true },
          ]}
          rows={report.gaps
            .slice(0, MOST_ROWS)
            .map((gap) => [words.moment(gap.after), words.moment(gap.before), span(gap.seconds, words)])}
        />
      )}
    </Panel>
  );
}

function UnacceptedPanel({ run, report }: { run: AuditRun; report: Report }) {
  const words = useWords();
  const { t } = words;
  const { unaccepted } = report;
  return (
    <Panel title={t("audit.unaccepted")} lead={t("audit.unaccepted.lead")} wide>
      {unaccepted.length === 0 ? (
        <p>{t("audit.unaccepted.none")}</p>
      ) : (
        <Table
          caption={t("audit.unaccepted")}
          columns={[
            { name: t("audit.item") },
            { name: t("audit.bag") },
            { name: t("audit.desk") },
            { name: t("audit.since") },
            { name: t("audit.age"), number: true },
          ]}
          rows={unaccepted.slice(0, MOST_ROWS).map((one) => [
            <button key="item" type="button" class="plain mono" onClick={() => run.choose(one.item)}>
              {one.item.slice(0, 8)}
              <span class="hidden"> {t("audit.chain.show")}</span>
            </button>,
            <span key="bag" class="mono">
              {one.bag.slice(0, 8)}
            </span>,
            <span key="desk" class="mono">
              {one.desk.slice(0, 8)}
            </span>,
            words.moment(one.since),
            span(one.age_seconds, words),
          ])}
        />
      )}
      {unaccepted.length > MOST_ROWS && <p class="hint">{t("audit.more", { count: unaccepted.length - MOST_ROWS })}</p>}
    </Panel>
  );
}
