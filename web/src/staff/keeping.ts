/** What a device remembers between two visits: choices and ids, never a key or a text. It may remember nothing. */

/** A text that was kept; an empty one, if there is none or the browser keeps nothing. */
export function keptText(key: string): string {
  try {
    return localStorage.getItem(key) ?? "";
  } catch {
    return "";
  }
}

/** Keep a text; an empty one is forgotten. */
export function keepText(key: string, text: string): void {
  try {
    if (text === "") localStorage.removeItem(key);
    else localStorage.setItem(key, text);
  } catch {
    // A device that keeps nothing is asked again next time.
  }
}
