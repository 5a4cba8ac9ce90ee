/** Beside the letter: the preview once something was taken out, the translation, and the people as the register has them. */

import { useId, useRef } from "preact/hooks";
import { countCharacters } from "../../core/manifests";
import { useWords } from "../frame/context";
import { useKeys } from "../frame/keyboard";
import { shortId } from "../session";
import type { Letter, ReviewDesk } from "./desk";
import { hasEdits, MOST_NOTE_CHARACTERS } from "./drafts";
import type { OpenedItem } from "./opening";
import { Preview } from "./preview";
import { whose } from "./rail";
import { type HeldRecord, namesOf, PERSON_KEYS } from "./register";

interface Props {
  readonly desk: ReviewDesk;
  readonly letter: Letter;
  readonly item: OpenedItem;
}

/** The right side. */
export function Side({ desk, letter, item }: Props) {
  const { t } = useWords();
  return (
    <aside class="side" aria-label={t("side.title")}>
      {hasEdits(letter.draft) && <Preview letter={letter} item={item} />}
      {letter.row.state !== "contested" && <Translation desk={desk} letter={letter} />}
      <Addressee desk={desk} item={item} />
      <Writer desk={desk} letter={letter} item={item} />
    </aside>
  );
}

/** What the next reader gets beside the letter: a translation, or a remark. It is sealed with it and no part of it. */
function Translation({ desk, letter }: Omit<Props, "item">) {
  const words = useWords();
  const { t } = words;
  const field = useRef<HTMLTextAreaElement>(null);
  const id = useId();
  const count = countCharacters(letter.draft.note);
  useKeys({
    t: { label: t("keys.translate"), group: t("keys.letter"), run: () => field.current?.focus() },
    Escape: {
      label: t("keys.leavefield"),
      group: t("keys.letter"),
      always: true,
      run: () => (document.activeElement as HTMLElement | null)?.blur(),
    },
  });
  return (
    <section>
      <label for={id}>
        {t("side.translation")} <kbd>T</kbd>
      </label>
      <textarea
        id={id}
        ref={field}
        rows={6}
        value={letter.draft.note}
        aria-describedby={`${id}-hint`}
        aria-invalid={count > MOST_NOTE_CHARACTERS}
        onInput={(event) => {
          const note = event.currentTarget.value;
          desk.draft(letter.row.item, (draft) => ({ ...draft, note }));
        }}
      />
      <p class={count > MOST_NOTE_CHARACTERS ? "hint warn" : "hint"} id={`${id}-hint`}>
        {t("side.translationhint")} {count > 0 && `${words.number(count)} / ${words.number(MOST_NOTE_CHARACTERS)}`}
      </p>
    </section>
  );
}

/** The register's card of whoever the letter is for, or the reply is from. */
function Addressee({ desk, item }: Omit<Props, "letter">) {
  const { t } = useWords();
  const { detainee } = item.row;
  const record = desk.register?.records.get(detainee);
  return (
    <section class="register-card">
      <h2>{t("register.title")}</h2>
      {desk.register === undefined && <p class="soft">{t("register.unread")}</p>}
      {desk.register !== undefined && record === undefined && (
        <p class="warn">{t(detainee === "unknown" ? "register.nonumber" : "register.none")}</p>
      )}
      {record !== undefined && <RecordCard desk={desk} record={record} />}
    </section>
  );
}

/** One of the held, as far as the register says. */
export function RecordCard({ desk, record }: { desk: ReviewDesk; record: HeldRecord }) {
  const words = useWords();
  const { t } = words;
  const { person } = record;
  return (
    <>
      <p class="name">{namesOf(person) || t("register.nobody")}</p>
      <dl class="facts">
        <dt>{t("register.number")}</dt>
        <dd class="mono">{whose(record.number, t)}</dd>
        <dt>{t("register.status")}</dt>
        <dd>
          <span class={`badge ${record.status === "confirmed" ? "good" : "old"}`}>{t(`status.${record.status}`)}</span>
        </dd>
        <dt>{t("register.place")}</dt>
        <dd>{record.place === undefined ? "–" : <Place desk={desk} id={record.place} />}</dd>
        {PERSON_KEYS.filter((key) => person[key] && !NAMES.includes(key)).map((key) => [
          <dt key={key}>{t(`person.${key}`)}</dt>,
          <dd key={`${key}-said`}>{key === "birth_date" ? words.day(person[key]!) : person[key]}</dd>,
        ])}
      </dl>
    </>
  );
}

const NAMES: readonly string[] = ["surname_cyr", "given_cyr", "patronymic_cyr", "surname_lat", "given_lat"];

/** A desk as people can tell it: what it is, whose side, the beginning of its id. */
export function Place({ desk, id }: { desk: ReviewDesk; id: string }) {
  const { t } = useWords();
  const found = desk.session.directory.desks.find((one) => one.id === id);
  if (found === undefined) return <span class="warn">{t("register.placeunknown")}</span>;
  return (
    <>
      {t(`desk.${found.kind}`)}
      {found.side !== undefined && ` · ${found.side}`} <span class="mono soft">{shortId(id)}</span>
      {found.keyless && <span class="soft small"> {t("register.keyless")}</span>}
    </>
  );
}

/** Who the mailbox is known to be, and what the reviewer notes about them for the desk. */
function Writer({ desk, letter, item }: Props) {
  const { t } = useWords();
  const id = useId();
  const contact = desk.newestContact(item);
  const { authenticity, replyTo } = desk.judge(item);
  if (item.row.kind === "reply" && contact === undefined) return <p class="warn">{t("writer.nocontact")}</p>;
  return (
    <section class="writer">
      <h2>{t(item.row.kind === "reply" ? "writer.family" : "writer.title")}</h2>
      <p class="small">{t(`author.${authenticity}.what`)}</p>
      {item.contactRefused !== undefined && <p class="warn small">{t("author.contact.what")}</p>}
      <p class="small soft">{t(replyTo === undefined ? "writer.noanswer" : "writer.answer")}</p>
      {contact !== undefined && <p class="small soft">{t("writer.letters", { count: contact.letters.length })}</p>}
      {item.row.kind !== "reply" && item.row.state !== "contested" && (
        <>
          <label for={id}>{t("writer.names")}</label>
          <input
            id={id}
            value={letter.draft.names}
            placeholder={contact?.names ?? ""}
            onInput={(event) => {
              const names = event.currentTarget.value;
              desk.draft(letter.row.item, (draft) => ({ ...draft, names }));
            }}
          />
        </>
      )}
      {item.row.kind === "reply" && contact?.names !== undefined && <p>{contact.names}</p>}
    </section>
  );
}
