/**
 * Pictures are drawn anew on a canvas: that leaves behind where and when they were taken, the camera, and the file's
 * name. What a picture shows stays, and the page asks the writer to look once more.
 */

import type { Picture } from "./memory";

/** The longer side of a picture, in pixels. */
export const MAX_SIDE = 2048;

const QUALITIES = [0.85, 0.7, 0.55, 0.4];

/** A file that this browser cannot read as a picture. */
export class NoPicture extends Error {}

/** Read a file that was chosen; throws NoPicture, or RangeError if it is too large for a letter. */
export async function redraw(file: Blob, maxBytes: number): Promise<Picture> {
  const image = await createImageBitmap(file, { imageOrientation: "from-image" }).catch(() => {
    throw new NoPicture();
  });
  const scale = Math.min(1, MAX_SIDE / Math.max(image.width, image.height));
  const canvas = blank(Math.max(1, Math.round(image.width * scale)), Math.max(1, Math.round(image.height * scale)));
  paper(canvas).drawImage(image, 0, 0, canvas.width, canvas.height);
  image.close();
  return pictureOf(canvas, maxBytes);
}

/** Take a drawing as it stands; throws RangeError if even a coarse copy is larger than allowed. */
export async function pictureOf(canvas: HTMLCanvasElement, maxBytes: number): Promise<Picture> {
  for (const quality of QUALITIES) {
    const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, "image/jpeg", quality));
    // A browser that cannot write JPEG answers with PNG, and none can write neither.
    if (!blob || (blob.type !== "image/jpeg" && blob.type !== "image/png")) break;
    if (blob.size > maxBytes) continue;
    const bytes = new Uint8Array(await blob.arrayBuffer());
    return { bytes, type: blob.type, url: URL.createObjectURL(blob) };
  }
  throw new RangeError("too large");
}

/** Make a white canvas: JPEG knows no transparency, and would turn it black. */
export function blank(width: number, height: number): HTMLCanvasElement {
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  const sheet = paper(canvas);
  sheet.fillStyle = "#fff";
  sheet.fillRect(0, 0, width, height);
  return canvas;
}

/** The canvas to draw on; every browser has one. */
export function paper(canvas: HTMLCanvasElement): CanvasRenderingContext2D {
  return canvas.getContext("2d")!;
}
