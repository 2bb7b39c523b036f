// npm run bench: builds what is missing, and measures what was built beside the least that could do the same.
// Options: bench/bench.ts.
import { prepare } from "./shared/prepare.mjs";
import { run, tool } from "./shared/tools.mjs";

await prepare();
process.exitCode = await run([...tool("tsx"), "bench/bench.ts", ...process.argv.slice(2)]);
