/** One item's chain: chosen by its id or from the latest, drawn, and tabled. */

import { useEffect, useRef, useState } from "preact/hooks";
import { span } from "../boards/amounts";
import { Panel, Scroll, Table } from "../boards/parts";
import { useModel, useWords } from "../frame/context";
import { FaultCard } from "../frame/faults";
import { ChainDrawing } from "./drawing";
import type { Chain } from "./lanes";
import type { ItemLine, Unbroken } from "./protocol";
import type { AuditRun } from "./run";

const SHOWN = 12;

/** The panel. */
export function ChainPanel({ run, unbroken }: { run: AuditRun; unbroken: Unbroken }) {
  useModel(run);
  const { t } = useWords();
  const [sought, setSought] = useState("");
  const [chain, setChain] = useState<Chain>();
  const [fault, setFault] = useState<unknown>();
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (run.chosen === undefined) return;
    run.chain(run.chosen).then((found) => {
      setChain(found);
      place.current?.scrollIntoView({ block: "nearest" });
      place.current?.focus();
    }, setFault);
  }, [run, run.chosen]);
  const start = sought.trim().toLowerCase();
  const found = unbroken.items.filter(
    ({ item, event }) => item.startsWith(start) || t(`audit.event.${event}`).toLowerCase().includes(start),
  );
  return (
    <Panel title={t("audit.chain")} lead={t("audit.chain.lead")} wide>
      <div class="chain-choice">
        <label for="audit-item">{t("audit.chain.find")}</label>
        <input
          id="audit-item"
          autocomplete="off"
          spellcheck={false}
          maxLength={32}
          value={sought}
          onInput={(event) => setSought(event.currentTarget.value)}
        />
        <p class="hint" role="status">
          {t("audit.chain.found", { count: found.length })}
        </p>
        <ItemList items={found.slice(0, SHOWN)} chosen={run.chosen} onChoose={(item) => run.choose(item)} />
      </div>
      {fault !== undefined && <FaultCard fault={fault} />}
      <div ref={place} tabIndex={-1} class="chain-place">
        {chain && <ChainShown chain={chain} />}
      </div>
    </Panel>
  );
}

interface ListProps {
  readonly items: readonly ItemLine[];
  readonly chosen: string | undefined;
  readonly onChoose: (item: string) => void;
}

function ItemList({ items, chosen, onChoose }: ListProps) {
  const words = useWords();
  return (
    <ul class="items">
      {items.map((one) => (
        <li key={one.item}>
          <button type="button" aria-pressed={one.item === chosen} onClick={() => onChoose(one.item)}>
            <span class="mono">{one.item.slice(0, 8)}</span>
            <span>{words.t(`audit.one.${one.kind}`)}</span>
            <span class="soft">{words.t(`audit.event.${one.event}`)}</span>
          </button>
        </li>
      ))}
    </ul>
  );
}

function ChainShown({ chain }: { chain: Chain }) {
  const words = useWords();
  const { t } = words;
  return (
    <>
      <h3 class="wrap">
        {t(`audit.one.${chain.kind}`)} <span class="mono">{chain.item}</span>
      </h3>
      <div class="chain-sides">
        <Scroll label={t("audit.chain.drawing", { item: chain.item.slice(0, 8) })}>
          <ChainDrawing chain={chain} />
        </Scroll>
        <Table
          caption={t("audit.chain.table")}
          columns={[
            { name: t("audit.when") },
            { name: t("audit.event") },
            { name: t("audit.hands") },
            { name: t("audit.waited"), number: true },
            { name: t("audit.who") },
            { name: t("audit.entrynumber"), number: true },
          ]}
          rows={chain.points.map((point) => [
            <span key="when" class="moment">
              {words.moment(point.at)}
            </span>,
            <>
              {t(`audit.event.${point.event}`)}
              {point.reasons.length > 0 && <p class="soft">{point.reasons.join(", ")}</p>}
              {point.paper && <p class="soft">{t("audit.paper")}</p>}
            </>,
            point.from === point.to
              ? t("audit.stays", { who: t(`audit.custodian.${point.to}`) })
              : `${t(`audit.custodian.${point.from}`)} → ${t(`audit.custodian.${point.to}`)}`,
            point.seq === 0 ? "–" : span(point.waited, words),
            <span key="who" class="mono">
              {point.staff?.slice(0, 8) ?? "–"}
            </span>,
            words.number(point.index),
          ])}
        />
      </div>
    </>
  );
}
