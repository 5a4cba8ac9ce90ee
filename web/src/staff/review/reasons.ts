/** Reason codes, as docs/reviewers.md has them; what each means stands in the locale files as `reason.<CODE>`. */

/** Of words, in the order of their keys 1 to 9 and 0. */
export const TEXT_REASONS = [
  "MIL",
  "POL",
  "DISC",
  "CODE",
  "THIRD_PARTY",
  "MONEY",
  "NOT_FAMILY_NEWS",
  "ILLEGIBLE",
  "LANGUAGE",
  "OVER_LENGTH",
] as const;

/** Of pictures. */
export const PICTURE_REASONS = ["PHOTO_MIL", "CONTRABAND", "THIRD_PARTY"] as const;

/** Of what was passed and did not arrive: nothing that anybody wrote. The same codes as officers give. */
export const PLACE_REASONS = ["NOT_HERE", "TRANSFERRED", "HOSPITAL", "RELEASED"] as const;

/** The one reason of what cannot be opened. */
export const UNREADABLE = "UNREADABLE";

/** The key that chooses a reason: 1 to 9, then 0. */
export function keyOfReason(place: number): string {
  return String((place + 1) % 10);
}
