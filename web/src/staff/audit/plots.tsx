/** How long items stayed, and how both sides fare: each as a plot, and as the table of the same figures. */

import type { Report } from "../../core/audit/report";
import { span } from "../boards/amounts";
import { Panel, Table } from "../boards/parts";
import { useWords } from "../frame/context";
import { Bars, type Pattern } from "./bars";

/** In the order of an item's life. */
const STATES = (
  "held queued claimed contested escalated passed bagged received missing ready returned withheld withdrawn lost " +
  "delivered refused undeliverable collected expired"
).split(" ");
const MEASURES = ["submitted", "passed", "delivered", "withheld"] as const;
/** Not told apart by colour alone: full, hatched by its edge, full, empty. */
const PATTERNS: readonly Pattern[] = [0, 2, 1, 3];
const NO_SIDE = "unknown";

/** How long items stayed in each state. */
export function DwellPanel({ report }: { report: Report }) {
  const words = useWords();
  const { t } = words;
  const dwell = inOrder(report.dwell);
  if (dwell.length === 0) return null;
  return (
    <Panel title={t("audit.dwell")} lead={t("audit.dwell.lead")} wide>
      <div class="plot">
        <Bars
          title={t("audit.dwell")}
          keys={[
            { name: t("board.p50"), pattern: 0 },
            { name: t("board.p95"), pattern: 1 },
          ]}
          rows={dwell.map(([state, { p50_seconds, p95_seconds }]) => ({
            label: t(`audit.is.${state}`),
            bars: [
              { value: p50_seconds, says: span(p50_seconds, words), pattern: 0 },
              { value: p95_seconds, says: span(p95_seconds, words), pattern: 1 },
            ],
          }))}
        />
        <Table
          caption={t("audit.dwell")}
          columns={[
            { name: t("audit.dwell.left") },
            { name: t("audit.items"), number: true },
            { name: t("board.p50"), number: true },
            { name: t("board.p95"), number: true },
          ]}
          rows={dwell.map(([state, one]) => [
            t(`audit.is.${state}`),
            words.number(one.left),
            span(one.p50_seconds, words),
            span(one.p95_seconds, words),
          ])}
        />
      </div>
    </Panel>
  );
}

/** How many items of each side came in, went on, arrived, and were withheld. */
export function ParityPanel({ report }: { report: Report }) {
  const { t } = useWords();
  const kinds = [...new Set(Object.values(report.parity).flatMap((of) => Object.keys(of)))];
  if (kinds.length === 0) return null;
  return (
    <Panel title={t("audit.parity")} lead={t("audit.parity.lead")} wide>
      {kinds.map((kind) => (
        <KindParity key={kind} kind={kind} parity={report.parity} />
      ))}
    </Panel>
  );
}

function KindParity({ kind, parity }: { kind: string; parity: Report["parity"] }) {
  const words = useWords();
  const { t } = words;
  const sides = Object.keys(parity).sort((one, other) => Number(one === NO_SIDE) - Number(other === NO_SIDE));
  const nameOf = (side: string) => (side === NO_SIDE ? t("audit.side.unknown") : side);
  const count = (side: string, measure: (typeof MEASURES)[number]) => parity[side]?.[kind]?.[measure] ?? 0;
  const patternOf = (at: number): Pattern => PATTERNS[at % PATTERNS.length]!;
  return (
    <>
      <h3>{t(`audit.kinds.${kind}`)}</h3>
      <div class="plot">
        <Bars
          title={`${t("audit.parity")}: ${t(`audit.kinds.${kind}`)}`}
          keys={sides.map((side, at) => ({ name: nameOf(side), pattern: patternOf(at) }))}
          rows={MEASURES.map((measure) => ({
            label: t(`audit.measure.${measure}`),
            bars: sides.map((side, at) => {
              const value = count(side, measure);
              return { value, says: words.number(value), pattern: patternOf(at) };
            }),
          }))}
        />
        <Table
          caption={t(`audit.kinds.${kind}`)}
          columns={[
            { name: t("audit.side") },
            ...MEASURES.map((measure) => ({ name: t(`audit.measure.${measure}`), number: true })),
          ]}
          rows={sides.map((side) => [nameOf(side), ...MEASURES.map((measure) => words.number(count(side, measure)))])}
        />
      </div>
    </>
  );
}

/** Sort by the order of an item's life. */
export function inOrder<T>(named: Readonly<Record<string, T>>): [string, T][] {
  return Object.entries(named).sort(([one], [other]) => STATES.indexOf(one) - STATES.indexOf(other));
}
