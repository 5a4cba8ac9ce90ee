/** What the auditor's and the operator's boards are made of: panels, great figures, tables, commands to copy. */

import type { ComponentChildren } from "preact";
import { useId, useState } from "preact/hooks";
import { useWords } from "../frame/context";
import { FaultCard } from "../frame/faults";
import { Icon, type IconName } from "../frame/icons";
import type { Asked } from "./asking";

export type Tone = "good" | "bad" | "old" | "new" | "plain";

const SIGNS: Readonly<Record<Tone, IconName>> = {
  good: "check",
  bad: "warning",
  old: "clock",
  new: "info",
  plain: "info",
};

/** A titled part of a board. */
export function Panel({
  title,
  lead,
  wide,
  children,
}: {
  title: string;
  lead?: string;
  wide?: boolean;
  children: ComponentChildren;
}) {
  const id = useId();
  return (
    <section class={wide ? "card panel wide" : "card panel"} aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      {lead && <p class="hint">{lead}</p>}
      {children}
    </section>
  );
}

/** One great figure, with what it counts beneath. */
export function Figure({ value, label, tone = "plain" }: { value: string; label: string; tone?: Tone }) {
  return (
    <p class={`figure ${tone}`}>
      <strong>{value}</strong>
      <span>{label}</span>
    </p>
  );
}

/** A word with a sign: how something is, never by colour alone. */
export function Badge({ tone, children }: { tone: Tone; children: ComponentChildren }) {
  return (
    <span class={`badge ${tone}`}>
      <Icon name={SIGNS[tone]} /> {children}
    </span>
  );
}

/** One column of a table; numbers stand to the right and align. */
export interface Column {
  readonly name: string;
  readonly number?: boolean;
}

interface TableProps {
  readonly caption: string;
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly ComponentChildren[])[];
  readonly captionShown?: boolean;
}

/** What scrolls sideways by itself where the page is narrow: reached by keyboard, named, and no landmark. */
export function Scroll({ label, children }: { label: string; children: ComponentChildren }) {
  const reachable = { tabIndex: 0, role: "group", "aria-label": label } as const;
  return (
    <div class="scroll" {...reachable}>
      {children}
    </div>
  );
}

/** A table whose first column names its rows. It scrolls sideways by itself, by keyboard too. */
export function Table({ caption, columns, rows, captionShown }: TableProps) {
  return (
    <Scroll label={caption}>
      <table class="board">
        <caption class={captionShown ? "" : "hidden"}>{caption}</caption>
        <thead>
          <tr>
            {columns.map(({ name, number }) => (
              <th key={name} scope="col" class={number ? "number" : ""}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((cells, row) => (
            <tr key={row}>
              {cells.map((cell, at) => (
                <Cell key={columns[at]?.name} first={at === 0} number={columns[at]?.number ?? false}>
                  {cell}
                </Cell>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}

function Cell({ first, number, children }: { first: boolean; number: boolean; children: ComponentChildren }) {
  if (first && !number) return <th scope="row">{children}</th>;
  return <td class={number ? "number" : ""}>{children}</td>;
}

/** A command as it is typed, to be copied whole. */
export function Command({ line }: { line: string }) {
  const { t } = useWords();
  const [copied, setCopied] = useState(false);
  const copy = () => {
    navigator.clipboard?.writeText(line).then(
      () => setCopied(true),
      () => setCopied(false),
    );
  };
  return (
    <div class="command">
      <code>{line}</code>
      <button type="button" class="plain" onClick={copy}>
        {t(copied ? "board.copied" : "board.copy")}
        <span class="hidden">: {line}</span>
      </button>
    </div>
  );
}

/** What was asked for: while it comes, when it failed, and when it is there. */
export function Answer<T>({ asked, children }: { asked: Asked<T>; children: (answer: T) => ComponentChildren }) {
  const { t } = useWords();
  return (
    <>
      {asked.fault !== undefined && (
        <FaultCard fault={asked.fault}>
          <button type="button" disabled={asked.busy} onClick={asked.again}>
            {t("board.again")}
          </button>
        </FaultCard>
      )}
      {asked.answer !== undefined && children(asked.answer)}
      {asked.answer === undefined && asked.fault === undefined && (
        <div class="bones" role="status">
          <span class="hidden">{t("board.asking")}</span>
          <i />
          <i />
          <i />
        </div>
      )}
    </>
  );
}
