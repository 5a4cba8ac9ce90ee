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

addEventListener("install", () => skipWaiting());

addEventListener("activate", (event) => event.waitUntil(tidy()));

/** The page names what it had loaded before this was here. */
addEventListener("message", (event) => {
  const wanted = Array.isArray(event.data) ? event.data.filter(isOurs) : [];
  event.waitUntil(caches.open(STORE).then((store) => keepMissing(store, wanted)));
});

addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin || request.headers.has("Authorization")) return;
  if (url.pathname.startsWith("/assets/")) event.respondWith(cacheFirst(request));
  else if (PUBLIC.has(url.pathname) && !url.search) event.respondWith(networkFirst(request, url.pathname));
});

async function cacheFirst(request) {
  const store = await caches.open(STORE);
  const found = await store.match(request.url);
  if (found) return found;
  const answer = await fetch(request);
  if (answer.ok) await store.put(request.url, answer.clone()).catch(() => undefined);
  return answer;
}

async function networkFirst(request, path) {
  const store = await caches.open(STORE);
  const found = await store.match(path);
  const signal = found ? AbortSignal.timeout?.(PATIENCE_MS) : undefined;
  try {
    const answer = await fetch(request, signal ? { signal } : {});
    if (answer.ok) await store.put(path, answer.clone()).catch(() => undefined);
    return answer;
  } catch (error) {
    if (found) return found;
    throw error;
  }
}

function isOurs(path) {
  return typeof path === "string" && (path.startsWith("/assets/") || PUBLIC.has(path));
}

async function keepMissing(store, paths) {
  const missing = [];
  for (const path of paths) if (!(await store.match(path))) missing.push(path);
  await Promise.all(missing.map((path) => store.add(path).catch(() => undefined)));
}

/** Forget the stores of older versions of this file. */
async function tidy() {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name !== STORE).map((name) => caches.delete(name)));
  await clients.claim();
}
