/** How the pages are built: two of them, each with its own scripts, into the package that serves them. */

import { defineConfig } from "vitest/config";
import { sealSite } from "./site.ts";

export default defineConfig({
  plugins: [sealSite()],
  build: {
    outDir: "../relay/http/built",
    emptyOutDir: true,
    // Telephones of 2021 still run it; nothing older has what sealing needs.
    target: ["es2021", "chrome87", "firefox84", "safari15"],
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    rollupOptions: { input: { families: "index.html", staff: "staff.html" } },
  },
  worker: { format: "es" },
  test: { include: ["tests/**/*.test.ts"] },
});
