/** The properties of metric. */
import { AGENT, ANY_SOURCE, NAME, type Table } from "../shared/properties";

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
    kind: "typed",
    value: "sensorId",
    type: "msg",
    sources: ANY_SOURCE,
    check: "identifier",
    icon: "microchip",
    placeholder: "placeholder.sensor",
  },
  metric: {
    kind: "typed",
    value: "metricId",
    type: "msg",
    sources: ANY_SOURCE,
    check: "identifier",
    icon: "line-chart",
    placeholder: "placeholder.metric",
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
