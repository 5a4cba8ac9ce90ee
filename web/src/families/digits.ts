/**
 * Numbers and codes as people type them: grouped by four, with check digits that are looked at at once.
 *
 * The check is that of core/codes.ts, written again so that the page need not load what derives keys; a test holds both
 * against each other, and the Worker has the last word anyway.
 */

/** How many digits a detainee number has, and a receipt code. */
export const NUMBER_DIGITS = 12;
export const CODE_DIGITS = 32;
const CHECK_DIGITS = 2;

/** What stands there so far. */
export type Verdict = { readonly missing: number } | { readonly digits: string } | "mistyped" | "too_long";

/** Look at what was typed: anything but digits between groups is left out. */
export function judge(text: string, length: number): Verdict {
  const digits = text.replace(/\D/g, "");
  if (digits.length > length) return "too_long";
  if (digits.length < length) return { missing: length - digits.length };
  return digits.endsWith(checkOf(digits.slice(0, -CHECK_DIGITS))) ? { digits } : "mistyped";
}

/** ISO 7064 MOD 97-10, recomputed, so that 00, 01 and 99 never pass. */
function checkOf(payload: string): string {
  let rest = 0;
  for (const digit of `${payload}00`) rest = (rest * 10 + Number(digit)) % 97;
  return String(98 - rest).padStart(CHECK_DIGITS, "0");
}

/** Write digits in groups of four, with spaces that break lines. */
export function grouped(text: string): string {
  return text.replace(/\D/g, "").replace(/(\d{4})(?=\d)/g, "$1 ");
}

/** Read the number after `#to=` in an address card's link, or in what a camera saw of it; null if there is none. */
export function numberIn(link: string): string | null {
  const found = /#to=(\d{12})$/.exec(link.trim());
  const verdict = found && judge(found[1]!, NUMBER_DIGITS);
  return verdict && typeof verdict === "object" && "digits" in verdict ? verdict.digits : null;
}
