/**
 * C2SP tlog-cosignature: how a witness, or a log's own second key, signs a checkpoint.
 *
 * Apart from notes.ts, because ML-DSA is a good part of what a family page may weigh; who audits, loads it.
 */

import { ml_dsa44 } from "@noble/post-quantum/ml-dsa.js";
import { type Bytes, concat, u64be, utf8 } from "./bytes";
import type { Signature } from "./notes";
import { ensure, Problem } from "./problems";
import { COSIGNATURE, MLDSA44, tryUnb64, type Vkey, verifyEd25519 } from "./vkeys";

const TIME_BYTES = 8;
const MAX_TIME_SECONDS = 2n ** 63n - 1n;
const SIZE = /^(?:0|[1-9][0-9]{0,18})$/;

/** Verify a cosignature on a checkpoint, of either type; throws Problem "signature_invalid". */
export function verifyCosignature(text: string, signature: Signature, vkey: Vkey): void {
  const time = timeOf(signature);
  const message = vkey.algorithm === COSIGNATURE ? cosigned(text, time) : mldsaMessage(text, vkey, time);
  const blob = signature.blob.subarray(TIME_BYTES);
  const holds =
    vkey.algorithm === MLDSA44
      ? blob.length === ml_dsa44.lengths.signature && ml_dsa44.verify(blob, message, vkey.publicKey)
      : verifyEd25519(vkey.publicKey, blob, message);
  if (!holds) throw new Problem("signature_invalid");
}

function timeOf({ blob }: Signature): bigint {
  ensure(blob.length > TIME_BYTES, "signature_invalid", "a cosignature has no time");
  const time = new DataView(blob.buffer, blob.byteOffset).getBigUint64(0);
  ensure(time <= MAX_TIME_SECONDS, "signature_invalid", "a cosignature's time is out of range");
  return time;
}

function cosigned(text: string, time: bigint): Bytes {
  checkpointOf(text);
  return utf8(`cosignature/v1\ntime ${time}\n${text}`);
}

function mldsaMessage(text: string, vkey: Vkey, time: bigint): Bytes {
  const { origin, size, root } = checkpointOf(text);
  const [name, log] = [utf8(vkey.name), utf8(origin)];
  // It does not cover extension lines, and nobody should read them as if it did.
  const fits = text.split("\n").length === 4 && name.length <= 255 && log.length <= 255;
  ensure(fits, "signature_invalid", "an ML-DSA-44 cosignature stands under a text that it cannot sign");
  const label = utf8("subtree/v1\n\0");
  const [nameLength, logLength] = [Uint8Array.of(name.length), Uint8Array.of(log.length)];
  return concat(label, nameLength, name, u64be(time), logLength, log, u64be(0), u64be(size), root);
}

function checkpointOf(text: string): { origin: string; size: bigint; root: Bytes } {
  const [origin = "", size = "", encoded = "", ...rest] = text.split("\n");
  const root = tryUnb64(encoded);
  if (rest.length === 0 || !origin || !SIZE.test(size) || root?.length !== 32) {
    throw new Problem("signature_invalid", "a cosignature stands under a text that is no checkpoint");
  }
  return { origin, size: BigInt(size), root };
}
