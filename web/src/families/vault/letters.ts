/** Sealing a letter, keeping it while there is no network, and sending it until its receipt was verified. */

import { SEALED } from "../../core/api";
import { hex, randomBytes } from "../../core/bytes";
import type { SealedLine } from "../../core/firstlines";
import type { EnclosureEntry, EnclosureType, Manifest } from "../../core/manifests";
import { Problem } from "../../core/problems";
import { verifyReceipt } from "../../core/receipts";
import { partDigest, sealEnclosure, sealLetter } from "../../core/sealed";
import { WORK_HEADER, WORK_WANTED } from "../../core/work";
import { drop, keep, kept, keptNames } from "../keeping";
import type { Accepted, Progress, Sheet, Waiting } from "../vault";
import type { Holder } from "./holder";

const SIGNER_HEADER = "Letter-Relay-Signer";
const OUTBOX = "out/";
const ITEM_BYTES = 16;

/** A letter as it was sealed: part 0, then its enclosures. */
export interface Draft {
  readonly item: string;
  readonly parts: readonly Uint8Array<ArrayBuffer>[];
}

interface Beside {
  readonly item: string;
  readonly day: string;
  readonly code: string;
}

/** Seal a letter to the directory's intake desk. */
export async function seal(holder: Holder, sheet: Sheet, progress: Progress): Promise<Draft> {
  const { trust, directory } = await holder.loaded();
  const keys = await holder.keys();
  const { to, recipient } = directory.intake();
  const item = hex(randomBytes(ITEM_BYTES));
  const of = sheet.pictures.length + 1;
  const files: Uint8Array<ArrayBuffer>[] = [];
  const entries: EnclosureEntry[] = [];
  for (const [at, picture] of sheet.pictures.entries()) {
    progress(at, of);
    const place = { relay: trust.relay, item, part: at + 1 };
    const sealed = await sealEnclosure({ ...place, ...picture, type: picture.type as EnclosureType });
    files.push(sealed.file);
    entries.push(sealed.entry);
  }
  const line = lineOf(sheet, { relay: trust.relay, item, to: [to], dir: directory.version }, files.map(partDigest));
  const letter = await sealLetter({
    line,
    manifest: manifestOf(sheet, keys, entries),
    signSeed: keys.signSeed,
    recipients: [recipient],
  });
  return { item, parts: [letter, ...files] };
}

function lineOf(
  sheet: Sheet,
  { relay, item, to, dir }: Pick<SealedLine, "relay" | "item" | "to" | "dir">,
  digests: string[],
): SealedLine {
  const line = { relay, item, kind: "letter", hop: "family>review", detainee: sheet.to, to, dir } as const;
  return digests.length ? { ...line, enclosures: digests } : line;
}

function manifestOf(sheet: Sheet, keys: { vkey: string; recipient: string }, enclosures: EnclosureEntry[]): Manifest {
  return {
    by: { family: keys.vkey },
    lang: sheet.lang,
    text: sheet.text,
    reply_to: keys.recipient,
    address: sheet.address ?? undefined,
    enclosures: enclosures.length ? enclosures : undefined,
  };
}

/** The way of one sealed letter to the relay: what has arrived is not sent twice. */
export class Sending {
  readonly #arrived = new Set<string>();

  constructor(readonly draft: Draft) {}

  /** Send what is missing, and verify the receipt; throws Problem "unreachable": send again. */
  async send(holder: Holder, progress: Progress): Promise<Accepted> {
    const { trust } = await holder.loaded();
    const { locator, vkey } = await holder.keys();
    const [letter, ...enclosures] = this.draft.parts;
    const of = this.draft.parts.length;
    for (const file of enclosures) {
      const digest = partDigest(file);
      progress(this.#arrived.size, of);
      if (this.#arrived.has(digest)) continue;
      await holder.api.put(`/family/parts/${digest}`, file, { mediaType: SEALED, bearer: locator });
      this.#arrived.add(digest);
    }
    progress(of - 1, of);
    const receipt = await this.#putLetter(holder, letter!, locator, vkey);
    progress(of, of);
    const parts = this.draft.parts.map(partDigest);
    const { index, day } = verifyReceipt(receipt, trust, { item: this.draft.item, parts });
    return { item: this.draft.item, index, day, receipt, code: holder.code };
  }

  /** Send part 0; a relay that wants another proof of work is given one, once. */
  async #putLetter(holder: Holder, letter: Uint8Array, bearer: string, vkey: string): Promise<string> {
    const put = async (): Promise<string> => {
      const work = await holder.work();
      const headers = { [SIGNER_HEADER]: vkey, ...(work && { [WORK_HEADER]: work }) };
      const path = `/family/letters/${this.draft.item}`;
      return (await holder.api.put(path, letter, { mediaType: SEALED, bearer, headers })).text();
    };
    try {
      return await put();
    } catch (thrown) {
      // The relay sweeps parts away that no letter has asked for in two days: the next attempt sends them again.
      if ((thrown as Problem).code === "missing_part") this.#arrived.clear();
      if (!(thrown instanceof Problem) || !WORK_WANTED.includes(thrown.code)) throw thrown;
      holder.dropWork();
      return put();
    }
  }
}

/** Keep a sealed letter on this device: ciphertext, and its code in a box that only this browser opens. */
export async function putIntoOutbox(draft: Draft, code: string): Promise<void> {
  const day = new Date().toISOString().slice(0, 10);
  await keep(OUTBOX + draft.item, { item: draft.item, day, code } satisfies Beside, draft.parts);
}

/** Take a letter that waits, and its code; throws Problem "draft_damaged" if it is not there any more. */
export async function takeFromOutbox(item: string): Promise<{ draft: Draft; code: string }> {
  const found = await kept<Beside>(OUTBOX + item);
  if (!found) throw new Problem("draft_damaged");
  return { draft: { item, parts: found.beside }, code: found.value.code };
}

/** List what waits. */
export async function listOutbox(): Promise<Waiting[]> {
  const names = (await keptNames()).filter((name) => name.startsWith(OUTBOX));
  const found = await Promise.all(names.map((name) => kept<Beside>(name)));
  return found.flatMap((one) => (one ? [{ item: one.value.item, day: one.value.day }] : []));
}

/** Destroy what waits: one letter, or all. */
export async function dropFromOutbox(item: string | null): Promise<void> {
  const names = (await keptNames()).filter((name) => name.startsWith(OUTBOX));
  await Promise.all(names.filter((name) => item === null || name === OUTBOX + item).map(drop));
}
