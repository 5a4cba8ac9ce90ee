/**
 * A tar file (POSIX ustar), written by hand: the one archive that every machine opens, and forty lines to write.
 *
 * Evidence is files of a few kilobytes with short paths; what ustar cannot name is refused, not shortened.
 */

import { type Bytes, concat, utf8 } from "../../core/bytes";

const BLOCK = 512;
const NAME_BYTES = 100;
const MOST_BYTES = 0o77777777777;

/** Give the pieces of a tar file that has these files, all below one folder; `at` is their time, seconds since 1970. */
export function* tar(
  folder: string,
  files: Iterable<readonly [path: string, data: Bytes]>,
  at: number,
): Generator<Bytes> {
  for (const [path, data] of files) {
    yield header(`${folder}/${path}`, data.length, at);
    yield data;
    yield new Uint8Array(padding(data.length));
  }
  yield new Uint8Array(2 * BLOCK);
}

function header(path: string, size: number, at: number): Bytes {
  const name = utf8(path);
  if (name.length > NAME_BYTES || size > MOST_BYTES) throw new RangeError("a file's name or size is beyond ustar");
  const block = new Uint8Array(BLOCK);
  block.set(name);
  put(block, 100, octal(0o600, 7));
  put(block, 108, octal(0, 7));
  put(block, 116, octal(0, 7));
  put(block, 124, octal(size, 11));
  put(block, 136, octal(Math.floor(at), 11));
  put(block, 148, " ".repeat(8));
  put(block, 156, "0");
  put(block, 257, "ustar\u000000");
  const sum = block.reduce((total, byte) => total + byte, 0);
  put(block, 148, `${octal(sum, 6)}\0 `);
  return concat(block);
}

function put(block: Uint8Array, at: number, text: string): void {
  block.set(utf8(text), at);
}

function octal(value: number, digits: number): string {
  return value.toString(8).padStart(digits, "0");
}

function padding(size: number): number {
  return (BLOCK - (size % BLOCK)) % BLOCK;
}
