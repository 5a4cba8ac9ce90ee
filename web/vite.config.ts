/** How the pages are built: two of them, each with its own scripts, into the package that serves them. */

import { defineConfig } from "vitest/config";
import { withoutProse } from "./prose.ts";
import { sealSite } from "./site.ts";

/** Fields are assigned, not defined: shorter where browsers of 2022 need them rewritten, and alike in all code here. */
const transform = { assumptions: { setPublicClassFields: true } };

export default defineConfig({
  plugins: [withoutProse(), sealSite()],
  build: {
    outDir: "../relay/http/built",
    emptyOutDir: true,
    // What browsers of early 2022 run; older ones are told so, in three languages.
    target: ["es2022", "chrome94", "firefox93", "safari15.4"],
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    rollupOptions: {
      transform,
      input: { families: "index.html", staff: "staff.html", sw: "src/families/sw.ts" },
      // A service worker looks after what lies beside and below it, so it lies at the top.
      output: { entryFileNames: ({ name }) => (name === "sw" ? "sw.js" : "assets/[name]-[hash].js") },
    },
  },
  // Firefox has had workers that are modules since 2023 only.
  worker: { format: "iife", plugins: () => [withoutProse()], rollupOptions: { transform } },
  // Codes are slow to derive on purpose, and slower where two cores are shared.
  test: { include: ["tests/**/*.test.ts"], testTimeout: 30_000, hookTimeout: 30_000 },
});
