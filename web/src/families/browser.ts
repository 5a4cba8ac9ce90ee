/** What a browser must have before anything can be sealed in it. */

/** Say whether the connection to this page is one that nobody on the way could have changed. */
export function secure(): boolean {
  return globalThis.isSecureContext || location.hostname.endsWith(".onion");
}

/** Name something that is missing; null if all is there. */
export function missingIn(scope: typeof globalThis): string | null {
  if (!scope.crypto?.subtle) return "WebCrypto";
  if (typeof scope.Worker !== "function") return "Worker";
  if (typeof scope.BigInt !== "function") return "BigInt";
  return typeof scope.createImageBitmap === "function" ? null : "createImageBitmap";
}
