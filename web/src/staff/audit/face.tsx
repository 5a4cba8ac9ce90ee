/** The auditor's board: where every letter has been, recomputed here and believed from nobody. */

import "../boards/board.css";
import "./audit.css";
import { useEffect, useMemo } from "preact/hooks";
import type { FaceProps } from "../faces";
import { useModel, useWords } from "../frame/context";
import { ChainPanel } from "./chainpanel";
import { FindingsPanels } from "./findingspanels";
import { LogPanel } from "./logpanel";
import { AuditRun } from "./run";
import { VerifyPanel } from "./verifypanel";

/** The board. */
export default function Face({ session }: FaceProps) {
  const { t } = useWords();
  const run = useMemo(() => new AuditRun(session), [session]);
  useModel(session);
  useModel(run);
  useEffect(() => () => run.stop(), [run]);
  return (
    <div class="board-page">
      <header class="board-head">
        <div>
          <h1>{t("audit.title")}</h1>
          <p>{t("audit.lead")}</p>
        </div>
      </header>
      <div class="panels">
        <VerifyPanel run={run} />
        <LogPanel run={run} />
        {run.unbroken && <FindingsPanels run={run} unbroken={run.unbroken} />}
        {run.unbroken && <ChainPanel run={run} unbroken={run.unbroken} />}
      </div>
    </div>
  );
}
