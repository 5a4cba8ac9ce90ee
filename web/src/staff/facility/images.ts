/**
 * Scans and photographs of paper: drawn anew on a canvas, which leaves behind where and when they were taken, and found
 * to hold a code where the browser can read one.
 */

import type { EnclosureType } from "../../core/manifests";
import { Problem } from "../../core/problems";
import { codesIn } from "./detector";

/** The longer side of a page in pixels: A4 at about 190 dots an inch. */
const MOST_SIDE = 2200;
/** What every browser draws on one canvas. */
const MOST_AREA = 16_000_000;
const MOST_BYTES = 4 * 1024 * 1024;
const QUALITIES = [0.85, 0.7, 0.55, 0.4];

/** A page, drawn anew. */
export interface Page {
  readonly bytes: Uint8Array;
  readonly type: EnclosureType;
  readonly blob: Blob;
  /** What the codes on it say, before it was made smaller. */
  readonly codes: readonly string[];
}

/** Draw one page anew; throws Problem "no_picture" or "too_large". */
export async function drawPage(file: Blob): Promise<Page> {
  const image = await decoded(file);
  try {
    const codes = await codesIn(image);
    return { ...(await written(drawn([image], MOST_SIDE))), codes };
  } finally {
    image.close();
  }
}

/** Draw the pages of one signed sheet below each other, since a statement names one paper; throws as `drawPage`. */
export async function drawSheet(files: readonly Blob[]): Promise<Page> {
  const images = await Promise.all(files.map(decoded));
  try {
    return { ...(await written(drawn(images, MOST_SIDE))), codes: [] };
  } finally {
    for (const image of images) image.close();
  }
}

async function decoded(file: Blob): Promise<ImageBitmap> {
  try {
    return await createImageBitmap(file, { imageOrientation: "from-image" });
  } catch {
    throw new Problem("no_picture");
  }
}

function drawn(images: readonly ImageBitmap[], mostSide: number): HTMLCanvasElement {
  const sizes = images.map(({ width, height }) => {
    const scale = Math.min(1, mostSide / Math.max(width, height));
    return { width: width * scale, height: height * scale };
  });
  const width = Math.max(...sizes.map((size) => size.width));
  const height = sizes.reduce((sum, size) => sum + size.height, 0);
  const scale = Math.min(1, Math.sqrt(MOST_AREA / (width * height)));
  const canvas = blank(Math.ceil(width * scale), Math.ceil(height * scale));
  let top = 0;
  for (const [at, size] of sizes.entries()) {
    canvas.getContext("2d")!.drawImage(images[at]!, 0, top, size.width * scale, size.height * scale);
    top += size.height * scale;
  }
  return canvas;
}

/** A white canvas: JPEG knows no transparency, and would turn it black. */
function blank(width: number, height: number): HTMLCanvasElement {
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, width);
  canvas.height = Math.max(1, height);
  const paper = canvas.getContext("2d")!;
  paper.fillStyle = "#fff";
  paper.fillRect(0, 0, canvas.width, canvas.height);
  return canvas;
}

async function written(canvas: HTMLCanvasElement): Promise<Omit<Page, "codes">> {
  for (const quality of QUALITIES) {
    const blob = await new Promise<Blob | null>((take) => canvas.toBlob(take, "image/jpeg", quality));
    if (blob === null || (blob.type !== "image/jpeg" && blob.type !== "image/png")) break;
    if (blob.size > MOST_BYTES) continue;
    return { bytes: new Uint8Array(await blob.arrayBuffer()), type: blob.type, blob };
  }
  throw new Problem("too_large");
}
