/**
 * The keyboard map: parts of a page name their keys with words, the frame listens, and `?` shows all that count now.
 *
 * Keys are meant by their place, too: reviewers write Ukrainian and Russian, and on such a layout the key P says "з".
 */

import { useLayoutEffect, useRef } from "preact/hooks";
import { keepText, keptText } from "../keeping";
import { Observable, useFrame, useModel, useWords } from "./context";

/** What a key does; `label` is read in the map, `always` lets it work while somebody types, `first` before all others. */
export interface Binding {
  readonly label: string;
  readonly run: () => void;
  readonly group?: string;
  readonly always?: boolean;
  readonly first?: boolean;
}

/** By key: `p`, `Shift+P`, `Escape`, `Mod+Enter` (Ctrl, or Cmd on a Mac). */
export type Bindings = Readonly<Record<string, Binding>>;

const KEPT = "letter-relay/staff/keys";

/** All bindings that count now; those that came last win. */
export class Keyboard extends Observable {
  #layers: { current: Bindings }[] = [];
  #single = keptText(KEPT) !== "off";
  #paused = 0;

  /** Whether single letters act; without that they need Alt (WCAG 2.1.4). */
  get single(): boolean {
    return this.#single;
  }

  set single(on: boolean) {
    this.#single = on;
    keepText(KEPT, on ? "on" : "off");
    this.changed();
  }

  /** Add bindings; call the answer to take them away. */
  add(layer: { current: Bindings }): () => void {
    this.#layers.push(layer);
    return () => {
      this.#layers = this.#layers.filter((one) => one !== layer);
    };
  }

  /** Let nothing act while a dialog is open; call the answer afterwards. */
  pause(): () => void {
    this.#paused++;
    return () => void this.#paused--;
  }

  /** All that count now, by key. */
  map(): ReadonlyMap<string, Binding> {
    const all = this.#layers.flatMap((layer) => Object.entries(layer.current));
    return new Map([...all.filter(([, one]) => !one.first), ...all.filter(([, one]) => one.first)]);
  }

  /** Act on a key press, if it is one of ours. */
  press(event: KeyboardEvent): void {
    if (event.defaultPrevented || event.isComposing || this.#paused > 0) return;
    const name = nameOf(event);
    const binding = this.map().get(name);
    if (binding === undefined || (isTyping(event.target) && !binding.always)) return;
    // A key that is held down must not decide twice, nor one that a shortcut of the browser is made of.
    const isLetter = name.length === 1;
    if (isLetter && (event.repeat || event.altKey === this.#single)) return;
    event.preventDefault();
    binding.run();
  }
}

/** Name a key press as bindings do. */
export function nameOf(event: Pick<KeyboardEvent, "key" | "code" | "ctrlKey" | "metaKey" | "shiftKey">): string {
  const latin = /^[ -~]$/.test(event.key);
  const placed = /^Key([A-Z])$/.exec(event.code)?.[1] ?? /^Digit([0-9])$/.exec(event.code)?.[1];
  const key = event.key.length > 1 || latin || placed === undefined ? event.key : placed;
  if (event.ctrlKey || event.metaKey) return `Mod+${key.length === 1 ? key.toLowerCase() : key}`;
  if (key.length > 1) return event.shiftKey ? `Shift+${key}` : key;
  // On a Cyrillic layout the question mark is Shift+7, and Shift+Slash a comma: both are heard as they are printed.
  const letter = key.toLowerCase();
  return event.shiftKey && /[a-z]/.test(letter) ? `Shift+${letter.toUpperCase()}` : letter;
}

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target instanceof HTMLInputElement) return !["checkbox", "radio", "button", "submit"].includes(target.type);
  return target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement || target.isContentEditable;
}

/** Bind keys for as long as a part of the page stands; an undefined one is passed over. */
export function useKeys(bindings: Readonly<Record<string, Binding | undefined | false>>): void {
  const { keyboard } = useFrame();
  const layer = useRef<Bindings>({});
  layer.current = Object.fromEntries(
    Object.entries(bindings).filter((entry): entry is [string, Binding] => Boolean(entry[1])),
  );
  useLayoutEffect(() => keyboard.add(layer), [keyboard]);
}

/** How a key is shown. */
export function Key({ name }: { name: string }) {
  const mac = navigator.platform.startsWith("Mac");
  const parts = name.split("+").map((part) => (part === "Mod" ? (mac ? "⌘" : "Ctrl") : (SHOWN[part] ?? part)));
  return <kbd>{parts.map((part) => (part.length === 1 ? part.toUpperCase() : part)).join(" ")}</kbd>;
}

const SHOWN: Readonly<Record<string, string>> = {
  ArrowDown: "↓",
  ArrowUp: "↑",
  ArrowLeft: "←",
  ArrowRight: "→",
  Enter: "⏎",
  Escape: "Esc",
  Shift: "⇧",
};

/** The list of all keys that count now, by group. */
export function KeyMap() {
  const { keyboard } = useFrame();
  const { t } = useWords();
  useModel(keyboard);
  const groups = new Map<string, [string, Binding][]>();
  for (const [key, binding] of keyboard.map()) {
    const group = binding.group ?? t("keys.general");
    groups.set(group, [...(groups.get(group) ?? []), [key, binding]]);
  }
  return (
    <>
      {[...groups].map(([group, bindings]) => (
        <section key={group}>
          <h3>{group}</h3>
          <dl class="keys">
            {bindings.map(([key, binding]) => (
              <div key={key}>
                <dt>
                  <Key name={key} />
                </dt>
                <dd>{binding.label}</dd>
              </div>
            ))}
          </dl>
        </section>
      ))}
      <label class="tick">
        <input
          type="checkbox"
          checked={keyboard.single}
          onChange={(event) => {
            keyboard.single = event.currentTarget.checked;
          }}
        />
        <span>{t("keys.single")}</span>
      </label>
    </>
  );
}
