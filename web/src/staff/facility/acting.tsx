/** What every deed on this page has in common: the scan of the signed sheet, the button that signs, and trying again. */

import { useEffect, useId, useRef, useState } from "preact/hooks";
import { useModel, useWords } from "../frame/context";
import { FaultCard } from "../frame/faults";
import { Icon } from "../frame/icons";
import type { Move } from "../rows";
import type { StaffSession } from "../session";
import { type Deed, isStale, mayPass } from "./deeds";
import { drawSheet, type Page } from "./images";

/** A deed that is being done: what was signed stays as it is until the relay has answered. */
export interface Doing {
  readonly busy: boolean;
  readonly fault: unknown;
  /** Whether something is signed and waits for the relay: nothing about it can be changed any more. */
  readonly waits: boolean;
  readonly run: (make: () => Deed) => void;
  /** Leave it; whether the relay has it already, the list that is read anew shows. */
  readonly leave: () => void;
}

/** Do a deed; `onDone` is told what moved, `onStale` that the list was older than what the relay has and is read anew. */
export function useDeed(
  session: StaffSession,
  onDone: (moves: readonly Move[]) => void,
  refresh: () => void,
  onStale: () => void = () => undefined,
): Doing {
  useModel(session);
  const kept = useRef<Deed | undefined>(undefined);
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<unknown>();
  const run = async (make: () => Deed) => {
    setBusy(true);
    setFault(undefined);
    try {
      kept.current ??= make();
      const moves = await kept.current.run();
      kept.current = undefined;
      onDone(moves);
    } catch (found) {
      if (!mayPass(found, session)) kept.current = undefined;
      setFault(found);
      if (!isStale(found)) return;
      refresh();
      onStale();
    } finally {
      setBusy(false);
    }
  };
  const leave = () => {
    if (kept.current === undefined) return;
    kept.current = undefined;
    setFault(undefined);
    refresh();
  };
  return { busy, fault, waits: kept.current !== undefined && !busy, run: (make) => void run(make), leave };
}

interface SignProps {
  readonly doing: Doing;
  readonly label: string;
  readonly disabled?: boolean;
  readonly grave?: boolean;
  readonly make: () => Deed;
  /** What the other button says, if it is not the way back. */
  readonly back?: string;
  readonly onBack: () => void;
}

/** The row at the end of a deed: what went wrong, back, and the signature. */
export function SignRow({ doing, label, disabled, grave, make, back, onBack }: SignProps) {
  const { t } = useWords();
  return (
    <>
      {doing.fault !== undefined && !isStale(doing.fault) && <FaultCard fault={doing.fault} />}
      {isStale(doing.fault) && <StaleCard />}
      {doing.waits && (
        <p class="kept" role="status">
          <Icon name="lock" /> {t("facility.kept")}
        </p>
      )}
      <div class="row end">
        <button
          type="button"
          disabled={doing.busy}
          onClick={() => {
            doing.leave();
            onBack();
          }}
        >
          {back === undefined && <Icon name="back" />} {back ?? t("facility.back")}
        </button>
        <button
          type="button"
          class={grave ? "grave" : "main"}
          disabled={doing.busy || disabled}
          onClick={() => doing.run(make)}
        >
          {doing.busy ? t("facility.signing") : doing.waits ? t("facility.again") : label}
        </button>
      </div>
    </>
  );
}

/** What is said when somebody else was quicker: nothing was signed for, and the list has just been read anew. */
export function StaleCard() {
  const { t } = useWords();
  return (
    <div class="fault" role="alert">
      <Icon name="warning" />
      <div>
        <p class="what">{t("facility.stale")}</p>
        <p>{t("facility.stale.cure")}</p>
      </div>
    </div>
  );
}

interface PaperProps {
  readonly page: Page | undefined;
  readonly required: boolean;
  readonly disabled?: boolean;
  readonly onPage: (page: Page | undefined) => void;
}

/** Ask for the scan of the signed sheet: its pages in order, drawn anew as one picture. */
export function PaperField({ page, required, disabled, onPage }: PaperProps) {
  const { t } = useWords();
  const [fault, setFault] = useState<unknown>();
  const take = (files: readonly File[]) => {
    setFault(undefined);
    drawSheet(files).then(onPage, setFault);
  };
  return (
    <fieldset class="signed-paper" disabled={disabled}>
      <legend>{t(required ? "facility.paper.required" : "facility.paper")}</legend>
      <p class="hint">{t(required ? "facility.paper.keyless" : "facility.paper.why")}</p>
      <div class="row">
        <FileButton label={t(page ? "facility.paper.other" : "facility.paper.choose")} onFiles={take} />
        {page && (
          <button type="button" onClick={() => onPage(undefined)}>
            <Icon name="cross" /> {t("facility.paper.drop")}
          </button>
        )}
      </div>
      {page && <BlobImage blob={page.blob} alt={t("facility.paper.seen")} />}
      {fault !== undefined && <FaultCard fault={fault} />}
    </fieldset>
  );
}

/** A button that asks for pictures; several may be chosen, and the same ones again. */
export function FileButton({
  label,
  onFiles,
  disabled,
}: {
  label: string;
  onFiles: (files: File[]) => void;
  disabled?: boolean;
}) {
  const field = useId();
  return (
    <span class="file">
      <input
        id={field}
        type="file"
        accept="image/*"
        multiple
        disabled={disabled}
        onChange={(event) => {
          const files = [...(event.currentTarget.files ?? [])];
          event.currentTarget.value = "";
          if (files.length > 0) onFiles(files);
        }}
      />
      <label for={field} class="button">
        {label}
      </label>
    </span>
  );
}

/** A picture that is only in memory. */
export function BlobImage({ blob, alt }: { blob: Blob; alt: string }) {
  const [url, setUrl] = useState<string>();
  useEffect(() => {
    const made = URL.createObjectURL(blob);
    setUrl(made);
    return () => URL.revokeObjectURL(made);
  }, [blob]);
  return url === undefined ? null : <img src={url} alt={alt} />;
}
