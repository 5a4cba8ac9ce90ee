/** A button that opens the camera, where the browser can read a QR code by itself. */

import type { App } from "../app";
import { fill, h } from "../dom";
import { plain, status } from "../parts";
import { canScan, scan } from "../scanning";

/** Offer the camera; `found` takes what a code says, and answers with a complaint if it is not what is wanted. */
export function scanner(app: App, found: (text: string) => string | null): HTMLElement {
  const { say } = app;
  const place = h("div", { class: "scanner" });
  const said = status();
  const offer = (): void =>
    fill(
      place,
      plain(say("scan"), () => void open()),
      said,
    );
  const open = async (): Promise<void> => {
    const stop = new AbortController();
    const video = h("video", { muted: true, playsinline: true, "aria-label": say("scan.video") });
    fill(
      place,
      video,
      plain(say("scan.stop"), () => stop.abort()),
      said,
    );
    const watch = setInterval(() => place.isConnected || stop.abort(), 500);
    try {
      const text = await scan(video, stop.signal);
      fill(said, text === null ? null : found(text));
    } catch {
      fill(said, say("scan.failed"));
    } finally {
      clearInterval(watch);
      offer();
    }
  };
  void canScan().then((can) => can && offer());
  return place;
}
