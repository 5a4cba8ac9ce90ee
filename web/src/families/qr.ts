/**
 * The one QR code of the page: 32 digits, version 2-Q (25 × 25, a quarter may be lost), mask 0, as ISO/IEC 18004 has it.
 *
 * A library that knows all forty versions weighs as much as a third of this page's own code; a test compares with one.
 */

import { svg } from "./dom";

const SIZE = 25;
const DATA_BYTES = 22;
const CHECK_BYTES = 22;
/** Level Q and mask 0, with their BCH code, first bit first. */
const FORMAT = "011010101011111";
const QUIET = 2;
/** x⁸ + x⁴ + x³ + x² + 1 */
const FIELD = 0x11d;

/** The modules of a code, row by row; true is dark. */
export type Modules = readonly (readonly boolean[])[];

/** Draw a receipt code; dark on white in every theme, because readers expect it. */
export function qr(digits: string, label: string): SVGElement {
  let path = "";
  for (const [y, row] of modulesOf(digits).entries()) {
    for (const [x, dark] of row.entries()) if (dark) path += `M${x} ${y}h1v1h-1z`;
  }
  const side = SIZE + 2 * QUIET;
  const ground = svg("path", { d: `M-${QUIET}-${QUIET}h${side}v${side}h-${side}z`, fill: "#fff" });
  const dots = svg("path", { d: path, fill: "#000", "shape-rendering": "crispEdges" });
  const viewBox = `-${QUIET} -${QUIET} ${side} ${side}`;
  return svg("svg", { class: "qr", viewBox, role: "img", "aria-label": label }, ground, dots);
}

/** Encode 32 digits. */
export function modulesOf(digits: string): Modules {
  const fixed = pattern();
  const modules = fixed.map((row) => row.map((dark) => dark === true));
  const data = bytesOf(digits);
  const bits = [...data, ...checkOf(data)].map((byte) => byte.toString(2).padStart(8, "0")).join("");
  let at = 0;
  for (const [x, y] of path(fixed)) modules[y]![x] = (bits[at++] === "1") !== ((x + y) % 2 === 0);
  return modules;
}

/** Numeric mode: ten bits for three digits, seven for the last two; then the padding that the standard prescribes. */
function bytesOf(digits: string): number[] {
  const groups = digits.match(/\d{1,3}/g) ?? [];
  let bits = `0001${binary(digits.length, 10)}`;
  for (const group of groups) bits += binary(Number(group), group.length * 3 + 1);
  bits = bits.padEnd(Math.ceil((bits.length + 4) / 8) * 8, "0");
  const bytes = (bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2));
  for (let pad = 0xec; bytes.length < DATA_BYTES; pad ^= 0xec ^ 0x11) bytes.push(pad);
  return bytes;
}

function binary(value: number, length: number): string {
  return value.toString(2).padStart(length, "0");
}

/** Reed–Solomon: the rest of a division by (x − 1)(x − 2)(x − 4)… */
function checkOf(data: readonly number[]): number[] {
  let divisor = [1];
  for (let i = 0, root = 1; i < CHECK_BYTES; i++, root = times(root, 2)) {
    const grown = [...divisor, 0];
    divisor.forEach((value, at) => {
      grown[at + 1]! ^= times(value, root);
    });
    divisor = grown;
  }
  const rest = [...data, ...Array<number>(CHECK_BYTES).fill(0)];
  data.forEach((_, at) => {
    const factor = rest[at]!;
    divisor.forEach((value, place) => {
      rest[at + place]! ^= times(value, factor);
    });
  });
  return rest.slice(data.length);
}

function times(one: number, other: number): number {
  let product = 0;
  for (let bit = 7; bit >= 0; bit--) {
    product = (product << 1) ^ ((product >> 7) * FIELD);
    if ((other >> bit) & 1) product ^= one;
  }
  return product;
}

/** What is the same in every code; where data goes there is null. */
function pattern(): (boolean | null)[][] {
  const grid: (boolean | null)[][] = Array.from({ length: SIZE }, () => Array<boolean | null>(SIZE).fill(null));
  const put = (x: number, y: number, dark: boolean): void => {
    if (grid[y] && x in grid[y]) grid[y][x] = dark;
  };
  const square = (cx: number, cy: number, radius: number, light: readonly number[]): void => {
    for (let dy = -radius; dy <= radius; dy++) {
      for (let dx = -radius; dx <= radius; dx++) {
        put(cx + dx, cy + dy, !light.includes(Math.max(Math.abs(dx), Math.abs(dy))));
      }
    }
  };
  for (let i = 0; i < SIZE; i++) {
    put(6, i, i % 2 === 0);
    put(i, 6, i % 2 === 0);
  }
  for (const [x, y] of [
    [3, 3],
    [SIZE - 4, 3],
    [3, SIZE - 4],
  ] as const) {
    square(x, y, 4, [2, 4]);
  }
  square(SIZE - 7, SIZE - 7, 2, [1]);
  for (let i = 0; i < FORMAT.length; i++) {
    const dark = FORMAT[i] === "1";
    // Once around the first finder, and once shared between the other two.
    if (i < 8) put(i < 6 ? i : i + 1, 8, dark);
    else put(8, i < 9 ? 7 : 14 - i, dark);
    if (i < 7) put(8, SIZE - 1 - i, dark);
    else put(SIZE - 15 + i, 8, dark);
  }
  put(8, SIZE - 8, true);
  return grid;
}

/** The places of data, in the order of its bits: up and down in columns of two, from the right. */
function* path(fixed: readonly (readonly (boolean | null)[])[]): Generator<readonly [number, number]> {
  let isUp = true;
  for (let right = SIZE - 1; right > 0; right -= 2) {
    if (right === 6) right = 5;
    for (let step = 0; step < SIZE; step++) {
      const y = isUp ? SIZE - 1 - step : step;
      for (const x of [right, right - 1]) if (fixed[y]![x] === null) yield [x, y];
    }
    isUp = !isUp;
  }
}
