/** How the pages are built: two of them, each with its own scripts, into the package that serves them. */

import { defineConfig } from "vite";

export default defineConfig({
  build: {
    outDir: "../relay/http/built",
    emptyOutDir: true,
    // Telephones of 2019 still run it; age-encryption needs BigInt and so does not run on anything older.
    target: ["es2021", "chrome87", "firefox84", "safari15"],
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    rollupOptions: { input: { families: "index.html", staff: "staff.html" } },
  },
  worker: { format: "es" },
  test: { include: ["tests/**/*.test.ts"] },
} as Parameters<typeof defineConfig>[0]);
