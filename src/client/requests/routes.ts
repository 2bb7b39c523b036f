/**
 * Which requests could get each other's answers, worked out from the table of operations. Requests whose
 * answers or errors can come on the same topic share a lane; the lane decides when the next one may be sent.
 */
import { LIVE_DATA_TOPIC, OPERATIONS, type Operation, type OperationName } from "../../protocol/operations";
import { buildFilter, buildTopic } from "../../protocol/topics";

/** What is asked of a registered client; registering itself is done elsewhere, on another port. */
export type RequestName = Exclude<OperationName, "createClient">;

/** A row of the table, as code sees it that treats all operations alike. */
type AnyOperation = Operation<object, unknown>;

export interface Route {
  readonly name: RequestName;
  readonly operation: AnyOperation;
  /** The lanes of the same group share topics: there is one a sensor, or one altogether. */
  readonly group: string;
  readonly perSensor: boolean;
  readonly perMetric: boolean;
}

/** The concrete topics of one request. */
export interface RequestTopics {
  readonly publish: string;
  readonly answers: readonly string[];
  readonly errors: readonly string[];
}

const NAMES = (Object.keys(OPERATIONS) as OperationName[]).filter((name) => name !== "createClient");

export const ROUTES = Object.fromEntries(
  NAMES.map((name) => {
    const operation = OPERATIONS[name] as unknown as AnyOperation;
    const group = groupOf(name);
    return [
      name,
      {
        name,
        operation,
        group: group.join(" "),
        perSensor: group.flatMap(inbound).every((pattern) => pattern.includes("/:sensorId")),
        perMetric: inbound(name).some((pattern) => pattern.includes("/:metricId")),
      },
    ];
  }),
) as Record<RequestName, Route>;

/** Every answer and error of one client, and nothing else: never `#`, which brings one's own requests back. */
export function answerFilters(clientId: string): string[] {
  return [...new Set(NAMES.flatMap(inbound))].map((pattern) => buildFilter(pattern, { clientId }));
}

export function liveDataFilters(clientId: string): string[] {
  return [buildFilter(LIVE_DATA_TOPIC, { clientId })];
}

export function topicsOf(
  { operation }: Route,
  values: { clientId: string; sensorId?: string; metricId?: string },
): RequestTopics {
  const build = (pattern: string) => buildTopic(pattern, values);
  return {
    publish: build(operation.publish),
    answers: operation.answers.map(build),
    errors: operation.errors.map(build),
  };
}

function inbound(name: OperationName): string[] {
  return [...OPERATIONS[name].answers, ...OPERATIONS[name].errors];
}

/** The operations that share a topic with this one, or with one that does. */
function groupOf(name: OperationName): OperationName[] {
  const group = new Set([name]);
  for (const member of group) {
    for (const other of NAMES) {
      if (inbound(other).some((pattern) => inbound(member).includes(pattern))) group.add(other);
    }
  }
  return NAMES.filter((other) => group.has(other));
}
