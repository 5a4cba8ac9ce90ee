/**
 * One first line and one age file whose header covers it: the outer shape of everything that is sealed.
 *
 *     <first line>\n
 *     age-encryption.org/v1\n
 *     -> mlkem768x25519 …                                       one for each recipient
 *     -> letter-relay/bind/v1 <base64 SHA-256 of the first line>    the last stanza, with an empty body
 *     --- <mac>\n<payload>
 */

import { decryptAge, encryptAge, identitiesOf, plaintextSize } from "./agefile";
import { encodeUnpadded, MAX_HEADER_BYTES, parseHeader, type Stanza } from "./ageheader";
import { type Bytes, concat, sha256, utf8 } from "./bytes";
import { splitFirstLine } from "./firstlines";
import { HYBRID_STANZA, hybridShare } from "./hybrid";
import { Problem } from "./problems";

const BIND_STANZA = "letter-relay/bind/v1";

/** Make the stanza that ties a first line to its file. */
export function bind(firstLine: Uint8Array): Stanza {
  return { type: BIND_STANZA, args: [encodeUnpadded(sha256(firstLine))], body: new Uint8Array(0) };
}

/**
 * Seal padded content under its first line, to as many recipients as it names.
 *
 * Throws Problem "recipients_differ" or "key_malformed".
 */
export function sealEnvelope(
  firstLine: Uint8Array,
  plaintext: Uint8Array,
  recipients: readonly string[],
  named: number,
): Bytes {
  if (recipients.length !== named) throw new Problem("recipients_differ");
  return concat(firstLine, utf8("\n"), encryptAge(plaintext, recipients, [bind(firstLine)]));
}

/**
 * Check all that can be checked without a key, and give the padded size of what is inside, in bytes.
 *
 * `named` is how many recipients the first line names. Throws Problem "sealed_line", "age_header", "foreign_stanza",
 * "wrong_bind", "recipients_differ" or "not_padded", checked in this order.
 */
export function checkEnvelope(file: Uint8Array, named: number): number {
  const firstLine = splitFirstLine(file);
  const sealed = file.subarray(firstLine.length + 1);
  const header = parseHeader(sealed.subarray(0, MAX_HEADER_BYTES));
  checkStanzas(header.stanzas, bind(firstLine), named);
  const inside = plaintextSize(sealed.length - header.length);
  if (inside === undefined) throw new Problem("not_padded");
  return inside;
}

/**
 * Open a file that `checkEnvelope` has passed, and give its padded content, none of it before all is verified.
 *
 * Throws Problem "wrong_key", "age_header_forged" or "age_payload".
 */
export function openEnvelope(file: Uint8Array, seeds: Uint8Array | readonly Uint8Array[]): Bytes {
  return decryptAge(file.subarray(splitFirstLine(file).length + 1), identitiesOf(seeds));
}

function checkStanzas(stanzas: readonly Stanza[], expected: Stanza, named: number): void {
  const wrapped = stanzas.slice(0, -1);
  const last = stanzas[stanzas.length - 1]!;
  if (last.type !== BIND_STANZA || wrapped.some(({ type }) => type !== HYBRID_STANZA)) {
    throw new Problem("foreign_stanza");
  }
  if (last.args.length !== 1 || last.args[0] !== expected.args[0] || last.body.length > 0) {
    throw new Problem("wrong_bind");
  }
  if (wrapped.length !== named) throw new Problem("recipients_differ");
  wrapped.forEach(hybridShare);
}
