/** Whom a letter without a number is for, or which family a detainee's own letter is for: the reviewer looks and decides. */

import { useEffect, useId, useMemo, useState } from "preact/hooks";
import { useWords } from "../frame/context";
import { Dialog } from "../frame/dialog";
import { FaultCard } from "../frame/faults";
import type { Contact } from "./contacts";
import type { Letter, ReviewDesk } from "./desk";
import { DecisionForm } from "./panels";
import { readAddress } from "./particulars";
import { whose } from "./rail";
import { type HeldRecord, namesOf } from "./register";
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

function NumberDialog({ desk, letter, onClose, onMatch }: Props) {
  const { t } = useWords();
  const { particulars, words } = useMemo(() => readAddress(letter.opened?.letter.manifest.address), [letter.opened]);
  const [search, setSearch] = useState(particulars.surname ?? "");
  const [number, setNumber] = useState<string>();
  const found = useMemo(
    () => (desk.register === undefined ? [] : searchRegister(desk.register, search)),
    [desk.register, search],
  );
  const id = useId();
  const said = Object.entries(particulars);
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
            <dl class="facts">
              {said.map(([key, text]) => [
                <dt key={key}>{t(`particular.${key}`)}</dt>,
                <dd key={`${key}-said`}>{text}</dd>,
              ])}
            </dl>
            {words !== "" && <p class="said">{words}</p>}
            {said.length === 0 && words === "" && <p class="soft">{t("match.nothing")}</p>}
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
            <p class="hint">{t("match.plain")}</p>
            <p role="status" class="hidden">
              {t("match.found", { count: found.length })}
            </p>
            <ul class="candidates">
              {found.map((record) => (
                <Candidate
                  key={record.number}
                  desk={desk}
                  record={record}
                  chosen={record.number === number}
                  onChoose={setNumber}
                />
              ))}
            </ul>
            {search !== "" && found.length === 0 && <p class="soft">{t("match.none")}</p>}
          </section>
        </div>
      </DecisionForm>
    </Dialog>
  );
}

function Candidate({
  desk,
  record,
  chosen,
  onChoose,
}: {
  desk: ReviewDesk;
  record: HeldRecord;
  chosen: boolean;
  onChoose: (number: string) => void;
}) {
  const { t } = useWords();
  return (
    <li>
      <label class="tick">
        <input type="radio" name="candidate" checked={chosen} onChange={() => onChoose(record.number)} />
        <span>
          <strong>{namesOf(record.person) || t("register.nobody")}</strong>
          <span class="mono soft"> {whose(record.number, t)}</span>
        </span>
      </label>
      {chosen && <RecordCard desk={desk} record={record} />}
    </li>
  );
}

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
