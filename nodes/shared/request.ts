/** One request to the agent, as the nodes make it. */
import type { RequestOptions } from "../../src/client/agent-client";
import type { RequestName } from "../../src/client/requests/routes";
import type { Parameters, Result } from "../../src/protocol/operations";

export type Request = <N extends RequestName>(
  operation: N,
  parameters: Parameters<N>,
  options?: RequestOptions,
) => Promise<Result<N>>;
