/** The Workers of these pages, and the one policy under which a script may be loaded: these, and no other. */

import auditUrl from "./audit/audit.worker?worker&url";
import vaultUrl from "./vault.worker?worker&url";

interface TrustedTypes {
  createPolicy(
    name: string,
    rules: { createScriptURL(url: string): string },
  ): { createScriptURL(url: string): unknown };
}

const WORKERS = { vault: vaultUrl, audit: auditUrl } as const;

const trustedTypes = (globalThis as { trustedTypes?: TrustedTypes }).trustedTypes;
const policy = trustedTypes?.createPolicy("letter-relay", {
  createScriptURL: (url) => {
    if (Object.values<string>(WORKERS).includes(url)) return url;
    throw new TypeError("not a script of these pages");
  },
});

/** Start one of them; whoever starts it ends it. */
export function startWorker(name: keyof typeof WORKERS): Worker {
  const url = WORKERS[name];
  return new Worker((policy === undefined ? url : policy.createScriptURL(url)) as string);
}
