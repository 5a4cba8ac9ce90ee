/**
 * Leaves the developers' sentences out of what is built: pages show their own words by an error's code, and every
 * family would have to fetch the others over whatever line it has. Tests and the development server keep them.
 */

import type { Plugin } from "vite";

interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly callee?: { readonly type: string; readonly name?: string };
  readonly arguments?: readonly Node[];
  readonly value?: unknown;
  readonly expressions?: readonly unknown[];
}

interface Cut {
  readonly start: number;
  readonly end: number;
  readonly by: string;
}

/** Where the sentence stands: `new Problem(code, sentence)`, `ensure(holds, code, sentence)`. */
const OURS: Readonly<Record<string, number>> = { Problem: 1, ensure: 2 };
/** In the cryptographic libraries: `new Error(sentence)`. */
const THEIRS: Readonly<Record<string, number>> = { Error: 0, RangeError: 0, TypeError: 0 };

/** The plugin, for pages and for workers alike. */
export function withoutProse(): Plugin {
  return {
    name: "without-prose",
    apply: "build",
    enforce: "post",
    transform(code, id) {
      const places = /\/src\/(?:core|families\/vault)\/\w+\.ts$/.test(id)
        ? OURS
        : /\/node_modules\/@noble\//.test(id)
          ? THEIRS
          : null;
      if (!places) return null;
      const cuts: Cut[] = [];
      visit(this.parse(code) as unknown as Node, (node) => cuts.push(...cutsIn(node, places, code)));
      return cuts.length ? { code: withCuts(code, cuts), map: null } : null;
    },
  };
}

function cutsIn(
  { type, callee, arguments: given = [] }: Node,
  places: Readonly<Record<string, number>>,
  code: string,
): Cut[] {
  if ((type !== "NewExpression" && type !== "CallExpression") || callee?.type !== "Identifier") return [];
  const place = places[callee.name ?? ""];
  const sentence = place === undefined ? undefined : given[place];
  if (!sentence || !isProse(sentence, code)) return [];
  if (place! < given.length - 1) return [{ start: sentence.start, end: sentence.end, by: "void 0" }];
  return [{ start: given[place! - 1]?.end ?? sentence.start, end: sentence.end, by: "" }];
}

/** A string with a space in it, or one put together from such: a code has none. */
function isProse({ type, start, end }: Node, code: string): boolean {
  const isText = type === "Literal" || type === "TemplateLiteral" || type === "BinaryExpression";
  return isText && /["'`][^"'`]* /.test(code.slice(start, end));
}

function visit(node: unknown, act: (node: Node) => void): void {
  if (Array.isArray(node)) {
    for (const each of node) visit(each, act);
  } else if (typeof node === "object" && node !== null) {
    if ("type" in node && "start" in node) act(node as Node);
    for (const each of Object.values(node)) visit(each, act);
  }
}

function withCuts(code: string, cuts: readonly Cut[]): string {
  const backwards = [...cuts].sort((one, other) => other.start - one.start);
  return backwards.reduce((left, { start, end, by }) => left.slice(0, start) + by + left.slice(end), code);
}
