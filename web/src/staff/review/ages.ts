/** How long something has waited, in steps that a reviewer can see at a glance: by words and shape, and by colour. */

export type AgeStep = 0 | 1 | 2 | 3;

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** From a day, three days, a week on. Letters must not be delayed under the pretext of reading them. */
const STEPS_DAYS = [1, 3, 7] as const;

/** How long ago a moment was. */
export interface Age {
  readonly step: AgeStep;
  readonly unit: "minutes" | "hours" | "days";
  readonly count: number;
}

/** Reckon an age, from `YYYY-MM-DDTHH:MM:SSZ` to `now` (milliseconds since 1970). */
export function ageOf(since: string, now: number): Age {
  const waited = Math.max(0, now - Date.parse(since));
  const step = STEPS_DAYS.filter((days) => waited >= days * DAY_MS).length as AgeStep;
  if (waited >= DAY_MS) return { step, unit: "days", count: Math.floor(waited / DAY_MS) };
  if (waited >= HOUR_MS) return { step, unit: "hours", count: Math.floor(waited / HOUR_MS) };
  return { step, unit: "minutes", count: Math.floor(waited / 60_000) };
}
