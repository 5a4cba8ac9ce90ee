/** The operator's board: how the relay is, how much waits, whose keys count and until when, and nothing about letters. */

import "../boards/board.css";
import { useEffect } from "preact/hooks";
import { useAsked } from "../boards/asking";
import { Badge } from "../boards/parts";
import type { FaceProps } from "../faces";
import { useModel, useWords } from "../frame/context";
import { CommandsPanel } from "./commands";
import { DesksPanel } from "./desks";
import { DirectoryPanel } from "./ending";
import { CallsPanel, FiguresPanel } from "./figurespanel";
import { HealthPanel } from "./healthpanel";
import { askExpiry, askFigures, askHealth, askLogSize } from "./standing";
import { SuspensionsPanel } from "./suspending";
import { StoragePanel, WaitingPanel } from "./waitingpanel";
import { WitnessPanel } from "./witnesses";

/** Health and figures are asked for anew this often, while somebody looks. */
const ANEW_MS = 30_000;

/** The board. */
export default function Face({ session }: FaceProps) {
  useModel(session);
  const { t, lang } = useWords();
  const health = useAsked(() => askHealth(session));
  const figures = useAsked(() => askFigures(session));
  const expiry = useAsked(() => askExpiry(session));
  const size = useAsked(() => askLogSize(session));
  const again = () => {
    for (const one of [health, figures, expiry, size]) one.again();
  };
  useEffect(() => {
    const timer = setInterval(() => {
      if (document.hidden || session.locked) return;
      for (const one of [health, figures, size]) one.again();
    }, ANEW_MS);
    return () => clearInterval(timer);
  }, [health.again, figures.again, size.again, session]);
  return (
    <div class="board-page">
      <header class="board-head">
        <div>
          <h1>{t("operate.title")}</h1>
          <p>{t("operate.lead")}</p>
        </div>
        <div class="row">
          {health.answer && (
            <Badge tone={health.answer.ready ? "good" : "bad"}>
              {t(health.answer.ready ? "operate.ready" : "operate.notready")}
            </Badge>
          )}
          {health.at !== undefined && (
            <span class="soft">
              {t("board.asof", { time: new Intl.DateTimeFormat(lang, { timeStyle: "medium" }).format(health.at) })}
            </span>
          )}
          <button type="button" disabled={health.busy} onClick={again}>
            {t("board.refresh")}
          </button>
        </div>
      </header>
      <div class="panels">
        <HealthPanel health={health} size={size} />
        <DirectoryPanel session={session} expiry={expiry} />
        <WaitingPanel figures={figures} />
        <StoragePanel figures={figures} />
        <FiguresPanel figures={figures} />
        <CallsPanel figures={figures} />
        <DesksPanel session={session} />
        <SuspensionsPanel session={session} />
        <WitnessPanel session={session} />
        <CommandsPanel />
      </div>
    </div>
  );
}
