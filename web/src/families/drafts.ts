/** A letter that is being written, kept on this device if asked: encrypted, and forgotten with one tap. */

import { drop, keep, kept } from "./keeping";
import type { Letter, Picture } from "./memory";

const NAME = "draft";
const PAUSE_MILLISECONDS = 800;

interface Written extends Omit<Letter, "pictures"> {
  readonly day: string;
  /** The pictures' media types; their bytes lie beside. */
  readonly types: readonly Picture["type"][];
}

/** A draft that was found. */
export interface KeptDraft {
  readonly day: string;
  /** Take the letter out, its pictures too. */
  letter(): Letter;
}

let timer: ReturnType<typeof setTimeout> | undefined;

/** Keep the letter as it stands, a moment after the last stroke; `told` hears whether the device took it. */
export function keepDraft(letter: Letter, told: (isKept: boolean) => void): void {
  clearTimeout(timer);
  timer = setTimeout(
    () =>
      void write(letter).then(
        () => told(true),
        () => told(false),
      ),
    PAUSE_MILLISECONDS,
  );
}

/** Forget it. */
export async function forgetDraft(): Promise<void> {
  clearTimeout(timer);
  await drop(NAME);
}

/** Look for a draft. */
export async function keptDraft(): Promise<KeptDraft | null> {
  const found = await kept<Written>(NAME);
  if (!found) return null;
  const { day, types, ...letter } = found.value;
  const picture = (bytes: Picture["bytes"], at: number): Picture => {
    const type = types[at]!;
    return { bytes, type, url: URL.createObjectURL(new Blob([bytes], { type })) };
  };
  return { day, letter: () => ({ ...letter, pictures: found.beside.map(picture) }) };
}

function write({ pictures, ...letter }: Letter): Promise<void> {
  const day = new Date().toISOString().slice(0, 10);
  const written: Written = { ...letter, day, types: pictures.map(({ type }) => type) };
  return keep(
    NAME,
    written,
    pictures.map(({ bytes }) => bytes),
  );
}
