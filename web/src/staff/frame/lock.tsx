/**
 * The lock: nobody has touched the page for half an hour, or the relay has ended the session. The keys are overwritten;
 * all that was typed stays under the lock until the same person comes back.
 */

import { useEffect, useId, useState } from "preact/hooks";
import { reopen } from "../gate";
import type { StaffSession } from "../session";
import { useWords } from "./context";
import { Dialog } from "./dialog";
import { EntryFault } from "./dispute";
import { Icon } from "./icons";
import { grouped, useAttempt } from "./signin";

/** Ask for the code or the passkey again; nothing on the page can be read or done meanwhile. */
export function LockDialog({ session, onOut }: { session: StaffSession; onOut: () => void }) {
  const { t } = useWords();
  const [code, setCode] = useState("");
  const attempt = useAttempt(() => undefined);
  const field = useId();
  const passkey = session.passkeys.possible;
  // Where the relay lies there is nothing to try again: the code shall not stand there until somebody comes.
  useEffect(() => void (session.book.dispute && setCode("")), [session, attempt.fault]);
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
        {attempt.fault !== undefined && <EntryFault fault={attempt.fault} book={session.book} />}
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
