/** How elements are made: by the DOM alone, so that no text can ever become markup. */

/** What may stand inside an element; what is false or missing is left out. */
export type Child = Node | string | null | undefined | false | readonly Child[];

type Prop = string | number | boolean | undefined | ((event: never) => void);

const SVG = "http://www.w3.org/2000/svg";

/**
 * Make an element.
 *
 * @param props Attributes; a function under `onclick` and the like listens; `value` is set as a property.
 */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  props: Readonly<Record<string, Prop>> = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) give(element, name, value);
  add(element, children);
  return element;
}

/** Make an SVG element with attributes. */
export function svg(tag: string, props: Readonly<Record<string, string | number>>, ...children: Node[]): SVGElement {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(props)) element.setAttribute(name, String(value));
  element.append(...children);
  return element;
}

/** Put other children in the place of those an element has. */
export function fill(element: Element, ...children: readonly Child[]): void {
  element.replaceChildren();
  add(element, children);
}

function give(element: HTMLElement, name: string, value: Prop): void {
  if (value === undefined || value === false) return;
  if (typeof value === "function") element.addEventListener(name.slice(2), value as (event: Event) => void);
  else if (name === "value") (element as HTMLInputElement).value = String(value);
  else element.setAttribute(name, value === true ? "" : String(value));
}

function add(element: Element, children: readonly Child[]): void {
  for (const child of children) {
    if (Array.isArray(child)) add(element, child);
    else if (child) element.append(child as Node | string);
  }
}
