/** A log that is not the one seen before: what happened, and the two signed checkpoints that prove it to others. */

import { saveFile } from "../boards/saving";
import type { TrustBook } from "../book";
import { useWords } from "./context";
import { FaultCard } from "./faults";

/** Show why somebody did not come in; where the log is what is wrong, with the evidence to save. */
export function EntryFault({ fault, book }: { fault: unknown; book: TrustBook | undefined }) {
  const { t } = useWords();
  const dispute = book?.dispute;
  if (dispute === undefined) return <FaultCard fault={fault} />;
  return (
    <FaultCard fault={fault}>
      <p>{t("dispute.why")}</p>
      <div class="row">
        {dispute.seen !== undefined && <Save name="seen.checkpoint" note={dispute.seen} label={t("dispute.seen")} />}
        <Save name="shown.checkpoint" note={dispute.shown} label={t("dispute.shown")} />
      </div>
    </FaultCard>
  );
}

/** As the relay signed it, so that `audit verify --state` takes it. */
function Save({ name, note, label }: { name: string; note: Uint8Array; label: string }) {
  const save = () => saveFile(name, new Blob([note.slice()], { type: "text/plain" }));
  return (
    <button type="button" onClick={save}>
      {label}
    </button>
  );
}
