/** Stretches a staff code away from the page: it takes 19 MiB and a moment, on purpose, and would freeze what is seen. */

import { staffCodeIdentity } from "../core/codes";
import { Problem } from "../core/problems";

self.onmessage = ({ data }: MessageEvent<{ code: string; relay: string }>) => {
  try {
    self.postMessage({ seed: staffCodeIdentity(data.code, data.relay).ageSeed });
  } catch (fault) {
    self.postMessage({ problem: fault instanceof Problem ? fault.code : "internal_page" });
  }
};
