/** Short messages that come and go, read aloud by screen readers; faults stay until they are put away. */

import { Observable, useFrame, useModel, useWords } from "./context";
import { Icon } from "./icons";

export type Tone = "done" | "note" | "fault";

interface Notice {
  readonly id: number;
  readonly tone: Tone;
  readonly text: string;
}

const SHOWN_MS = 6_000;

/** The messages on the screen. */
export class Notices extends Observable {
  list: readonly Notice[] = [];
  #next = 0;

  /** Say something; a fault stays until it is put away. */
  say(text: string, tone: Tone = "done"): void {
    const notice = { id: this.#next++, tone, text };
    this.list = [...this.list.filter((one) => one.text !== text).slice(-3), notice];
    this.changed();
    if (tone !== "fault") setTimeout(() => this.drop(notice.id), SHOWN_MS);
  }

  /** Put one away. */
  drop(id: number): void {
    this.list = this.list.filter((one) => one.id !== id);
    this.changed();
  }
}

/** The corner where messages stand. Two live regions: what can wait, and what cannot. */
export function NoticeCorner() {
  const { notices } = useFrame();
  useModel(notices);
  return (
    <div class="notices">
      <div role="status" aria-live="polite">
        {notices.list
          .filter((one) => one.tone !== "fault")
          .map((one) => (
            <Card key={one.id} notice={one} />
          ))}
      </div>
      <div role="alert">
        {notices.list
          .filter((one) => one.tone === "fault")
          .map((one) => (
            <Card key={one.id} notice={one} />
          ))}
      </div>
    </div>
  );
}

function Card({ notice }: { notice: Notice }) {
  const { notices } = useFrame();
  const { t } = useWords();
  return (
    <div class={`notice ${notice.tone}`}>
      <Icon name={notice.tone === "fault" ? "warning" : notice.tone === "done" ? "check" : "info"} />
      <p>{notice.text}</p>
      <button type="button" class="plain" aria-label={t("notice.close")} onClick={() => notices.drop(notice.id)}>
        <Icon name="cross" />
      </button>
    </div>
  );
}
