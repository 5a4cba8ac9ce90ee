/** What opens a keyring, from a printed code: reckoned in a Worker, where there is one. */

import { staffCodeIdentity } from "../core/codes";
import { Problem } from "../core/problems";
import { startWorker } from "./workers";

/** Derive the seed to which a keyring is sealed; throws Problem "code_mistyped". */
export async function seedOfCode(code: string, relay: string): Promise<Uint8Array> {
  const worker = startWorker("vault");
  try {
    return await new Promise<Uint8Array>((resolve, reject) => {
      worker.onmessage = ({ data }) => (data.seed ? resolve(data.seed) : reject(new Problem(data.problem)));
      // A browser without module workers reckons on the page, and stands still for a moment.
      worker.onerror = () => resolve(staffCodeIdentity(code, relay).ageSeed);
      worker.postMessage({ code, relay });
    });
  } finally {
    worker.terminate();
  }
}
