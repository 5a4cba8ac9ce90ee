/** Whether a text is a post-quantum age recipient; remembered, since reading one takes most of a millisecond. */

import { parseRecipient } from "./hybrid";
import { Problem } from "./problems";

/** Every version of a directory repeats most keys of the one before. */
const known = new Map<string, boolean>();

/** Say whether this is `age1pq1…` in its one spelling, with a key that FIPS 203 §7.2 accepts. */
export function isRecipient(text: string): boolean {
  let is = known.get(text);
  if (is === undefined) {
    is = isOne(text);
    if (known.size < 1_024) known.set(text, is);
  }
  return is;
}

function isOne(text: string): boolean {
  try {
    parseRecipient(text);
    return true;
  } catch (error) {
    if (error instanceof Problem) return false;
    throw error;
  }
}
