/** The one QR code of the family page, against a library that knows them all. */

import { encode } from "uqr";
import { expect, test } from "vitest";
import { newCode } from "../src/core/codes";
import { modulesOf } from "../src/families/qr";

test("a receipt code is drawn as the library draws it", () => {
  for (const code of [newCode(), newCode(), "0".repeat(32), "9".repeat(32)]) {
    const options = { ecc: "Q", boostEcc: false, minVersion: 2, maxVersion: 2, maskPattern: 0, border: 0 } as const;
    expect(modulesOf(code)).toEqual(encode(code, options).data);
  }
});
