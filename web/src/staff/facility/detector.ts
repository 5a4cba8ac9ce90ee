/**
 * Codes in pictures and before the camera: read by the browser where it can, and by this page elsewhere. Of the browsers
 * that officers have, most on Windows and Linux cannot; without a reader of our own they would type 32 characters a reply.
 */

interface Detector {
  detect(image: ImageBitmap | HTMLVideoElement): Promise<readonly { readonly rawValue: string }[]>;
}
interface DetectorKind {
  new (of: { formats: string[] }): Detector;
  getSupportedFormats?(): Promise<string[]>;
}

/** Reads the codes in a picture; nothing is an answer too. */
type Reader = (image: ImageBitmap | HTMLVideoElement) => Promise<string[]>;

const LOOK_MS = 200;
/** The longer side of what is searched: a code on a scanned A4 sheet has three pixels a square then, and more. */
const MOST_SIDE = 2200;
/** A frame of the camera has to be answered before the next; a scan may be looked at longer. */
const FRAME_MS = 100;
const SCAN_MS = 1500;

/** Whether there may be a camera to ask for. */
export function canScan(): boolean {
  return navigator.mediaDevices?.getUserMedia !== undefined;
}

/** What the codes in a picture say; nothing if it cannot be told, and then it is typed. */
export async function codesIn(image: ImageBitmap): Promise<string[]> {
  return reader(SCAN_MS).then(
    (read) => read(image),
    () => [],
  );
}

/**
 * Show the camera in a video element and tell each code that comes before it, once until another does.
 *
 * Throws DOMException "NotAllowedError" and the like, if the camera may not or cannot be used.
 */
export async function watch(video: HTMLVideoElement, stop: AbortSignal, tell: (text: string) => void): Promise<void> {
  const camera = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
  try {
    if (stop.aborted) return;
    video.srcObject = camera;
    await video.play();
    await look(video, stop, tell);
  } finally {
    for (const track of camera.getTracks()) track.stop();
    video.srcObject = null;
  }
}

async function look(video: HTMLVideoElement, stop: AbortSignal, tell: (text: string) => void): Promise<void> {
  const read = await reader(FRAME_MS);
  let last = "";
  while (!stop.aborted) {
    const [seen] = await read(video);
    if (seen !== undefined && seen !== last) {
      last = seen;
      tell(last);
    }
    await new Promise((go) => setTimeout(go, LOOK_MS));
  }
}

async function reader(patienceMs: number): Promise<Reader> {
  return (await browsersReader()) ?? ownReader(patienceMs);
}

async function browsersReader(): Promise<Reader | undefined> {
  const kind = (globalThis as { BarcodeDetector?: DetectorKind }).BarcodeDetector;
  const formats = (await kind?.getSupportedFormats?.().catch(() => [])) ?? [];
  if (kind === undefined || !formats.includes("qr_code")) return undefined;
  const detector = new kind({ formats: ["qr_code"] });
  return async (image) => (await detector.detect(image).catch(() => [])).map((one) => one.rawValue);
}

/** It is loaded when something is to be read, by those whose browser cannot. */
async function ownReader(patienceMs: number): Promise<Reader> {
  const { decodeQR } = await import("qr/decode.js");
  return async (image) => {
    const pixels = pixelsOf(image);
    if (pixels === undefined) return [];
    try {
      return [decodeQR(pixels, { timeLimit: patienceMs })];
    } catch {
      // It says by a fault that there is no code.
      return [];
    }
  };
}

function pixelsOf(image: ImageBitmap | HTMLVideoElement): ImageData | undefined {
  const [width, height] =
    image instanceof HTMLVideoElement ? [image.videoWidth, image.videoHeight] : [image.width, image.height];
  if (width === 0 || height === 0) return undefined;
  const scale = Math.min(1, MOST_SIDE / Math.max(width, height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.ceil(width * scale);
  canvas.height = Math.ceil(height * scale);
  const paper = canvas.getContext("2d", { willReadFrequently: true })!;
  paper.drawImage(image, 0, 0, canvas.width, canvas.height);
  return paper.getImageData(0, 0, canvas.width, canvas.height);
}
