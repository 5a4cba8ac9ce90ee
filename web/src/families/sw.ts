/**
 * The service worker of the family page: it lets the page start without a network, and does nothing else.
 *
 * Files under /assets/ never change under their names, so the first copy is as good as any. The page and the relay's
 * public notes are fetched anew whenever there is a network; the kept ones are verified by the page like any others. Nothing
 * that belongs to a letter or a mailbox passes through the cache, and nobody is ever notified of anything.
 */

const STORE = "page-1";
const PUBLIC = new Set(["/", "/site.json", "/trust", "/directory", "/suspensions"]);
/** A slow line is better than an old page, but not for ever. */
const PATIENCE_MS = 8_000;

/** Inside a service worker the global scope is this; the DOM's types know only that of a window. */
const scope = globalThis as unknown as ServiceWorkerGlobalScope;

scope.addEventListener("install", () => void scope.skipWaiting());

scope.addEventListener("activate", (event) => event.waitUntil(tidy()));

/** The page names what it had loaded before this was here. */
scope.addEventListener("message", (event) => {
  const wanted: string[] = Array.isArray(event.data) ? event.data.filter(isOurs) : [];
  event.waitUntil(caches.open(STORE).then((store) => keepMissing(store, wanted)));
});

scope.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin || request.headers.has("Authorization")) return;
  if (url.pathname.startsWith("/assets/")) event.respondWith(cacheFirst(request));
  else if (PUBLIC.has(url.pathname) && !url.search) event.respondWith(networkFirst(request, url.pathname));
});

async function cacheFirst(request: Request): Promise<Response> {
  const store = await caches.open(STORE);
  const found = await store.match(request.url);
  if (found) return found;
  const answer = await fetch(request);
  if (answer.ok) await store.put(request.url, answer.clone()).catch(() => undefined);
  return answer;
}

async function networkFirst(request: Request, path: string): Promise<Response> {
  const store = await caches.open(STORE);
  const found = await store.match(path);
  try {
    const answer = await fetch(request, found ? { signal: timeout(PATIENCE_MS) } : {});
    if (answer.ok) await store.put(path, answer.clone()).catch(() => undefined);
    return answer;
  } catch (error) {
    if (found) return found;
    throw error;
  }
}

function timeout(milliseconds: number): AbortSignal {
  const controller = new AbortController();
  setTimeout(() => controller.abort(), milliseconds);
  return controller.signal;
}

function isOurs(path: unknown): path is string {
  return typeof path === "string" && (path.startsWith("/assets/") || PUBLIC.has(path));
}

async function keepMissing(store: Cache, paths: readonly string[]): Promise<void> {
  const missing: string[] = [];
  for (const path of paths) if (!(await store.match(path))) missing.push(path);
  await Promise.all(missing.map((path) => store.add(path).catch(() => undefined)));
}

/** Forget the stores of older versions of this file. */
async function tidy(): Promise<void> {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name !== STORE).map((name) => caches.delete(name)));
  await scope.clients.claim();
}
