/**
 * How a letter is opened where it is handed over: by the place's own key, and only what a review desk has sealed to such
 * a place. Anybody can seal to a desk, so the hop and the reviewer's signature are judged, and shown beside the letter.
 */

import { Problem } from "../../core/problems";
import { checkLetter, type OpenedLetter, openEnclosure, openLetter } from "../../core/sealed";
import { type Authenticity, judgeStaffLetter, READERS, staffKeyOf } from "../authors";
import { digestsOf, type Row } from "../rows";
import type { StaffSession } from "../session";

/** On which leg a place is given an item: a letter of a family's own would have gone past every reviewer. */
const LEGS: Readonly<Record<Row["kind"], string>> = {
  letter: "review>facility",
  parcel: "review>facility",
  reply: "review>bureau",
};

/** A picture that came with a letter; nothing if a reviewer left it out. */
export interface Picture {
  readonly part: number;
  readonly name: string;
  readonly blob?: Blob | undefined;
}

/** A letter that can be printed. */
export interface OpenedItem {
  readonly letter: OpenedLetter;
  readonly pictures: readonly Picture[];
  readonly authenticity: Authenticity;
}

/** Open one item from its sealed files, by digest; throws Problem for what cannot be opened or is not its own. */
export async function openItem(
  session: StaffSession,
  keyDesk: string,
  row: Row,
  files: ReadonlyMap<string, Uint8Array>,
): Promise<OpenedItem> {
  const [first, ...others] = digestsOf(row);
  const file = files.get(first!)!;
  const { dir, to } = checkLetter(file);
  const vkey = staffKeyOf(session.signers, READERS, dir);
  const letter = await openLetter(file, session.deskSeeds(keyDesk, to), { vkey });
  requireItsOwn(row, letter, others);
  const pictures = await openPictures(letter, others, files);
  return { letter, pictures, authenticity: judgeStaffLetter(letter, session.signers, READERS, row.acceptedAt) };
}

function requireItsOwn(row: Row, { line }: OpenedLetter, enclosures: readonly string[]): void {
  const isItem = line.item === row.item && line.kind === row.kind && line.detainee === row.detainee;
  const areParts = (line.enclosures ?? []).join() === enclosures.join();
  if (!isItem || !areParts || line.hop !== LEGS[row.kind]) throw new Problem("letter_differs");
}

async function openPictures(
  letter: OpenedLetter,
  digests: readonly string[],
  files: ReadonlyMap<string, Uint8Array>,
): Promise<Picture[]> {
  const entries = letter.manifest.enclosures ?? [];
  return Promise.all(
    entries.map(async (entry, at) => {
      const part = at + 1;
      if (entry.seed === null) return { part, name: entry.name };
      const content = await openEnclosure(files.get(digests[at]!)!, letter.line, entry);
      return { part, name: entry.name, blob: new Blob([content.slice()], { type: entry.type }) };
    }),
  );
}
