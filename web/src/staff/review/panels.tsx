/** The dialogs of decisions that need words, a reason, or a second thought. Escape leaves them; what was typed stays. */

import { useEffect, useId, useRef, useState } from "preact/hooks";
import { useWords } from "../frame/context";
import { Dialog } from "../frame/dialog";
import { Key } from "../frame/keyboard";
import { LANGUAGES, type Lang, Words } from "../words";
import { isPassed } from "./astray";
import { answering, hurdleOf } from "./decisions";
import type { Letter, ReviewDesk } from "./desk";
import type { Decision } from "./outbox";
import { keyOfReason, PLACE_REASONS, TEXT_REASONS, UNREADABLE } from "./reasons";
import { Place } from "./side";
import { useTemplates } from "./templates";

interface Props {
  readonly desk: ReviewDesk;
  readonly letter: Letter;
  readonly onClose: () => void;
}

/** Return a letter, or confirm that it is withheld: reasons for the record, and a note that only the family can open. */
export function AnswerDialog({
  desk,
  letter,
  kind,
  onClose,
  onDecide,
}: Props & { kind: "return" | "confirm"; onDecide: (decision: Decision) => void }) {
  const { t } = useWords();
  // What was passed comes back for where it was to go, not for what is in it.
  const wasPassed = isPassed(letter.row);
  const isUnreadable = letter.opened === undefined && !wasPassed;
  const [reasons, setReasons] = useState<readonly string[]>(isUnreadable ? [UNREADABLE] : []);
  const note = letter.draft.answer;
  const replyTo = letter.opened && desk.judge(letter.opened).replyTo;
  const mayWrite = replyTo !== undefined;
  const setNote = (answer: string) => desk.draft(letter.row.item, (draft) => ({ ...draft, answer }));
  const go = () =>
    reasons.length > 0 && onDecide(answering(desk, letter.row.item, kind, { reasons, note: mayWrite ? note : "" }));
  return (
    <Dialog title={t(`dialog.${kind}`)} onClose={onClose} wide>
      <DecisionForm
        onGo={go}
        onClose={onClose}
        ready={reasons.length > 0}
        label={t(`decide.${kind}`)}
        grave={kind === "confirm"}
      >
        <p class="soft">{t(`dialog.${kind}.text`)}</p>
        {isUnreadable ? (
          <p>{t("unreadable.return")}</p>
        ) : (
          <ReasonPicker reasons={wasPassed ? PLACE_REASONS : TEXT_REASONS} chosen={reasons} onChoose={setReasons} />
        )}
        {mayWrite ? (
          <NoteField desk={desk} letter={letter} note={note} reason={reasons[0]} onNote={setNote} />
        ) : (
          <p class="soft">{t("note.noaddress")}</p>
        )}
      </DecisionForm>
    </Dialog>
  );
}

/** The note to the family, from templates in the language that it writes. */
function NoteField({
  desk,
  letter,
  note,
  reason,
  onNote,
}: Omit<Props, "onClose"> & { note: string; reason: string | undefined; onNote: (note: string) => void }) {
  const { t } = useWords();
  const id = useId();
  const theirs = languageOf(letter);
  const { own, keep, drop } = useTemplates(desk.session);
  const ready = useReadyTemplate(theirs, reason ?? (isPassed(letter.row) ? PLACE_REASONS[0] : undefined));
  return (
    <>
      <label for={id}>{t("note.label")}</label>
      <div class="templates row">
        <button type="button" disabled={ready === undefined} onClick={() => ready && onNote(ready)}>
          {t("note.ready")}
        </button>
        {own.map((template) => (
          <span key={template} class="template">
            <button type="button" title={template} onClick={() => onNote(template)}>
              {template.slice(0, 24)}…
            </button>
            <button type="button" class="plain" aria-label={t("note.drop")} onClick={() => drop(template)}>
              ×
            </button>
          </span>
        ))}
        {note.trim() !== "" && !own.includes(note.trim()) && (
          <button type="button" class="plain" onClick={() => keep(note.trim())}>
            {t("note.keep")}
          </button>
        )}
      </div>
      <textarea
        id={id}
        rows={6}
        lang={theirs}
        maxLength={4_000}
        value={note}
        onInput={(event) => onNote(event.currentTarget.value)}
      />
      <p class="hint">{t("note.hint")}</p>
    </>
  );
}

/** Propose, escalate, overturn: reasons, and no word to anybody. */
export function ReasonsDialog({
  letter,
  name,
  needed = false,
  onClose,
  onReasons,
}: Props & {
  name: "withhold" | "escalate" | "overturn";
  needed?: boolean;
  onReasons: (reasons: readonly string[]) => void;
}) {
  const { t } = useWords();
  const [reasons, setReasons] = useState<readonly string[]>(needed && letter.opened === undefined ? [UNREADABLE] : []);
  const ready = !needed || reasons.length > 0;
  return (
    <Dialog title={t(`dialog.${name}`)} onClose={onClose} wide>
      <DecisionForm
        onGo={() => ready && onReasons(reasons)}
        onClose={onClose}
        ready={ready}
        label={t(`decide.${name}`)}
        grave={name === "withhold"}
      >
        <p class="soft">{t(`dialog.${name}.text`)}</p>
        <ReasonPicker reasons={TEXT_REASONS} chosen={reasons} onChoose={setReasons} />
      </DecisionForm>
    </Dialog>
  );
}

const HINTS: readonly string[] = ["uk", "ru", "en", "pl", "ro", "hu", "be", "crh"];

/** Put a letter back, with the language that its next reader should know. */
export function HintDialog({ letter, onClose, onHint }: Props & { onHint: (hint: string | undefined) => void }) {
  const words = useWords();
  const { t } = words;
  const lang = letter.opened?.letter.manifest.lang ?? "und";
  const [hint, setHint] = useState("");
  const choices = [...new Set([...(lang === "und" ? [] : [lang]), ...HINTS])];
  const id = useId();
  return (
    <Dialog title={t("dialog.release")} onClose={onClose}>
      <DecisionForm onGo={() => onHint(hint || undefined)} onClose={onClose} ready label={t("decide.release")}>
        <p class="soft">{t("dialog.release.text")}</p>
        <label for={id}>{t("hint.label")}</label>
        <select id={id} value={hint} onChange={(event) => setHint(event.currentTarget.value)}>
          <option value="">{t("hint.none")}</option>
          {choices.map((one) => (
            <option key={one} value={one}>
              {words.language(one)}
            </option>
          ))}
        </select>
      </DecisionForm>
    </Dialog>
  );
}

/** Pass what nobody has proved to be its author's, or what was written for somebody else: said once more, in words. */
export function KnowinglyDialog({ desk, letter, onClose, onPass }: Props & { onPass: () => void }) {
  const { t } = useWords();
  const hurdle = letter.opened && hurdleOf(desk, letter.opened);
  return (
    <Dialog title={t("dialog.knowingly")} onClose={onClose}>
      <DecisionForm onGo={onPass} onClose={onClose} ready label={t("decide.knowingly")} grave>
        <p>{t(`hurdle.${hurdle}`)}</p>
        <p>{t("dialog.knowingly.text")}</p>
      </DecisionForm>
    </Dialog>
  );
}

/** Pass a reply to a bureau, which hands it over on paper. */
export function BureauDialog({ desk, onClose, onPlace }: Props & { onPlace: (place: string) => void }) {
  const { t } = useWords();
  const bureaus = bureausOf(desk);
  const [place, setPlace] = useState(bureaus[0]);
  return (
    <Dialog title={t("dialog.bureau")} onClose={onClose}>
      <DecisionForm
        onGo={() => place && onPlace(place)}
        onClose={onClose}
        ready={place !== undefined}
        label={t("decide.bureau")}
      >
        <p class="soft">{t(bureaus.length > 0 ? "dialog.bureau.text" : "dialog.bureau.none")}</p>
        <Places desk={desk} ids={bureaus} chosen={place} onChoose={setPlace} />
      </DecisionForm>
    </Dialog>
  );
}

/** The ids of all bureaus. */
export function bureausOf(desk: ReviewDesk): string[] {
  return desk.session.directory.desks.filter((one) => one.kind === "bureau").map((one) => one.id);
}

/** One of some desks. */
export function Places({
  desk,
  ids,
  chosen,
  onChoose,
}: {
  desk: ReviewDesk;
  ids: readonly string[];
  chosen: string | undefined;
  onChoose: (id: string) => void;
}) {
  return ids.map((id) => (
    <label key={id} class="tick">
      <input type="radio" name="place" checked={id === chosen} onChange={() => onChoose(id)} />
      <span>
        <Place desk={desk} id={id} />
      </span>
    </label>
  ));
}

/** Reasons as ticks, by their digits wherever nobody types in the dialog. */
export function ReasonPicker({
  reasons,
  chosen,
  onChoose,
}: {
  reasons: readonly string[];
  chosen: readonly string[];
  onChoose: (reasons: readonly string[]) => void;
}) {
  const { t } = useWords();
  const element = useRef<HTMLFieldSetElement>(null);
  const toggle = (reason: string) =>
    onChoose(chosen.includes(reason) ? chosen.filter((one) => one !== reason) : [...chosen, reason]);
  const press = (key: string) => {
    const reason = reasons.find((_, place) => keyOfReason(place) === key);
    if (reason !== undefined) toggle(reason);
    return reason !== undefined;
  };
  const latest = useRef(press);
  latest.current = press;
  useEffect(() => {
    const dialog = element.current?.closest("dialog");
    const hear = (event: KeyboardEvent) => {
      if (event.target instanceof HTMLTextAreaElement) return;
      if (latest.current(event.key)) event.preventDefault();
    };
    dialog?.addEventListener("keydown", hear);
    return () => dialog?.removeEventListener("keydown", hear);
  }, []);
  return (
    <fieldset ref={element} class="reason-picker">
      <legend>{t("reasons.legend")}</legend>
      {reasons.map((reason, at) => (
        <label key={reason} class="tick">
          <input type="checkbox" checked={chosen.includes(reason)} onChange={() => toggle(reason)} />
          <span>
            <kbd>{keyOfReason(at)}</kbd> {t(`reason.${reason}`)}
          </span>
        </label>
      ))}
    </fieldset>
  );
}

interface FormProps {
  readonly onGo: () => void;
  readonly onClose: () => void;
  readonly ready: boolean;
  readonly label: string;
  readonly grave?: boolean;
  /** What the way back says, where no letter is behind the dialog. */
  readonly back?: string;
  readonly children: preact.ComponentChildren;
}

/** A dialog's form: its first field has the focus, and Ctrl+Enter decides from anywhere in the dialog. */
export function DecisionForm({ onGo, onClose, ready, label, grave, back, children }: FormProps) {
  const { t } = useWords();
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => {
    const dialog = form.current?.closest("dialog");
    const press = (event: KeyboardEvent) => {
      if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.repeat) return;
      event.preventDefault();
      form.current?.requestSubmit();
    };
    dialog?.addEventListener("keydown", press);
    form.current?.querySelector<HTMLElement>("input, select, textarea, button[type=submit]")?.focus();
    return () => dialog?.removeEventListener("keydown", press);
  }, []);
  return (
    <form
      ref={form}
      onSubmit={(event) => {
        event.preventDefault();
        if (ready) onGo();
      }}
    >
      {children}
      <div class="row end">
        <button type="button" onClick={onClose}>
          {back ?? t("dialog.back")}
        </button>
        <button type="submit" class={grave ? "grave" : "main"} disabled={!ready}>
          {label} <Key name="Mod+Enter" />
        </button>
      </div>
    </form>
  );
}

/** A ready note in the family's own language, for a reason. */
function useReadyTemplate(lang: Lang, reason: string | undefined): string | undefined {
  const theirs = new Words(lang);
  const key = `template.${reason ?? "OTHER"}`;
  return theirs.t(theirs.has(key) ? key : "template.OTHER");
}

function languageOf(letter: Letter): Lang {
  const lang = letter.opened?.letter.manifest.lang.slice(0, 2) ?? "";
  return LANGUAGES.find((one) => one === lang) ?? "uk";
}
