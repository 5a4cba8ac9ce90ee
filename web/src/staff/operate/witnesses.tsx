/** Whose keys count above the directory's: the trust page, and the witnesses that it asks for. */

import { Command, Panel } from "../boards/parts";
import { useWords } from "../frame/context";
import type { StaffSession } from "../session";
import { readPolicy } from "./policy";

/** The panel. */
export function WitnessPanel({ session }: { session: StaffSession }) {
  const words = useWords();
  const { t } = words;
  const { trust } = session;
  return (
    <Panel title={t("operate.trust")} lead={t("operate.trust.lead")} wide>
      <dl class="facts">
        <dt>{t("operate.trust.version")}</dt>
        <dd>{words.number(trust.version)}</dd>
        <dt>{t("operate.trust.origin")}</dt>
        <dd class="mono wrap">{trust.origin}</dd>
        <dt>{t("operate.trust.directory")}</dt>
        <dd>{t("operate.signers", { count: trust.k, all: trust.directory.length })}</dd>
        <dt>{t("operate.witnesses")}</dt>
        <dd>
          <Witnesses policy={trust.policy} />
        </dd>
      </dl>
      <details class="turn-over">
        <summary>{t("operate.policy.text")}</summary>
        <pre class="mono wrap">{trust.policy}</pre>
      </details>
      <h3>{t("operate.logkeys")}</h3>
      <Command line="letter-relay log vkey" />
    </Panel>
  );
}

function Witnesses({ policy }: { policy: string }) {
  const { t } = useWords();
  const read = readPolicy(policy);
  if (read === undefined) return <p>{t("operate.policy.unread")}</p>;
  if (read.quorum === "none") return <p>{t("operate.witnesses.none")}</p>;
  return (
    <>
      <p>{t("operate.witnesses.quorum", { name: read.quorum })}</p>
      {read.groups.map(({ name, threshold, members }) => (
        <p key={name}>{t("operate.witnesses.group", { name, count: threshold, members: members.join(", ") })}</p>
      ))}
      <p class="soft">{t("operate.witnesses.names", { names: read.witnesses.join(", ") })}</p>
    </>
  );
}
