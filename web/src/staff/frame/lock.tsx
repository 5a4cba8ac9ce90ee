/**
 * The lock: nobody has touched the page for half an hour, or the relay has ended the session. The keys are overwritten;
 * all that was typed stays under the lock until the same person comes back.
 */

import { useId, useState } from "preact/hooks";
import { reopen } from "../gate";
import type { StaffSession } from "../session";
import { useWords } from "./context";
import { Dialog } from "./dialog";
import { FaultCard } from "./faults";
import { Icon } from "./icons";
import { grouped, useAttempt } from "./signin";

/** Ask for the code or the passkey again; nothing on the page can be read or done meanwhile. */
export function LockDialog({ session, onOut }: { session: StaffSession; onOut: () => void }) {
  const { t } = useWords();
  const [code, setCode] = useState("");
  const attempt = useAttempt(() => undefined);
  const field = useId();
  const passkey = session.passkeys.possible;
  return (
    <Dialog title={t("lock.title")}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          attempt.run(() => reopen(session, { code }));
        }}
      >
        <p>{t("lock.text")}</p>
        {passkey && (
          <button
            type="button"
            class="main wide-button"
            disabled={attempt.busy}
            onClick={() => attempt.run(() => reopen(session, "passkey"))}
          >
            <Icon name="key" /> {t("signin.passkey")}
          </button>
        )}
        <label for={field}>{t("signin.code")}</label>
        <input
          id={field}
          class="mono code"
          value={grouped(code)}
          onInput={(event) => setCode(event.currentTarget.value)}
          inputMode="numeric"
          autocomplete="off"
          required
        />
        {attempt.fault !== undefined && <FaultCard fault={attempt.fault} />}
        <div class="row end">
          <button type="button" onClick={onOut}>
            {t("lock.leave")}
          </button>
          <button type="submit" class={passkey ? "" : "main"} disabled={attempt.busy}>
            {attempt.busy ? t("signin.busy") : t("lock.go")}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
