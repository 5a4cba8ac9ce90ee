/** A family has lost its code: what waits for the old one goes back into its line, for the mailbox of the new one. */

import { useId, useState } from "preact/hooks";
import { parseNumber, showNumber } from "../../core/codes";
import { Deed } from "../facility/deeds";
import { useFrame, useWords } from "../frame/context";
import { Dialog } from "../frame/dialog";
import { FaultCard } from "../frame/faults";
import type { Row } from "../rows";
import { askReady, signRecall } from "./astray";
import type { Contact } from "./contacts";
import type { ReviewDesk } from "./desk";
import { DecisionForm } from "./panels";
import { AgeMark } from "./rail";
import { namesOf } from "./register";

interface Props {
  readonly desk: ReviewDesk;
  /** Whose letter is open, to begin with. */
  readonly about: string | undefined;
  readonly onClose: () => void;
}

/** What was found for one of the held. */
interface Found {
  readonly number: string;
  readonly replies: readonly Row[];
  readonly contacts: readonly Contact[];
}

/** First whose replies, then which of them and to which mailbox. */
export function RecallDialog({ desk, about, onClose }: Props) {
  const { t } = useWords();
  const [found, setFound] = useState<Found>();
  return (
    <Dialog title={t("recall.title")} onClose={onClose} wide>
      {found === undefined ? (
        <WhoseReplies desk={desk} about={about} onFound={setFound} onClose={onClose} />
      ) : (
        <ToWhom desk={desk} found={found} onClose={onClose} />
      )}
    </Dialog>
  );
}

function WhoseReplies({ desk, about, onFound, onClose }: Props & { onFound: (found: Found) => void }) {
  const { t } = useWords();
  const [text, setText] = useState(about === undefined || about === "unknown" ? "" : showNumber(about));
  const [fault, setFault] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const id = useId();
  const look = async () => {
    setBusy(true);
    setFault(undefined);
    try {
      const number = parseNumber(text);
      const [replies, contacts] = await Promise.all([askReady(desk.session, desk.id, number), desk.contactsOf(number)]);
      onFound({ number, replies, contacts });
    } catch (wrong) {
      setFault(wrong);
      setBusy(false);
    }
  };
  return (
    <DecisionForm
      onGo={() => void look()}
      onClose={onClose}
      ready={!busy && text.trim() !== ""}
      label={t("recall.look")}
      back={t("dialog.close")}
    >
      <p class="soft">{t("recall.text")}</p>
      <label for={id}>{t("recall.number")}</label>
      <input
        id={id}
        class="mono"
        inputMode="numeric"
        autocomplete="off"
        value={text}
        onInput={(event) => setText(event.currentTarget.value)}
      />
      {fault !== undefined && <FaultCard fault={fault} />}
    </DecisionForm>
  );
}

function ToWhom({ desk, found, onClose }: Omit<Props, "about"> & { found: Found }) {
  const { t } = useWords();
  const { number, replies, contacts } = found;
  const [ticked, setTicked] = useState<readonly string[]>(replies.length === 1 ? [replies[0]!.item] : []);
  const [mailbox, setMailbox] = useState<string>();
  const [isSure, setSure] = useState(false);
  const chosen = replies.filter((row) => ticked.includes(row.item));
  const lost = new Set(chosen.map((row) => row.mailbox));
  const ready = chosen.length > 0 && mailbox !== undefined && !lost.has(mailbox) && isSure;
  const recalling = useRecalling(desk, onClose);
  const record = desk.register?.records.get(number);
  return (
    <DecisionForm
      onGo={() => mailbox !== undefined && recalling.run(chosen, mailbox)}
      onClose={onClose}
      ready={ready && !recalling.busy}
      label={t("decide.recall")}
      back={t("dialog.close")}
      grave
    >
      <p>
        <strong>{record && namesOf(record.person)}</strong> <span class="mono">{showNumber(number)}</span>
      </p>
      <fieldset class="picks">
        <legend>{t("recall.which")}</legend>
        {replies.length === 0 && <p class="soft">{t("recall.nothing")}</p>}
        {replies.map((row) => (
          <label key={row.item} class="tick">
            <input
              type="checkbox"
              checked={ticked.includes(row.item)}
              onChange={() => setTicked(without(ticked, row.item) ?? [...ticked, row.item])}
            />
            <span>
              {t("recall.waitsfor")}{" "}
              <Family contact={contacts.find((one) => one.mailbox === row.mailbox)} id={row.mailbox} />{" "}
              <AgeMark since={row.acceptedAt} />
            </span>
          </label>
        ))}
      </fieldset>
      {replies.length > 0 && (
        <fieldset class="picks">
          <legend>{t("recall.towhom")}</legend>
          {contacts.every((one) => lost.has(one.mailbox)) && <p class="soft">{t("recall.nonew")}</p>}
          {contacts
            .filter((one) => !lost.has(one.mailbox))
            .map((one) => (
              <label key={one.mailbox} class="tick">
                <input
                  type="radio"
                  name="mailbox"
                  checked={one.mailbox === mailbox}
                  onChange={() => setMailbox(one.mailbox)}
                />
                <span>
                  <Family contact={one} id={one.mailbox} />
                </span>
              </label>
            ))}
          <label class="tick">
            <input type="checkbox" checked={isSure} onChange={() => setSure(!isSure)} />
            <span>{t("recall.sure")}</span>
          </label>
        </fieldset>
      )}
      {recalling.fault !== undefined && <FaultCard fault={recalling.fault} />}
    </DecisionForm>
  );
}

/** Sign once, and send the same bytes again for as long as the relay has not answered. */
function useRecalling(desk: ReviewDesk, onClose: () => void) {
  const { notices, words } = useFrame();
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<unknown>();
  const [begun, setBegun] = useState<{ deed: Deed; about: string }>();
  const run = async (rows: readonly Row[], mailbox: string) => {
    setBusy(true);
    setFault(undefined);
    const about = [mailbox, ...rows.map((row) => row.head)].join();
    const step = () => signRecall(desk.session, desk.id, rows, mailbox);
    const deed = begun?.about === about ? begun.deed : new Deed(desk.session, [step]);
    setBegun({ deed, about });
    try {
      const moves = await deed.run();
      for (const _ of moves) desk.counters.add("recalled");
      notices.say(words.t("recall.done", { count: moves.length }));
      onClose();
      void desk.refresh();
    } catch (wrong) {
      setFault(wrong);
      setBusy(false);
    }
  };
  return { busy, fault, run: (rows: readonly Row[], mailbox: string) => void run(rows, mailbox) };
}

/** A mailbox as the desk knows it: who writes from it, how much, whether an answer reaches them. */
function Family({ contact, id }: { contact: Contact | undefined; id: string | undefined }) {
  const { t } = useWords();
  return (
    <>
      <strong>{contact?.names ?? t("match.unnamed")}</strong>
      {contact !== undefined && (
        <span class="soft small"> {t("writer.letters", { count: contact.letters.length })}</span>
      )}{" "}
      <span class="mono soft small">{id?.slice(0, 8)}</span>
      {contact !== undefined && contact.replyTo === undefined && (
        <span class="warn small"> {t("recall.noanswer")}</span>
      )}
    </>
  );
}

function without(list: readonly string[], one: string): readonly string[] | undefined {
  return list.includes(one) ? list.filter((each) => each !== one) : undefined;
}
