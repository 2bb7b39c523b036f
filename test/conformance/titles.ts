/** How the rows of the tables are called as tests, in the runs and in `docs/coverage.md`. */
import type { Accepted } from "./accepted";
import type { Example } from "./examples";
import type { Refused, RefusedRequest } from "./refusals";

export const titleOfExample = ({ operation }: Pick<Example, "operation">) =>
  operation === "deleteClient"
    ? "deleteClient: as printed, no answer, sessions end, the certificate is refused"
    : `${operation}: as printed`;

/** What is wrong about a request: its message, an ID in its topic, or the agent itself. */
export const inputOfRefused = ({ field, topic, message, faults }: Refused) =>
  faults ? JSON.stringify(faults) : field.startsWith(":") ? topic : message;

export const inputOfRefusedRequest = ({ subject, key, content }: RefusedRequest) =>
  subject === undefined ? JSON.stringify(content) : [subject, key].filter(Boolean).join(" with a key of ");

export const inputOfAccepted = ({ field, topic, message }: Accepted) =>
  field.startsWith(":") ? topic : message;

export const titleOfRefused = (row: Refused) =>
  `${row.operation}: error ${row.code} for ${row.field}: ${inputOfRefused(row)}`;

export const titleOfRefusedRequest = (row: RefusedRequest) =>
  `createClient: error ${row.code} for ${row.field}: ${inputOfRefusedRequest(row)}`;

export const titleOfAccepted = (row: Accepted) =>
  `${row.operation}: takes ${row.field}: ${inputOfAccepted(row)}`;
