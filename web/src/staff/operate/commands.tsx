/** What this board cannot do, on purpose, and the command that can: keys of that weight are never in a browser. */

import { Command, Panel } from "../boards/parts";
import { useWords } from "../frame/context";

const COMMANDS: readonly (readonly [what: string, line: string])[] = [
  ["doctor", "letter-relay doctor"],
  ["storage", 'df -h "$DATA" && du -h "$DATA"'],
  ["invite", "letter-relay staff invite --desk DESK --role ROLE --out member.invite"],
  ["draft", "letter-relay directory draft --confirm PRINT --out directory-2"],
  ["sign", "letter-relay directory sign directory-2 --key directory.key --out directory-2.signed"],
  ["publish", "letter-relay directory publish directory-2.oda directory-2.per --document directory-2/directory.json"],
  ["rotate", "letter-relay desk rotate --without STAFF --out epoch-2"],
  ["metrics", "letter-relay staff token new --name prometheus --scope metrics --days 90 --out metrics.token"],
];

/** The panel. */
export function CommandsPanel() {
  const { t } = useWords();
  return (
    <Panel title={t("operate.commands")} lead={t("operate.commands.lead")} wide>
      {COMMANDS.map(([what, line]) => (
        <div key={what}>
          <p>{t(`operate.command.${what}`)}</p>
          <Command line={line} />
        </div>
      ))}
    </Panel>
  );
}
