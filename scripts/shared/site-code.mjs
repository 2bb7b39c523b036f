// What the site takes from the code, as it was built.
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "./project.mjs";

const built = (path) => join(projectRoot, "dist", path);

/**
 * @param {NodeJS.Require} require
 * @returns {import("./site.mjs").Code}
 */
export function codeOf(require) {
  const { AGENT_ERRORS, CLIENT_ERRORS, agentError } = require(built("src/protocol/errors.js"));
  const nodes = readdirSync(join(projectRoot, "nodes")).filter((name) => name !== "shared");
  return {
    tables: Object.fromEntries(
      nodes.map((short) => [short, require(built(`nodes/${short}/properties.js`)).PROPERTIES]),
    ),
    agentErrors: AGENT_ERRORS,
    clientErrors: CLIENT_ERRORS,
    isPassing: (code) => agentError(code, "").retryable,
  };
}
