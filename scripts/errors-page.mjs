// node scripts/errors-page.mjs: writes docs/errors.md anew, after an error or its sentence has changed.
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { errorsPage } from "./shared/errors-page.mjs";
import { prepare } from "./shared/prepare.mjs";
import { projectRoot } from "./shared/project.mjs";

await prepare();
const { AGENT_ERRORS, CLIENT_ERRORS, agentError } = createRequire(import.meta.url)(
  join(projectRoot, "dist/src/protocol/errors.js"),
);
const sentences = JSON.parse(readFileSync(join(projectRoot, "locales/en-US/errors.json"), "utf8"));
const isPassing = (code) => agentError(code, "").retryable;
writeFileSync(
  join(projectRoot, "docs/errors.md"),
  await errorsPage(sentences, AGENT_ERRORS, CLIENT_ERRORS, isPassing),
);
