/** Whom a letter without a number is for, or which family a detainee's own letter is for: the reviewer looks and decides. */

import { useEffect, useId, useMemo, useState } from "preact/hooks";
import { useWords } from "../frame/context";
import { Dialog } from "../frame/dialog";
import { FaultCard } from "../frame/faults";
import type { Agreement, Reason } from "../matching/agreement";
import { MatchIndex } from "../matching/ranking";
import type { Contact } from "./contacts";
import type { Letter, ReviewDesk } from "./desk";
import { DecisionForm } from "./panels";
import { PARTICULARS, type Particulars, readAddress } from "./particulars";
import { whose } from "./rail";
import { type HeldRecord, namesOf, type Register } from "./register";
import { searchRegister } from "./searching";
import { RecordCard } from "./side";

interface Props {
  readonly desk: ReviewDesk;
  readonly letter: Letter;
  readonly onClose: () => void;
  readonly onMatch: (fields: { readonly number?: string; readonly mailbox?: string }) => void;
}

/** Match a letter to a number, or a reply to a mailbox. */
export function MatchDialog(props: Props) {
  return props.letter.row.kind === "reply" ? <FamilyDialog {...props} /> : <NumberDialog {...props} />;
}

/** The particulars can be mended, and are ranked as they stand; a plain search is beside them. */
function NumberDialog({ desk, letter, onClose, onMatch }: Props) {
  const { t } = useWords();
  const told = useMemo(() => readAddress(letter.opened?.letter.manifest.address), [letter.opened]);
  const [particulars, setParticulars] = useState<Particulars>(told.particulars);
  const [search, setSearch] = useState("");
  const [number, setNumber] = useState<string>();
  const found = useFound(desk, particulars, search);
  const id = useId();
  return (
    <Dialog title={t("match.title")} onClose={onClose} wide>
      <DecisionForm
        onGo={() => number && onMatch({ number })}
        onClose={onClose}
        ready={number !== undefined}
        label={t("decide.match")}
      >
        <div class="match">
          <section>
            <h3>{t("sheet.address")}</h3>
            {told.words !== "" && <p class="said aside">{told.words}</p>}
            <ParticularsForm particulars={particulars} onChange={setParticulars} />
          </section>
          <section>
            <label for={id}>{t("match.search")}</label>
            <input
              id={id}
              type="search"
              value={search}
              onInput={(event) => setSearch(event.currentTarget.value)}
              autocomplete="off"
            />
            <p class="hint">{t(search === "" ? "match.ranked" : "match.plain")}</p>
            <p role="status" class="hidden">
              {t("match.found", { count: found.length })}
            </p>
            <ul class="candidates">
              {found.map((one) => (
                <Candidate
                  key={one.record.number}
                  desk={desk}
                  found={one}
                  chosen={one.record.number === number}
                  onChoose={setNumber}
                />
              ))}
            </ul>
            {found.length === 0 && <p class="soft">{t("match.none")}</p>}
          </section>
        </div>
      </DecisionForm>
    </Dialog>
  );
}

/** What is known of whoever is sought; a reviewer may read it out of the letter. */
function ParticularsForm({ particulars, onChange }: { particulars: Particulars; onChange: (to: Particulars) => void }) {
  const { t } = useWords();
  const id = useId();
  return (
    <div class="particulars">
      {PARTICULARS.map((key) => (
        <div key={key}>
          <label for={`${id}-${key}`}>{t(`particular.${key}`)}</label>
          <input
            id={`${id}-${key}`}
            value={particulars[key] ?? ""}
            autocomplete="off"
            onInput={(event) => onChange({ ...particulars, [key]: event.currentTarget.value })}
          />
        </div>
      ))}
    </div>
  );
}

/** Somebody who may be meant, and why if they were ranked. */
interface Found {
  readonly record: HeldRecord;
  readonly reasons: readonly Reason[];
}

const indexes = new WeakMap<Register, MatchIndex>();

/** Ranked by the particulars, or found by the words of a search. */
function useFound(desk: ReviewDesk, particulars: Particulars, search: string): readonly Found[] {
  const { register } = desk;
  return useMemo(() => {
    if (register === undefined) return [];
    if (search.trim() !== "") return searchRegister(register, search).map((record) => ({ record, reasons: [] }));
    const index = indexes.get(register) ?? new MatchIndex(register.records.values());
    indexes.set(register, index);
    return index.rank(particulars, 8);
  }, [register, particulars, search]);
}

function Candidate({
  desk,
  found,
  chosen,
  onChoose,
}: {
  desk: ReviewDesk;
  found: Found;
  chosen: boolean;
  onChoose: (number: string) => void;
}) {
  const { t } = useWords();
  const { record } = found;
  return (
    <li>
      <label class="tick">
        <input type="radio" name="candidate" checked={chosen} onChange={() => onChoose(record.number)} />
        <span>
          <strong>{namesOf(record.person) || t("register.nobody")}</strong>
          <span class="mono soft"> {whose(record.number, t)}</span>
          <span class="why">
            {found.reasons
              .filter(({ agreement }) => agreement !== "missing")
              .map(({ field, agreement }) => (
                <span key={field} class={`badge ${TONES[agreement] ?? "old"}`}>
                  {t(`field.${field}`)}: {t(`agreement.${agreement}`)}
                </span>
              ))}
          </span>
        </span>
      </label>
      {chosen && <RecordCard desk={desk} record={record} />}
    </li>
  );
}

const TONES: Readonly<Partial<Record<Agreement, string>>> = { same: "good", different: "bad" };

/** Those who have written to this person by way of the desk; if nobody fits, a bureau takes it. */
function FamilyDialog({ desk, letter, onClose, onMatch }: Props) {
  const words = useWords();
  const { t } = words;
  const [contacts, setContacts] = useState<readonly Contact[]>();
  const [fault, setFault] = useState<unknown>();
  const [mailbox, setMailbox] = useState<string>();
  useEffect(() => void desk.contactsOf(letter.row.detainee).then(setContacts, setFault), [desk, letter.row.detainee]);
  return (
    <Dialog title={t("match.family")} onClose={onClose}>
      <DecisionForm
        onGo={() => mailbox && onMatch({ mailbox })}
        onClose={onClose}
        ready={mailbox !== undefined}
        label={t("decide.match")}
      >
        <p class="soft">{t("match.family.text")}</p>
        {fault !== undefined && <FaultCard fault={fault} />}
        {contacts?.length === 0 && <p>{t("match.nobody")}</p>}
        {contacts?.map((contact) => (
          <label key={contact.mailbox} class="tick">
            <input
              type="radio"
              name="family"
              checked={contact.mailbox === mailbox}
              onChange={() => setMailbox(contact.mailbox)}
            />
            <span>
              <strong>{contact.names ?? t("match.unnamed")}</strong>
              <span class="soft small"> {t("writer.letters", { count: contact.letters.length })}</span>{" "}
              <span class="mono soft small">{contact.mailbox.slice(0, 8)}</span>
            </span>
          </label>
        ))}
      </DecisionForm>
    </Dialog>
  );
}
