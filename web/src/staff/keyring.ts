/**
 * One more reader for a keyring. Who its other readers are cannot be told from the file, so the file key is wrapped once
 * more and the header signed anew: every stanza that was there stays, and opens as before.
 */

import { encodeMac, encodeStanzas, parseHeader } from "../core/ageheader";
import { type Bytes, concat, equal, hmac, utf8 } from "../core/bytes";
import { unwrapFileKey, wrapFileKey } from "../core/hybrid";
import { Problem } from "../core/problems";

/** Add a recipient, `age1pq1…`, to an age file that `seed` opens; throws Problem "wrong_key" or "age_header_forged". */
export function addReader(file: Uint8Array, seed: Uint8Array, recipient: string): Bytes {
  const header = parseHeader(file);
  const fileKey = unwrapFileKey(seed, header.stanzas);
  if (fileKey === undefined) throw new Problem("wrong_key");
  if (!equal(headerMac(fileKey, header.macInput), header.mac)) throw new Problem("age_header_forged");
  const covered = encodeStanzas([...header.stanzas, wrapFileKey(recipient, fileKey)]);
  return concat(covered, encodeMac(headerMac(fileKey, covered)), file.subarray(header.length));
}

/** C2SP age, "Header MAC": HKDF-SHA256 of 32 bytes, which is a single block, and HMAC. */
function headerMac(fileKey: Uint8Array, covered: Uint8Array): Bytes {
  const key = hmac(hmac(new Uint8Array(0), fileKey), concat(utf8("header"), Uint8Array.of(1)));
  return hmac(key, covered);
}
