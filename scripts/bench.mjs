// npm run bench: builds what is missing, and measures what was built beside the least that could do the same.
import { prepare } from "./shared/prepare.mjs";
import { run, tool } from "./shared/tools.mjs";

await prepare();
process.exitCode = await run([...tool("tsx"), "bench/bench.ts"]);
