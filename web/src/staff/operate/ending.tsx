/** Until when the directory holds, and what the next one takes. */

import type { Asked } from "../boards/asking";
import { Answer, Badge, Command, Figure, Panel } from "../boards/parts";
import { useWords } from "../frame/context";
import { Icon } from "../frame/icons";
import type { StaffSession } from "../session";
import { type Expiry, WARN_DAYS } from "./standing";

/** The panel. */
export function DirectoryPanel({ session, expiry }: { session: StaffSession; expiry: Asked<Expiry> }) {
  const words = useWords();
  const { t } = words;
  return (
    <Panel title={t("operate.directory")}>
      <Answer asked={expiry}>
        {({ version, expires, days }) => (
          <>
            <div class="figures">
              <Figure
                value={words.number(Math.max(days, 0))}
                label={t("operate.daysleft", { count: Math.max(days, 0) })}
                tone={toneOf(days)}
              />
              <Figure value={words.number(version)} label={t("operate.version")} />
            </div>
            <p>
              <Badge tone={toneOf(days)}>
                {t(days < 0 ? "operate.expired" : "operate.expires", { day: words.day(expires) })}
              </Badge>
            </p>
            {days < WARN_DAYS && (
              <div class="fault" role="alert">
                <Icon name="warning" />
                <div>
                  <p class="what">{t("operate.soon")}</p>
                  <p>{t("operate.soon.why")}</p>
                </div>
              </div>
            )}
            <p class="hint">{t("operate.signers", { count: session.trust.k, all: session.trust.directory.length })}</p>
            <Command line={`letter-relay directory draft --out directory-${version + 1}`} />
          </>
        )}
      </Answer>
    </Panel>
  );
}

function toneOf(days: number): "good" | "old" | "bad" {
  if (days < 0) return "bad";
  return days < WARN_DAYS ? "old" : "good";
}
