/** What weigh.mjs gives, for tests. */

export const LIMIT_BYTES: number;

export function weigh(folder: string): {
  readonly files: readonly { readonly name: string; readonly bytes: number }[];
  readonly bytes: number;
  readonly locales: readonly string[];
};
