/**
 * Weighs the built family page: everything that one family needs, gzipped as the relay sends it.
 *
 * `node weigh.mjs [folder]` prints each file and the sum in bytes; the limit is 75 KB (DESIGN.md §10).
 */

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

/** The most that the page may weigh, in bytes, with its heaviest locale. */
export const LIMIT_BYTES = 75 * 1024;

const ASSET = /\/?assets\/([\w.-]+?\.(?:js|css|json))\b/g;
const LOCALE = /^families\.\w\w-.*\.json$/;

/** Find what the page loads, file by file from index.html on, and weigh it; of the locales the heaviest counts. */
export function weigh(folder) {
  const found = new Map();
  const visit = (name) => {
    if (found.has(name)) return;
    const data = readFileSync(join(folder, name));
    found.set(name, gzipSync(data, { level: 9 }).length);
    for (const [, asset] of data.toString("utf8").matchAll(ASSET)) visit(`assets/${asset}`);
    for (const [, asset] of data.toString("utf8").matchAll(/from"\.\/([\w.-]+\.js)"/g)) visit(`assets/${asset}`);
  };
  visit("index.html");
  visit("sw.js");
  const names = [...found.keys()];
  const locales = names.filter((name) => LOCALE.test(name.replace("assets/", "")));
  const heaviest = locales.sort((one, other) => found.get(other) - found.get(one))[0];
  const files = names.filter((name) => !locales.includes(name) || name === heaviest);
  return { files: files.map((name) => ({ name, bytes: found.get(name) })), bytes: sum(files, found), locales };
}

function sum(names, weights) {
  return names.reduce((bytes, name) => bytes + weights.get(name), 0);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const folder = process.argv[2] ?? fileURLToPath(new URL("../relay/http/built", import.meta.url));
  if (readdirSync(folder).length === 0) throw new Error("build the pages first");
  const { files, bytes } = weigh(folder);
  for (const file of files) console.log(String(file.bytes).padStart(7), file.name);
  console.log(String(bytes).padStart(7), `in all; the limit is ${LIMIT_BYTES}`);
}
