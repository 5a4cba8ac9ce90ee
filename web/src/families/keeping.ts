/**
 * What is kept on this device, and only if asked: one drawer of boxes, each encrypted under a key that no script can read.
 *
 * The key is non-extractable and lives beside the boxes. That protects from whoever copies files, not from whoever
 * unlocks the device and opens this page; the page says so. The names in the database say nothing.
 */

const DRAWER = "page";
const BOXES = "boxes";
const KEY = "key";
const IV_BYTES = 12;

/** One encrypted value, and the IV that was used for nothing else. */
interface Sealed {
  readonly iv: Uint8Array<ArrayBuffer>;
  readonly bytes: ArrayBuffer;
}

interface Box {
  readonly value: Sealed;
  readonly beside: readonly Sealed[];
}

/** What was put into a box. */
export interface Kept<T> {
  readonly value: T;
  readonly beside: readonly Uint8Array<ArrayBuffer>[];
}

/**
 * Encrypt a value, and keep it under a name in the place of what was there.
 *
 * `beside` are larger bytes that go with it. Throws DOMException "QuotaExceededError" if the device is full.
 */
export async function keep(
  name: string,
  value: unknown,
  beside: readonly Uint8Array<ArrayBuffer>[] = [],
): Promise<void> {
  const key = (await keyOf()) ?? (await newKey());
  const box: Box = {
    value: await seal(key, new TextEncoder().encode(JSON.stringify(value))),
    beside: await Promise.all(beside.map((bytes) => seal(key, bytes))),
  };
  await inDrawer("readwrite", (boxes) => boxes.put(box, name));
}

/** Open a box; null if there is none, or if it cannot be opened any more. */
export async function kept<T>(name: string): Promise<Kept<T> | null> {
  try {
    const box = (await inDrawer("readonly", (boxes) => boxes.get(name))) as Box | undefined;
    const key = await keyOf();
    if (!box || !key) return null;
    const value = JSON.parse(new TextDecoder().decode(await open(key, box.value))) as T;
    return { value, beside: await Promise.all(box.beside.map((sealed) => open(key, sealed))) };
  } catch {
    return null;
  }
}

async function seal(key: CryptoKey, bytes: Uint8Array<ArrayBuffer>): Promise<Sealed> {
  const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES));
  return { iv, bytes: await crypto.subtle.encrypt({ name: "AES-GCM", iv }, key, bytes) };
}

async function open(key: CryptoKey, { iv, bytes }: Sealed): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await crypto.subtle.decrypt({ name: "AES-GCM", iv }, key, bytes));
}

/** Name the boxes that there are; none where the browser keeps nothing. */
export async function keptNames(): Promise<readonly string[]> {
  try {
    const names = (await inDrawer("readonly", (boxes) => boxes.getAllKeys())) as IDBValidKey[];
    return names.map(String).filter((name) => name !== KEY);
  } catch {
    return [];
  }
}

/** Destroy a box; with the last one, the key too. */
export async function drop(name: string): Promise<void> {
  try {
    await inDrawer("readwrite", (boxes) => boxes.delete(name));
    if ((await keptNames()).length === 0) await inDrawer("readwrite", (boxes) => boxes.clear());
  } catch {
    // There is no drawer here, so there is nothing in it.
  }
}

async function keyOf(): Promise<CryptoKey | undefined> {
  return (await inDrawer("readonly", (boxes) => boxes.get(KEY))) as CryptoKey | undefined;
}

async function newKey(): Promise<CryptoKey> {
  const key = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
  // Two windows may both find none: the first to write wins, and the other takes that one.
  await inDrawer("readwrite", (boxes) => boxes.add(key, KEY)).catch(() => undefined);
  return (await keyOf()) ?? key;
}

async function inDrawer(mode: IDBTransactionMode, act: (boxes: IDBObjectStore) => IDBRequest): Promise<unknown> {
  const drawer = await opened();
  try {
    return await new Promise((resolve, reject) => {
      const transaction = drawer.transaction(BOXES, mode);
      const request = act(transaction.objectStore(BOXES));
      transaction.oncomplete = () => resolve(request.result);
      transaction.onabort = transaction.onerror = () => reject(transaction.error ?? request.error);
    });
  } finally {
    drawer.close();
  }
}

function opened(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open(DRAWER, 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore(BOXES);
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => resolve(opening.result);
  });
}
