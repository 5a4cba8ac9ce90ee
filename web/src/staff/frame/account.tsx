/** Who is signed in: roles and desks as the directory has them, where else, passkeys, and the way out. */

import { useEffect, useState } from "preact/hooks";
import { addPasskey } from "../passkeys";
import { type Device, type StaffSession, shortId } from "../session";
import type { Lang } from "../words";
import { useWords } from "./context";
import { Dialog } from "./dialog";
import { FaultCard } from "./faults";
import { Icon } from "./icons";
import { LanguageChoice } from "./stripe";

interface Props {
  readonly session: StaffSession;
  readonly lang: Lang;
  readonly onLanguage: (lang: Lang) => void;
  readonly onClose: () => void;
  readonly onLeave: () => void;
}

/** The account's dialog. */
export function AccountDialog({ session, lang, onLanguage, onClose, onLeave }: Props) {
  const { t } = useWords();
  const lock = () => {
    onClose();
    session.lock();
  };
  return (
    <Dialog title={t("account.title")} onClose={onClose}>
      <LanguageChoice lang={lang} onChoose={onLanguage} />
      <dl class="facts">
        <dt>{t("account.id")}</dt>
        <dd class="mono wrap">{session.id}</dd>
        <dt>{t("account.roles")}</dt>
        <dd>{session.roles.map((role) => t(`role.${role}`)).join(", ")}</dd>
        <dt>{t("account.desks")}</dt>
        <dd>
          {session.desks().map((desk) => (
            <p key={desk.id}>
              {t(`desk.${desk.kind}`)} <span class="mono">{shortId(desk.id)}</span>
              {!session.hasDeskKey(desk.id) && !desk.keyless && <em class="warn"> {t("account.nokey")}</em>}
            </p>
          ))}
        </dd>
        <dt>{t("account.directory")}</dt>
        <dd>{t("account.version", { version: session.directory.version })}</dd>
      </dl>
      <Passkey session={session} />
      <Devices session={session} />
      <div class="row end">
        <button type="button" onClick={lock}>
          <Icon name="key" /> {t("account.lock")}
        </button>
        <button type="button" onClick={onLeave}>
          <Icon name="out" /> {t("account.leave")}
        </button>
      </div>
    </Dialog>
  );
}

/** What came of it is told here: behind a dialog no message can be seen or heard. */
function Passkey({ session }: { session: StaffSession }) {
  const { t } = useWords();
  const [busy, setBusy] = useState(false);
  const [added, setAdded] = useState(false);
  const [fault, setFault] = useState<unknown>();
  const { possible, reason } = session.passkeys;
  const add = () => {
    setBusy(true);
    setFault(undefined);
    addPasskey(session)
      .then(() => setAdded(true), setFault)
      .finally(() => setBusy(false));
  };
  return (
    <section>
      <h3>{t("passkey.title")}</h3>
      <p class="soft">{t(possible ? "passkey.why" : `passkey.not.${reason}`)}</p>
      {possible && !added && (
        <button type="button" disabled={busy} onClick={add}>
          <Icon name="key" /> {t("passkey.add")}
        </button>
      )}
      <p role="status">
        {added && (
          <>
            <Icon name="check" /> {t("passkey.added")}
          </>
        )}
      </p>
      {fault !== undefined && <FaultCard fault={fault} />}
    </section>
  );
}

function Devices({ session }: { session: StaffSession }) {
  const words = useWords();
  const { t } = words;
  const [devices, setDevices] = useState<readonly Device[]>([]);
  const [fault, setFault] = useState<unknown>();
  const load = () => session.devices().then(setDevices, setFault);
  useEffect(() => void load(), [session]);
  return (
    <section class="devices">
      <h3>{t("devices.title")}</h3>
      {fault !== undefined && <FaultCard fault={fault} />}
      <ul class="rows">
        {devices.map((device) => (
          <li key={device.id}>
            <span>
              {device.here ? t("devices.here") : t("devices.other")}
              <span class="soft"> {words.moment(new Date(device.seenAt * 1000).toISOString())}</span>
            </span>
            {!device.here && (
              <button type="button" onClick={() => session.endDevice(device.id).then(load, setFault)}>
                {t("devices.end")}
              </button>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}
