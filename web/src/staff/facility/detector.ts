/** Codes in pictures and before the camera, where the browser can read them; elsewhere people type, or tick. */

type Seen = readonly { readonly rawValue: string }[];
interface Detector {
  detect(image: ImageBitmap | HTMLVideoElement): Promise<Seen>;
}
interface DetectorKind {
  new (of: { formats: string[] }): Detector;
  getSupportedFormats?(): Promise<string[]>;
}

const LOOK_MS = 200;

function kind(): DetectorKind | undefined {
  return (globalThis as { BarcodeDetector?: DetectorKind }).BarcodeDetector;
}

/** Whether this browser reads such codes by itself. */
export async function canRead(): Promise<boolean> {
  const formats: readonly string[] =
    (await kind()
      ?.getSupportedFormats?.()
      .catch(() => [])) ?? [];
  return formats.includes("qr_code");
}

/** Whether there is a camera to ask for, too. */
export async function canScan(): Promise<boolean> {
  return navigator.mediaDevices?.getUserMedia !== undefined && (await canRead());
}

/** What the codes in a picture say; nothing where the browser cannot read them. */
export async function codesIn(image: ImageBitmap): Promise<string[]> {
  if (!(await canRead())) return [];
  const seen = await new (kind()!)({ formats: ["qr_code"] }).detect(image).catch(() => []);
  return seen.map((one) => one.rawValue);
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
  const detector = new (kind()!)({ formats: ["qr_code"] });
  let last = "";
  while (!stop.aborted) {
    const [seen] = await detector.detect(video).catch((): Seen => []);
    if (seen !== undefined && seen.rawValue !== last) {
      last = seen.rawValue;
      tell(last);
    }
    await new Promise((go) => setTimeout(go, LOOK_MS));
  }
}
