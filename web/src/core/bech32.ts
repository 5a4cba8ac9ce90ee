/** Bech32 without a length limit: how age spells recipients (BIP 173; C2SP age, "Conventions"). */

import type { Bytes } from "./bytes";
import { Problem } from "./problems";

const CHARSET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
const GENERATORS = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3];
const CHECKSUM_LENGTH = 6;

/** Write bytes of any length in lower case under a prefix such as `age1pq`. */
export function encodeBech32(prefix: string, payload: Uint8Array): string {
  const values = toFives(payload);
  return `${prefix}1${[...values, ...checksum(prefix, values)].map((value) => CHARSET[value]).join("")}`;
}

/** Read what `encodeBech32` wrote, and nothing else; throws Problem "key_malformed". */
export function decodeBech32(prefix: string, text: string): Bytes {
  const body = text.slice(prefix.length + 1, -CHECKSUM_LENGTH);
  const payload = toBytes([...body].map((character) => CHARSET.indexOf(character)));
  // Writing it again compares prefix, alphabet, case, checksum and bits to spare at once.
  if (encodeBech32(prefix, payload) !== text) throw new Problem("key_malformed");
  return payload;
}

function toFives(payload: Uint8Array): number[] {
  const values: number[] = [];
  let held = 0;
  let bits = 0;
  for (const byte of payload) {
    held = ((held << 8) | byte) & 0xfff;
    for (bits += 8; bits >= 5; bits -= 5) values.push((held >> (bits - 5)) & 31);
  }
  if (bits > 0) values.push((held << (5 - bits)) & 31);
  return values;
}

function toBytes(values: readonly number[]): Bytes {
  const bytes = new Uint8Array(Math.floor((values.length * 5) / 8));
  let held = 0;
  let bits = 0;
  let at = 0;
  for (const value of values) {
    held = ((held << 5) | (value & 31)) & 0xfff;
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      bytes[at++] = held >> bits;
    }
  }
  return bytes;
}

function checksum(prefix: string, values: readonly number[]): number[] {
  const letters = [...prefix].map((letter) => letter.charCodeAt(0));
  const expanded = [...letters.map((code) => code >> 5), 0, ...letters.map((code) => code & 31), ...values];
  let register = 1;
  for (const value of [...expanded, 0, 0, 0, 0, 0, 0]) {
    const top = register >>> 25;
    register = ((register & 0x1ffffff) << 5) ^ value;
    for (let bit = 0; bit < 5; bit++) if ((top >> bit) & 1) register ^= GENERATORS[bit]!;
  }
  return [25, 20, 15, 10, 5, 0].map((shift) => ((register ^ 1) >> shift) & 31);
}
