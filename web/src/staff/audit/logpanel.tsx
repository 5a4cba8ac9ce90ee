/** The log as it is published now, what was seen of it here before, and the fingerprint to compare with paper. */

import { useAsked } from "../boards/asking";
import { Answer, Figure, Panel } from "../boards/parts";
import { useModel, useWords } from "../frame/context";
import { askPublished } from "./published";
import type { AuditRun } from "./run";

const GROUP = /.{4}/g;

/** The panel. */
export function LogPanel({ run }: { run: AuditRun }) {
  useModel(run);
  const words = useWords();
  const { t } = words;
  const asked = useAsked(() => askPublished(run.session));
  const { seen } = run.memory;
  return (
    <Panel title={t("audit.log")} lead={t("audit.log.lead")} wide>
      <Answer asked={asked}>
        {({ origin, size, root, signedAt }) => (
          <>
            <div class="figures">
              <Figure value={words.number(size)} label={t("audit.log.entries", { count: size })} />
              {seen && (
                <Figure
                  value={words.number(size - seen.size)}
                  label={t("audit.log.since", { day: words.moment(seen.at) })}
                />
              )}
              {signedAt && <Figure value={words.moment(signedAt)} label={t("audit.log.signed")} />}
            </div>
            <dl class="facts">
              <dt>{t("audit.log.origin")}</dt>
              <dd class="mono wrap">{origin}</dd>
              <dt>{t("audit.log.root")}</dt>
              <dd class="mono wrap">{root}</dd>
              <dt>{t("audit.log.seen")}</dt>
              <dd>
                {seen
                  ? t("audit.log.seensize", { count: seen.size, day: words.moment(seen.at) })
                  : t("audit.log.first")}
                {seen && <p class="mono wrap soft">{seen.root}</p>}
              </dd>
            </dl>
            <p class="row">
              <button type="button" disabled={asked.busy} onClick={asked.again}>
                {t("board.refresh")}
              </button>
            </p>
          </>
        )}
      </Answer>
      <h3 id="audit-fingerprint">{t("audit.fingerprint")}</h3>
      <p class="hint">{t("audit.fingerprint.why")}</p>
      <ol class="fingerprint mono" aria-labelledby="audit-fingerprint">
        {(run.session.book.fingerprint.match(GROUP) ?? []).map((group, at) => (
          <li key={at}>{group}</li>
        ))}
      </ol>
    </Panel>
  );
}
