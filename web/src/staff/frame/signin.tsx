/** The way in: whose relay this is, who comes, and what opens their keyring: the printed code, or a passkey. */

import type { ComponentChildren } from "preact";
import { useEffect, useId, useState } from "preact/hooks";
import type { Gate } from "../gate";
import type { StaffSession } from "../session";
import { useWords } from "./context";
import { EntryFault } from "./dispute";
import { FaultCard } from "./faults";
import { Icon, Postmark } from "./icons";

interface Props {
  readonly gate: Gate;
  readonly onSignedIn: (session: StaffSession) => void;
}

/** The sign-in page. */
export function SignIn({ gate, onSignedIn }: Props) {
  const { t } = useWords();
  const [pinned, setPinned] = useState(gate.isPinned);
  return (
    <main class="gate">
      <header>
        <div>
          <p class="soft">{gate.site.name}</p>
          <h1>{t("signin.title")}</h1>
          <p class="lead">{t("signin.lead")}</p>
        </div>
        <Postmark />
      </header>
      <div class="gate-columns">
        {pinned ? (
          <Credentials gate={gate} onSignedIn={onSignedIn} />
        ) : (
          <PinForm gate={gate} onPinned={() => setPinned(true)} />
        )}
        <Fingerprint gate={gate} pinned={pinned}>
          {pinned && gate.mayPinAgain && (
            <button
              type="button"
              onClick={() => {
                gate.unpin();
                setPinned(false);
              }}
            >
              {t("pin.again")}
            </button>
          )}
        </Fingerprint>
      </div>
    </main>
  );
}

/** Ask once for the fingerprint from paper; this device then remembers it. */
function PinForm({ gate, onPinned }: { gate: Gate; onPinned: () => void }) {
  const { t } = useWords();
  const [text, setText] = useState("");
  const [fault, setFault] = useState<unknown>();
  const field = useId();
  const pin = (event: Event) => {
    event.preventDefault();
    try {
      gate.pin(text);
      onPinned();
    } catch (found) {
      setFault(found);
    }
  };
  return (
    <form class="card" onSubmit={pin}>
      <h2>{t("pin.title")}</h2>
      <p>{t("pin.why")}</p>
      <label for={field}>{t("pin.label")}</label>
      <textarea
        id={field}
        class="mono"
        rows={3}
        value={text}
        onInput={(event) => setText(event.currentTarget.value)}
        spellcheck={false}
        autocomplete="off"
      />
      {fault !== undefined && <FaultCard fault={fault} />}
      <button type="submit" class="main">
        {t("pin.go")}
      </button>
    </form>
  );
}

/** Who comes, and what they bring. */
function Credentials({ gate, onSignedIn }: Props) {
  const { t } = useWords();
  const [staff, setStaff] = useState(gate.rememberedStaff);
  const [code, setCode] = useState("");
  const [keep, setKeep] = useState(gate.rememberedStaff !== "");
  const attempt = useAttempt(onSignedIn);
  const [who, secret] = [useId(), useId()];
  // Where the relay lies there is nothing to try again: the code shall not stand there until somebody comes.
  useEffect(() => void (gate.book?.dispute && setCode("")), [gate, attempt.fault]);
  const enter = (event: Event) => {
    event.preventDefault();
    gate.rememberStaff(keep ? staff.trim() : "");
    attempt.run(() => gate.enterByCode(staff, code));
  };
  return (
    <form class="card" onSubmit={enter} aria-busy={attempt.busy}>
      {gate.passkeys.possible && (
        <>
          <button
            type="button"
            class="main wide-button"
            disabled={attempt.busy}
            onClick={() => attempt.run(() => gate.enterByPasskey())}
          >
            <Icon name="key" /> {t("signin.passkey")}
          </button>
          <p class="or">
            <span>{t("signin.or")}</span>
          </p>
        </>
      )}
      <label for={who}>{t("signin.staff")}</label>
      <input
        id={who}
        class="mono"
        value={staff}
        onInput={(event) => setStaff(event.currentTarget.value)}
        autocomplete="username"
        autocapitalize="none"
        spellcheck={false}
        required
        aria-describedby={`${who}-hint`}
      />
      <p class="hint" id={`${who}-hint`}>
        {t("signin.staffhint")}
      </p>
      <label for={secret}>{t("signin.code")}</label>
      <input
        id={secret}
        class="mono code"
        value={grouped(code)}
        onInput={(event) => setCode(event.currentTarget.value)}
        inputMode="numeric"
        autocomplete="off"
        spellcheck={false}
        required
        aria-describedby={`${secret}-hint`}
      />
      <p class="hint" id={`${secret}-hint`}>
        {t("signin.codehint")}
      </p>
      <label class="tick">
        <input type="checkbox" checked={keep} onChange={(event) => setKeep(event.currentTarget.checked)} />
        <span>{t("signin.keep")}</span>
      </label>
      {attempt.fault !== undefined && <EntryFault fault={attempt.fault} book={gate.book} />}
      <button type="submit" class={gate.passkeys.possible ? "" : "main"} disabled={attempt.busy}>
        {attempt.busy ? t("signin.busy") : t("signin.go")}
      </button>
      {!gate.passkeys.possible && <p class="hint">{t(`passkey.not.${gate.passkeys.reason}`)}</p>}
    </form>
  );
}

/** The fingerprint of trust, in groups that can be compared with paper. */
export function Fingerprint({ gate, pinned, children }: { gate: Gate; pinned: boolean; children?: ComponentChildren }) {
  const { t } = useWords();
  const digits = gate.fingerprint ?? gate.site.fingerprint ?? "";
  return (
    <section class="card trust">
      <h2>{t("trust.title")}</h2>
      <ol class="fingerprint mono" aria-label={t("trust.groups")}>
        {(digits.match(/.{1,4}/g) ?? []).map((group, at) => (
          <li key={at}>{group}</li>
        ))}
      </ol>
      <p class="soft">{t(pinned ? `trust.${gate.pinnedFrom}` : "trust.compare")}</p>
      {children}
    </section>
  );
}

/** Try to come in; only one attempt at a time, and its fault stays until the next. */
export function useAttempt(onSignedIn: (session: StaffSession) => void) {
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<unknown>();
  const run = (enter: () => Promise<StaffSession>) => {
    setBusy(true);
    setFault(undefined);
    enter()
      .then(onSignedIn, setFault)
      .finally(() => setBusy(false));
  };
  return { busy, fault, run };
}

/** A code as it is printed: groups of four digits. */
export function grouped(code: string): string {
  return code
    .replace(/\D/g, "")
    .slice(0, 32)
    .replace(/(.{4})(?=.)/g, "$1 ");
}
