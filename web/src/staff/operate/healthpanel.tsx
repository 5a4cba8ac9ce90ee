/** Whether each part of the relay works. */

import type { Asked } from "../boards/asking";
import { Answer, Badge, Figure, Panel } from "../boards/parts";
import { useWords } from "../frame/context";
import type { Health } from "./standing";

/** The panel. */
export function HealthPanel({ health, size }: { health: Asked<Health>; size: Asked<number> }) {
  const words = useWords();
  const { t } = words;
  return (
    <Panel title={t("operate.health")}>
      <Answer asked={health}>
        {({ checks }) => (
          <ul class="checks">
            {Object.entries(checks).map(([name, ok]) => (
              <li key={name}>
                <span>
                  {words.has(`operate.check.${name}`) ? t(`operate.check.${name}`) : name}
                  {!ok && (
                    <p class="hint">
                      {words.has(`operate.cure.${name}`) ? t(`operate.cure.${name}`) : t("operate.cure.other")}
                    </p>
                  )}
                </span>
                <Badge tone={ok ? "good" : "bad"}>{t(ok ? "operate.works" : "operate.fails")}</Badge>
              </li>
            ))}
          </ul>
        )}
      </Answer>
      <Answer asked={size}>
        {(entries) => <Figure value={words.number(entries)} label={t("operate.entries", { count: entries })} />}
      </Answer>
    </Panel>
  );
}
