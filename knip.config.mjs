// What knip (npm run check) counts as used: whatever Node-RED, npm and the tests begin with, and all that these import.
import { readFileSync } from "node:fs";

const { "node-red": nodeRed, bin } = JSON.parse(
  readFileSync(new URL("package.json", import.meta.url), "utf8"),
);
const builtFrom = (file) => file.replace(/^dist\//, "").replace(/\.js$/, ".ts");

export default {
  entry: [
    ...[nodeRed.nodes, nodeRed.plugins ?? {}, bin].flatMap(Object.values).map(builtFrom),
    "{nodes,explorer}/**/*.editor.ts",
    "scripts/*.mjs",
    "scripts/shared/mocha-reporter.cjs",
    "bench/{bench,table}.ts",
    "test/**/*.test.ts",
    // Programs that tests start, and what they load into them.
    "test/support/as-on-windows.cjs",
    "test/support/agent/{ledger-responder.mjs,*-process.*}",
    "test/faults/flapping-client.ts",
  ],
  project: ["{src,nodes,explorer,bench}/**/*.ts", "{scripts,test}/**/*.{ts,mjs,cjs}"],
  // Loaded into another program by its path.
  ignore: ["test/runtimes/node-red-dev/empty-catalogue.cjs"],
  // A node of the demo's flow.
  ignoreDependencies: ["@flowfuse/node-red-dashboard"],
  // Of the system; tests say so where they are not there.
  ignoreBinaries: ["mount", "umount", "mkfifo", "openssl", "mosquitto", "prometheus", "promtool", "unshare"],
};
