/** How the rows of the tables are called as tests, in the runs and in `docs/coverage.md`. */
import type { Example } from "./examples";
import type { Refused, RefusedRequest } from "./refusals";

export const titleOfExample = ({ operation }: Pick<Example, "operation">) =>
  operation === "deleteClient"
    ? "deleteClient: as printed, no answer, sessions end, the certificate is refused"
    : `${operation}: as printed`;

export const titleOfRefused = ({ operation, field, code, topic, message, faults }: Refused) =>
  `${operation}: error ${code} for ${field}: ${
    faults ? JSON.stringify(faults) : field.startsWith(":") ? topic : message
  }`;

export const titleOfRefusedRequest = ({ field, code, subject, content }: RefusedRequest) =>
  `createClient: error ${code} for ${field}: ${subject ?? JSON.stringify(content)}`;
