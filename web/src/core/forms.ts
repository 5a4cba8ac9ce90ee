/** Times, detainee numbers and the keys of an object, as every format has them; a wrong one is never repaired. */

const TIME = /^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$/;
const NUMBER = /^[0-9]{12}$/;

/** Say whether this is a moment that exists, as `YYYY-MM-DDTHH:MM:SSZ`; such texts compare as times do. */
export function isTime(value: unknown): value is string {
  if (typeof value !== "string" || !TIME.test(value) || value.startsWith("0000")) return false;
  const milliseconds = Date.parse(value);
  return !Number.isNaN(milliseconds) && formatTime(milliseconds) === value;
}

/** Read a moment, of which `isTime` holds, as milliseconds since 1970. */
export function parseTime(text: string): number {
  return Date.parse(text);
}

/** Write milliseconds since 1970 as `YYYY-MM-DDTHH:MM:SSZ`, dropping what is less than a second. */
export function formatTime(milliseconds: number): string {
  return `${new Date(milliseconds).toISOString().slice(0, 19)}Z`;
}

/** Say whether this is a detainee number as it is stored: 10 digits and the two that check them (ISO 7064 MOD 97-10). */
export function isNumber(value: unknown): value is string {
  if (typeof value !== "string" || !NUMBER.test(value)) return false;
  const check = 98 - (Number(`${value.slice(0, 10)}00`) % 97);
  return value.slice(10) === String(check).padStart(2, "0");
}

/** Say whether an object has exactly these keys, in this order. */
export function hasKeys(value: object, keys: readonly string[]): boolean {
  const found = Object.keys(value);
  return found.length === keys.length && found.every((key, at) => key === keys[at]);
}
