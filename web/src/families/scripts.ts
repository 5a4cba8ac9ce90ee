/** The two scripts that the page starts, by the one policy that lets their own addresses through and no others. */

import { Vault } from "./vault";
import workerUrl from "./vault.worker.ts?worker&url";

const SERVICE_WORKER = "/sw.js";
/** What is public, and needed to begin: sw.ts has the same list. */
const PUBLIC = ["/", "/site.json", "/trust", "/directory", "/suspensions"];

interface Policy {
  createScriptURL(url: string): string;
}

const trusted = policy();

/** Start the Worker. Built, it is one file without imports, so that browsers without module workers run it too. */
export function startVault(): Vault {
  const kind = import.meta.env.DEV ? { type: "module" as const } : {};
  return new Vault(new Worker(trusted.createScriptURL(workerUrl), kind));
}

/** Let the page start without a network; a browser that does not want to is no worse off than before. */
export function registerServiceWorker(): void {
  if (import.meta.env.DEV) return;
  navigator.serviceWorker?.register(trusted.createScriptURL(SERVICE_WORKER)).then(
    () => navigator.serviceWorker.ready.then(({ active }) => active?.postMessage(loadedFiles())),
    () => undefined,
  );
}

/** What this page has loaded before the service worker was there to keep it. */
function loadedFiles(): string[] {
  const own = performance.getEntriesByType("resource").map(({ name }) => new URL(name));
  const assets = own.filter(({ origin, pathname }) => origin === location.origin && pathname.startsWith("/assets/"));
  return [...PUBLIC, workerUrl, ...assets.map(({ pathname }) => pathname)];
}

function policy(): Policy {
  const createScriptURL = (url: string): string => {
    if (url !== workerUrl && url !== SERVICE_WORKER) throw new TypeError("not a script of this page");
    return url;
  };
  const factory = (globalThis as { trustedTypes?: { createPolicy(name: string, rules: Policy): Policy } }).trustedTypes;
  return factory?.createPolicy("letter-relay", { createScriptURL }) ?? { createScriptURL };
}
