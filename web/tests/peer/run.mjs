// Lets another program use the pages' core: one JSON request on standard input, one JSON answer on standard output.
// `tests/interop/test_typescript.py` is that program.

import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { runnerImport } from "vite";

const { module } = await runnerImport(fileURLToPath(new URL("./peer.ts", import.meta.url)), { configFile: false });
process.stdout.write(JSON.stringify(await module.answer(JSON.parse(await text(process.stdin)))));
