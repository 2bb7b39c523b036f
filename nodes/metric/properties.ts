/** The properties of metric. */
import { AGENT, ANY_SOURCE, METRIC_ID, NAME, SENSOR_ID, type Table } from "../shared/properties";

export const PROPERTIES = {
  name: NAME,
  agent: AGENT,
  operation: {
    kind: "choice",
    value: "create",
    choices: ["create", "ensure", "describe", "update", "delete"],
    icon: "bolt",
    hints: true,
  },
  sensor: {
    ...SENSOR_ID,
    value: "sensorId",
    type: "msg",
    sources: ANY_SOURCE,
  },
  metric: {
    ...METRIC_ID,
    value: "metricId",
    type: "msg",
    sources: ANY_SOURCE,
    several: { operation: ["describe", "delete"] },
    when: { operation: ["describe", "update", "delete"] },
  },
  /** "list": the node's own `metrics`. */
  definitions: {
    kind: "typed",
    value: "payload",
    type: "msg",
    sources: [
      { value: "list", label: "label.list", icon: "fa fa-list" },
      "msg",
      "flow",
      "global",
      "json",
      "jsonata",
    ],
    icon: "list-ul",
    when: { operation: ["create", "ensure", "update"] },
  },
  metrics: { kind: "list", value: [] },
} as const satisfies Table;
