/** What the family page weighs; `make test` builds it before. */

import { join } from "node:path";
import { expect, test } from "vitest";
import { LIMIT_BYTES, weigh } from "../weigh.mjs";

const BUILT = join(__dirname, "../../relay/http/built");

test("the page, all of it, gzipped, stays below 75 KB", () => {
  const { files, bytes, locales } = weigh(BUILT);
  expect(locales.length).toBe(3);
  // The page, its sheet, its script, the Worker, one locale, the service worker: nothing else is loaded.
  expect(files.map(({ name }) => name.replace(/-[\w-]{8}\./, ".")).length).toBeGreaterThanOrEqual(6);
  expect(bytes).toBeLessThanOrEqual(LIMIT_BYTES);
});
