/** How sealed content is made longer, so that its size tells less about it. */

/** Letters and small documents have one of these sizes in bytes. */
export const TEXT_SIZES: readonly number[] = [4 * 1024, 16 * 1024, 64 * 1024];

/** Round a size in bytes up to its Padmé size (PURBs, §4): at most 12 % more; sizes below 2^31. */
export function padme(size: number): number {
  const exponent = bitLength(size) - 1;
  const freeBits = Math.max(0, exponent - bitLength(exponent));
  const step = 2 ** freeBits;
  return Math.ceil(size / step) * step;
}

/** Give the smallest of `TEXT_SIZES` that holds so many bytes, and beyond them Padmé. */
export function paddedTextSize(size: number): number {
  return TEXT_SIZES.find((candidate) => size <= candidate) ?? padme(size);
}

/** Lengthen content to so many bytes; `filler` is one byte. */
export function pad(content: Uint8Array, size: number, filler: number): Uint8Array<ArrayBuffer> {
  const padded = new Uint8Array(size).fill(filler);
  padded.set(content);
  return padded;
}

function bitLength(value: number): number {
  return 32 - Math.clz32(Math.max(0, value));
}
