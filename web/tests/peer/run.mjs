// Lets another program use the pages' core: one JSON request on standard input, one JSON answer on standard output.
// `tests/interop/test_typescript.py` is that program.

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { runnerImport } from "vite";

const { module } = await runnerImport(fileURLToPath(new URL("./peer.ts", import.meta.url)), { configFile: false });
process.stdout.write(JSON.stringify(await module.answer(JSON.parse(readFileSync(0, "utf8")))));
