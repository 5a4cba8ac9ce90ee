/** Desks, the epoch of each one's key, and who works there: as the verified directory has it, without names. */

import type { Desk } from "../../core/directory";
import { Panel, Table } from "../boards/parts";
import { useWords } from "../frame/context";
import { type StaffSession, shortId } from "../session";

/** The panel. */
export function DesksPanel({ session }: { session: StaffSession }) {
  const words = useWords();
  const { t } = words;
  const { directory } = session;
  const atNone = directory.members.filter((member) => member.desks.length === 0);
  return (
    <Panel title={t("operate.desks")} lead={t("operate.desks.lead")} wide>
      <Table
        caption={t("operate.desks")}
        columns={[
          { name: t("operate.desk") },
          { name: t("operate.side") },
          { name: t("operate.epoch"), number: true },
          { name: t("operate.since") },
          { name: t("operate.members") },
        ]}
        rows={[
          ...directory.desks.map((desk) => [
            <DeskName key="desk" desk={desk} />,
            desk.side ?? t("operate.mediator"),
            desk.keyless ? "–" : words.number(desk.epochs.at(-1)?.epoch ?? 0),
            desk.keyless ? t("operate.keyless") : words.day(desk.epochs.at(-1)?.from ?? ""),
            <Members
              key="members"
              session={session}
              ids={directory.members.filter((one) => one.desks.includes(desk.id)).map((one) => one.id)}
            />,
          ]),
          [
            t("operate.nodesk"),
            "",
            "",
            "",
            <Members key="members" session={session} ids={atNone.map((one) => one.id)} />,
          ],
        ]}
      />
    </Panel>
  );
}

function DeskName({ desk }: { desk: Desk }) {
  const { t } = useWords();
  return (
    <>
      {t(`operate.kind.${desk.kind}`)} <span class="mono soft">{shortId(desk.id)}</span>
    </>
  );
}

function Members({ session, ids }: { session: StaffSession; ids: readonly string[] }) {
  const { t } = useWords();
  if (ids.length === 0) return <span class="soft">{t("operate.nobody")}</span>;
  return (
    <>
      {ids.map((id) => (
        <p key={id}>
          <span class="mono">{shortId(id)}</span>{" "}
          {session.directory
            .staff(id)
            .roles.map((role) => t(`role.${role}`))
            .join(", ")}
          {session.signers.suspended.has(id) && <em class="warn"> · {t("operate.suspended")}</em>}
        </p>
      ))}
    </>
  );
}
