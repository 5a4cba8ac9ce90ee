/** Which keys are out of force, and taking one out of force: at once, signed, in the log, and for good. */

import { useState } from "preact/hooks";
import { useAsked } from "../boards/asking";
import { Answer, Command, Panel, Table } from "../boards/parts";
import { useFrame, useWords } from "../frame/context";
import { Dialog } from "../frame/dialog";
import { FaultCard } from "../frame/faults";
import { Icon } from "../frame/icons";
import { type StaffSession, shortId } from "../session";
import { askSuspensions, type Suspended } from "./standing";

/** The reasons that are offered; others are possible on the command line. */
const REASONS = ["KEY_LOST", "DEVICE_LOST", "LEFT", "MISUSE"] as const;

/** The panel. */
export function SuspensionsPanel({ session }: { session: StaffSession }) {
  const { t } = useWords();
  const asked = useAsked(() => askSuspensions(session));
  const [open, setOpen] = useState(false);
  return (
    <Panel title={t("operate.suspensions")} lead={t("operate.suspensions.lead")} wide>
      <Answer asked={asked}>
        {(list) => (list.length === 0 ? <p>{t("operate.suspensions.none")}</p> : <List list={list} />)}
      </Answer>
      <p>
        <button type="button" class="grave" onClick={() => setOpen(true)}>
          <Icon name="key" /> {t("operate.suspend")}
        </button>
      </p>
      {open && (
        <SuspendDialog
          session={session}
          onClose={() => setOpen(false)}
          onDone={() => {
            setOpen(false);
            asked.again();
          }}
        />
      )}
    </Panel>
  );
}

function List({ list }: { list: readonly Suspended[] }) {
  const words = useWords();
  const { t } = words;
  return (
    <Table
      caption={t("operate.suspensions")}
      columns={[
        { name: t("operate.member") },
        { name: t("operate.reason") },
        { name: t("operate.signedat") },
        { name: t("operate.by") },
        { name: t("operate.index"), number: true },
      ]}
      rows={list.map((one) => [
        <span key="member" class="mono">
          {shortId(one.staff)}
        </span>,
        words.has(`operate.reason.${one.reason}`) ? t(`operate.reason.${one.reason}`) : one.reason,
        words.moment(one.at),
        <span key="by" class="mono">
          {shortId(one.by)}
        </span>,
        words.number(one.index),
      ])}
    />
  );
}

interface Suspending {
  readonly session: StaffSession;
  readonly onClose: () => void;
  readonly onDone: () => void;
}

function SuspendDialog({ session, onClose, onDone }: Suspending) {
  const { words, notices } = useFrame();
  const { t } = words;
  const [staff, setStaff] = useState("");
  const [reason, setReason] = useState("");
  const [typed, setTyped] = useState("");
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<unknown>();
  const others = session.directory.members.filter(({ id }) => !session.signers.suspended.has(id));
  const certain = staff !== "" && reason !== "" && typed.trim().toLowerCase() === shortId(staff);
  const suspend = async (event: Event) => {
    event.preventDefault();
    if (!certain || busy) return;
    setBusy(true);
    setFault(undefined);
    try {
      const index = await session.office("suspend", { staff, reason });
      await session.book.refresh(session.wire);
      session.changed();
      notices.say(t("operate.suspend.done", { member: shortId(staff), index }));
      onDone();
    } catch (thrown) {
      setFault(thrown);
      setBusy(false);
    }
  };
  return (
    <Dialog title={t("operate.suspend")} onClose={onClose}>
      <form onSubmit={suspend}>
        <p>{t("operate.suspend.what")}</p>
        <label for="suspend-member">{t("operate.member")}</label>
        <select id="suspend-member" value={staff} onChange={(event) => setStaff(event.currentTarget.value)} required>
          <option value="">{t("operate.choose")}</option>
          {others.map(({ id, roles }) => (
            <option key={id} value={id}>
              {shortId(id)} · {roles.map((role) => t(`role.${role}`)).join(", ")}
              {id === session.id ? ` · ${t("operate.yourself")}` : ""}
            </option>
          ))}
        </select>
        <label for="suspend-reason">{t("operate.reason")}</label>
        <select id="suspend-reason" value={reason} onChange={(event) => setReason(event.currentTarget.value)} required>
          <option value="">{t("operate.choose")}</option>
          {REASONS.map((code) => (
            <option key={code} value={code}>
              {t(`operate.reason.${code}`)}
            </option>
          ))}
        </select>
        {staff !== "" && (
          <>
            <label for="suspend-typed">{t("operate.suspend.type", { digits: shortId(staff) })}</label>
            <input
              id="suspend-typed"
              class="mono"
              autocomplete="off"
              spellcheck={false}
              value={typed}
              onInput={(event) => setTyped(event.currentTarget.value)}
            />
          </>
        )}
        {fault !== undefined && <FaultCard fault={fault} />}
        <div class="row end">
          <button type="button" onClick={onClose}>
            {t("operate.suspend.not")}
          </button>
          <button type="submit" class="grave" disabled={!certain || busy}>
            {t(busy ? "operate.suspend.doing" : "operate.suspend")}
          </button>
        </div>
        <p class="hint">{t("operate.suspend.next")}</p>
        <Command
          line={
            staff === ""
              ? "letter-relay desk rotate --without STAFF --out epoch-2"
              : `letter-relay desk rotate --without ${staff} --out epoch-2`
          }
        />
      </form>
    </Dialog>
  );
}
