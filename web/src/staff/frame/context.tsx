/** What every part of the staff pages may ask for: the words, a way to tell something, and the keyboard. */

import { createContext } from "preact";
import { useContext, useLayoutEffect, useState } from "preact/hooks";
import type { Words } from "../words";
import type { Keyboard } from "./keyboard";
import type { Notices } from "./notices";

/** What the frame gives to all that stands in it. */
export interface Surroundings {
  readonly words: Words;
  readonly notices: Notices;
  readonly keyboard: Keyboard;
}

export const FrameContext = createContext<Surroundings | null>(null);

/** The surroundings; only inside the frame. */
export function useFrame(): Surroundings {
  const found = useContext(FrameContext);
  if (found === null) throw new Error("used outside the frame");
  return found;
}

/** The words of the chosen language. */
export function useWords(): Words {
  return useFrame().words;
}

/** A model that tells when it has changed. */
export class Observable {
  readonly #listeners = new Set<() => void>();

  /** Call back after each change, until the answer is called. */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Tell everybody who watches. */
  changed(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}

/** Draw anew whenever a model changes. */
export function useModel<T extends Observable>(model: T): T {
  const [, draw] = useState(0);
  useLayoutEffect(() => model.subscribe(() => draw((count) => count + 1)), [model]);
  return model;
}
