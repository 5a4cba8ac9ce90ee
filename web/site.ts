/**
 * What is done to the pages after they were built: every script and sheet is named with its digest in the page that
 * loads it, and `manifest.json` names every file with its own. A relay logs the digest of that manifest when it starts.
 */

import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import type { Plugin } from "vite";

/** What a page may load and do: its own files and this relay, and nothing else. No markup is made of text. */
export const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' blob: data:",
  "connect-src 'self'",
  "worker-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types letter-relay",
].join("; ");

const LOADED = /<(?:script|link)\b[^>]*?\b(?:src|href)="(\/assets\/[^"]+)"[^>]*>/g;

/** Seal the built pages: digests in the pages, then the manifest over all files. */
export function sealSite(): Plugin {
  let outDir = "";
  return {
    name: "seal-site",
    apply: "build",
    configResolved(config) {
      outDir = resolve(config.root, config.build.outDir);
    },
    closeBundle() {
      for (const page of filesBelow(outDir).filter((name) => name.endsWith(".html"))) addDigests(outDir, page);
      writeFileSync(join(outDir, "manifest.json"), manifest(outDir));
    },
  };
}

function addDigests(outDir: string, page: string): void {
  const path = join(outDir, page);
  const html = readFileSync(path, "utf8").replace(LOADED, (tag, file: string) => {
    const digest = createHash("sha384")
      .update(readFileSync(join(outDir, file)))
      .digest("base64");
    return tag.replace(/ integrity="[^"]*"/g, "").replace(/\s*\/?>$/, ` integrity="sha384-${digest}">`);
  });
  writeFileSync(path, html);
}

function manifest(outDir: string): string {
  const names = filesBelow(outDir).filter((name) => name !== "manifest.json");
  const files = Object.fromEntries(names.map((name) => [`/${name}`, sha256(readFileSync(join(outDir, name)))]));
  return `${JSON.stringify({ v: 1, policy: POLICY, files })}\n`;
}

function filesBelow(folder: string): string[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return files.map((entry) => relative(folder, join(entry.parentPath ?? entry.path, entry.name))).sort();
}

function sha256(data: Uint8Array): string {
  return createHash("sha256").update(data).digest("hex");
}
