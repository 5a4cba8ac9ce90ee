/** Keys by their place: a reviewer who writes Ukrainian presses the same key as one who writes English. */

import { expect, it } from "vitest";
import { nameOf } from "../src/staff/frame/keyboard";

const PLAIN = { ctrlKey: false, metaKey: false, shiftKey: false };

it.each([
  [{ key: "p", code: "KeyP" }, "p"],
  [{ key: "з", code: "KeyP" }, "p"],
  [{ key: "?", code: "Slash", shiftKey: true }, "?"],
  [{ key: "?", code: "Digit7", shiftKey: true }, "?"],
  [{ key: "Enter", code: "Enter", ctrlKey: true }, "Mod+Enter"],
  [{ key: "ArrowRight", code: "ArrowRight", shiftKey: true }, "Shift+ArrowRight"],
  [{ key: "1", code: "Digit1" }, "1"],
  [{ key: "Escape", code: "Escape" }, "Escape"],
])("names %o", (event, name) => {
  expect(nameOf({ ...PLAIN, ...event })).toBe(name);
});
