/** Reading the code of an address card or a receipt with the camera, where the browser can; elsewhere people type. */

interface Detector {
  detect(image: HTMLVideoElement): Promise<readonly { rawValue: string }[]>;
}

const LOOK_MILLISECONDS = 250;

/** Say whether this browser reads QR codes by itself and there is a camera to ask for. */
export async function canScan(): Promise<boolean> {
  const kind = (globalThis as { BarcodeDetector?: { getSupportedFormats?(): Promise<string[]> } }).BarcodeDetector;
  if (!kind || !navigator.mediaDevices?.getUserMedia) return false;
  const formats: string[] = (await kind.getSupportedFormats?.().catch(() => undefined)) ?? [];
  return formats.includes("qr_code");
}

/**
 * Show the camera in a video element and look for a code.
 *
 * @returns What the code says, or null once `stop` was signalled.
 * @throws DOMException "NotAllowedError" and the like, if the camera may not or cannot be used.
 */
export async function scan(video: HTMLVideoElement, stop: AbortSignal): Promise<string | null> {
  const camera = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
  try {
    video.srcObject = camera;
    await video.play();
    return await look(video, stop);
  } finally {
    for (const track of camera.getTracks()) track.stop();
    video.srcObject = null;
  }
}

async function look(video: HTMLVideoElement, stop: AbortSignal): Promise<string | null> {
  const kind = (globalThis as unknown as { BarcodeDetector: new (of: { formats: string[] }) => Detector })
    .BarcodeDetector;
  const detector = new kind({ formats: ["qr_code"] });
  while (!stop.aborted) {
    const [found] = await detector.detect(video).catch(() => []);
    if (found) return found.rawValue;
    await new Promise((resolve) => setTimeout(resolve, LOOK_MILLISECONDS));
  }
  return null;
}
