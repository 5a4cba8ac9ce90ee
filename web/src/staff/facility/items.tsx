/** How items are named, ticked and reasoned about in every list of these pages. */

import { showNumber } from "../../core/codes";
import { useWords } from "../frame/context";
import type { Row } from "../rows";
import { called } from "./codes";

/** What an item is called where it cannot be read: whom it is for, what it is, and its id. */
export function Named({ row }: { row: Row }) {
  const { t } = useWords();
  return (
    <span class="named">
      <strong class="mono">{showNumber(row.detainee)}</strong>
      <span class="soft">
        {t(`facility.kind.${row.kind}`)} <span class="mono">{called(row.item)}</span>
        {row.parts.length > 1 && `, ${t("facility.pictures", { count: row.parts.length - 1 })}`}
      </span>
    </span>
  );
}

interface ReasonProps {
  readonly label: string;
  readonly reasons: readonly string[];
  readonly value: string;
  readonly onChange: (reason: string) => void;
}

/** Ask for a reason; the empty one says nothing. */
export function ReasonField({ label, reasons, value, onChange }: ReasonProps) {
  const { t } = useWords();
  return (
    <label class="reason">
      {label}
      <select value={value} onChange={(event) => onChange(event.currentTarget.value)}>
        {reasons.map((one) => (
          <option key={one} value={one}>
            {t(one === "" ? "facility.reason.none" : `facility.reason.${one}`)}
          </option>
        ))}
      </select>
    </label>
  );
}

/** A set with one member put in or taken out. */
export function toggled(set: ReadonlySet<string>, member: string): Set<string> {
  const next = new Set(set);
  if (!next.delete(member)) next.add(member);
  return next;
}
