/** Say what has become of somebody: status and place, signed, in the log, and in force at once. */

import { useId, useState } from "preact/hooks";
import { Problem } from "../../core/problems";
import { useFrame } from "../frame/context";
import { Dialog } from "../frame/dialog";
import { FaultCard } from "../frame/faults";
import type { ReviewDesk } from "../review/desk";
import { DecisionForm } from "../review/panels";
import { type HeldRecord, namesOf, STATUSES, type Status } from "../review/register";
import { Place, RecordCard } from "../review/side";
import { shortId } from "../session";
import { facilitiesOf, publishStanding, recordAfter } from "./publishing";

interface Props {
  readonly desk: ReviewDesk;
  readonly record: HeldRecord;
  readonly onClose: () => void;
}

/** One person's record, and what is to stand in it. */
export function StandingDialog({ desk, record, onClose }: Props) {
  const { notices, words } = useFrame();
  const { t } = words;
  const [status, setStatus] = useState<Status>(record.status);
  const [place, setPlace] = useState("");
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<unknown>();
  const standing = { status, place: place === "" ? undefined : place };
  const after = afterOrWhy(desk, record, standing);
  const isSame = typeof after === "object" && after.status === record.status && after.place === record.place;
  const statusId = useId();
  const placeId = useId();
  const publish = async () => {
    setBusy(true);
    setFault(undefined);
    try {
      const index = await publishStanding(desk, record, standing);
      notices.say(t("held.done", { name: namesOf(record.person) || record.number, index }));
      onClose();
    } catch (wrong) {
      setFault(wrong);
      setBusy(false);
    }
  };
  return (
    <Dialog title={t("held.set")} onClose={onClose} wide>
      <DecisionForm
        onGo={() => void publish()}
        onClose={onClose}
        ready={typeof after === "object" && !isSame && !busy}
        label={t("held.sign")}
        back={t("dialog.close")}
      >
        <RecordCard desk={desk} record={record} />
        <div class="held-fields">
          <div>
            <label for={statusId}>{t("held.status")}</label>
            <select id={statusId} value={status} onChange={(event) => setStatus(event.currentTarget.value as Status)}>
              {STATUSES.map((one) => (
                <option key={one} value={one}>
                  {t(`status.${one}`)}
                </option>
              ))}
            </select>
          </div>
          <div>
            <label for={placeId}>{t("held.place")}</label>
            <select id={placeId} value={place} onChange={(event) => setPlace(event.currentTarget.value)}>
              <option value="">{t("held.place.keep")}</option>
              {facilitiesOf(desk.session).map((one) => (
                <option key={one} value={one}>
                  {nameOf(desk, one)}
                </option>
              ))}
            </select>
          </div>
        </div>
        <p class="hint">{t(`held.status.${status}`)}</p>
        {typeof after === "string" ? (
          <p class="warn">{t(`problem.${after}`)}</p>
        ) : (
          <p>
            {t("held.after")} <strong>{t(`status.${after.status}`)}</strong>,{" "}
            {after.place === undefined ? t("held.noplace") : <Place desk={desk} id={after.place} />}
          </p>
        )}
        {fault !== undefined && <FaultCard fault={fault} />}
      </DecisionForm>
    </Dialog>
  );
}

/** The record as it will stand, or the code of what keeps it from standing so. */
function afterOrWhy(desk: ReviewDesk, record: HeldRecord, standing: Parameters<typeof recordAfter>[2]) {
  try {
    return recordAfter(desk.session, record, standing);
  } catch (fault) {
    if (fault instanceof Problem) return fault.code;
    throw fault;
  }
}

/** A place in words alone, for a list of choices. */
function nameOf(desk: ReviewDesk, id: string): string {
  const { side } = desk.session.directory.desk(id);
  return [side, shortId(id)].filter(Boolean).join(" · ");
}
