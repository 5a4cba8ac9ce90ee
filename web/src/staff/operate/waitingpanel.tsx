/** What waits, by state and age, and how much room there is: never whose, at which desk, or for whom. */

import { bytes, span } from "../boards/amounts";
import type { Asked } from "../boards/asking";
import { Answer, Figure, Panel, Table } from "../boards/parts";
import { useWords } from "../frame/context";
import type { Figures, Stored, Waiting } from "./figures";

/** From here on somebody should ask why. */
const LONG_SECONDS = 3 * 86_400;
/** The relay takes no more pictures at 1 GiB; somebody should make room before. */
const LITTLE_BYTES = 2 * 1024 ** 3;

/** The panel of what waits. */
export function WaitingPanel({ figures }: { figures: Asked<Figures> }) {
  const { t } = useWords();
  return (
    <Panel title={t("operate.waiting")} lead={t("operate.waiting.lead")} wide>
      <Answer asked={figures}>
        {({ waiting }) => (waiting.length === 0 ? <p>{t("operate.notcounted")}</p> : <States waiting={waiting} />)}
      </Answer>
    </Panel>
  );
}

function States({ waiting }: { waiting: readonly Waiting[] }) {
  const words = useWords();
  const { t } = words;
  return (
    <Table
      caption={t("operate.waiting")}
      columns={[
        { name: t("operate.waiting.state") },
        { name: t("operate.waiting.items"), number: true },
        { name: t("operate.waiting.oldest"), number: true },
      ]}
      rows={waiting.map(({ state, count, oldest }) => [
        t(`audit.is.${state}`),
        words.number(count),
        oldest === undefined ? "–" : <Age key="age" seconds={oldest} />,
      ])}
    />
  );
}

/** Ages are told in whole hours: less than one is told as that. */
function Age({ seconds }: { seconds: number }) {
  const words = useWords();
  if (seconds === 0) return <>{words.t("operate.waiting.underhour")}</>;
  return <span class={seconds >= LONG_SECONDS ? "warn" : ""}>{span(seconds, words)}</span>;
}

/** The panel of what is kept. */
export function StoragePanel({ figures }: { figures: Asked<Figures> }) {
  const { t } = useWords();
  // Why there are none is told once, where the figures would stand.
  if (figures.answer === undefined) return null;
  const { storage } = figures.answer;
  return (
    <Panel title={t("operate.storage")} lead={t("operate.storage.lead")} wide>
      {storage === undefined ? <p>{t("operate.notcounted")}</p> : <Sizes storage={storage} />}
    </Panel>
  );
}

function Sizes({ storage: { databaseBytes, parts, partsBytes, freeBytes } }: { storage: Stored }) {
  const words = useWords();
  const { t } = words;
  return (
    <div class="figures">
      <Figure value={bytes(databaseBytes, words)} label={t("operate.storage.database")} />
      <Figure value={bytes(partsBytes, words)} label={t("operate.storage.parts", { count: parts })} />
      <Figure
        value={bytes(freeBytes, words)}
        label={t("operate.storage.free")}
        tone={freeBytes < LITTLE_BYTES ? "old" : "plain"}
      />
    </div>
  );
}
