/** What the explorer changes on the agent: an operation of the API, as a node would ask for it. */
import { invalid } from "../../src/protocol/input";
import type { Parameters } from "../../src/protocol/operations";
import type { RequestName } from "../../src/client/requests/routes";
import type { Call } from "./endpoint";

const OPERATIONS = [
  "createSensor",
  "updateSensor",
  "deleteSensor",
  "createMetrics",
  "updateMetrics",
  "deleteMetrics",
] as const satisfies readonly RequestName[];

/** `{operation, parameters}` → `{result}`; the parameters are those of the operation's row. */
export async function changeAgent({ agent, body, signal }: Call): Promise<object> {
  const operation = OPERATIONS.find((known) => known === body.operation);
  if (operation === undefined)
    throw invalid("value", "operation", body.operation, { allowed: OPERATIONS.join(", ") });
  const { parameters } = body;
  if (typeof parameters !== "object" || parameters === null)
    throw invalid("type", "parameters", parameters, { allowed: "words.object" });
  // Each row checks every field that it writes.
  const result = await agent().request(operation, parameters as Parameters<typeof operation>, { signal });
  return { result };
}
