/** One field to find something by its code: typed, read by a hand scanner that types, or seen by the camera. */

import { useEffect, useId, useRef, useState } from "preact/hooks";
import { useWords } from "../frame/context";
import { Icon } from "../frame/icons";
import { canScan, watch } from "./detector";

/** What came of a code: it is said aloud, and shown beside the field. */
export interface Answer {
  readonly found: boolean;
  readonly text: string;
}

interface Props {
  readonly label: string;
  readonly hint: string;
  /** Act on a code; the answer is told to whoever scanned it. */
  readonly onText: (text: string) => Answer;
}

/** The field, with the camera beside it where there may be one. */
export function Finder({ label, hint, onText }: Props) {
  const { t } = useWords();
  const [text, setText] = useState("");
  const [answer, setAnswer] = useState<Answer>();
  const [camera, setCamera] = useState(false);
  const field = useId();
  const look = (event: Event) => {
    event.preventDefault();
    if (text.trim() === "") return;
    setAnswer(onText(text));
    setText("");
  };
  return (
    <form class="finder" onSubmit={look}>
      <label for={field}>{label}</label>
      <div class="finder-row">
        <input
          id={field}
          class="mono"
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
          autocomplete="off"
          autocapitalize="none"
          spellcheck={false}
          aria-describedby={`${field}-hint`}
        />
        <button type="submit">
          <Icon name="search" /> {t("facility.find")}
        </button>
        {canScan() && (
          <button type="button" aria-expanded={camera} onClick={() => setCamera(!camera)}>
            <Icon name="eye" /> {t(camera ? "facility.camera.stop" : "facility.camera")}
          </button>
        )}
      </div>
      <p class="hint" id={`${field}-hint`}>
        {hint}
      </p>
      {camera && <Camera onText={(seen) => setAnswer(onText(seen))} />}
      <p role="status" class={answer?.found === false ? "answer warn" : "answer"}>
        {answer && <Icon name={answer.found ? "check" : "warning"} />} {answer?.text}
      </p>
    </form>
  );
}

/** The camera's picture; it goes on looking, so that many codes can be shown one after the other. */
function Camera({ onText }: { onText: (text: string) => void }) {
  const { t } = useWords();
  const video = useRef<HTMLVideoElement>(null);
  const tell = useRef(onText);
  tell.current = onText;
  const [refused, setRefused] = useState<string>();
  useEffect(() => {
    const stop = new AbortController();
    watch(video.current!, stop.signal, (text) => tell.current(text)).catch((fault: unknown) => {
      if (!stop.signal.aborted) setRefused(refusalOf(fault));
    });
    return () => stop.abort();
  }, []);
  if (refused !== undefined) {
    return (
      <p class="warn" role="alert">
        {t(`facility.camera.${refused}`)}
      </p>
    );
  }
  return <video ref={video} class="camera" muted playsInline aria-label={t("facility.camera.picture")} />;
}

function refusalOf(fault: unknown): "refused" | "none" | "failed" {
  const name = fault instanceof DOMException ? fault.name : "";
  if (name === "NotAllowedError" || name === "SecurityError") return "refused";
  return name === "NotFoundError" || name === "OverconstrainedError" ? "none" : "failed";
}
