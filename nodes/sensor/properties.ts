/** The properties of sensor. */
import { AGENT, ANY_SOURCE, NAME, SENSOR_ID, type Table } from "../shared/properties";

export const PROPERTIES = {
  name: NAME,
  agent: AGENT,
  operation: {
    kind: "choice",
    value: "create",
    choices: ["create", "ensure", "list", "inventory", "update", "delete"],
    icon: "bolt",
    hints: true,
  },
  sensor: {
    ...SENSOR_ID,
    value: "sensorId",
    type: "msg",
    sources: ANY_SOURCE,
    several: { operation: ["delete"] },
    when: { operation: ["update", "delete"] },
  },
  sensorName: {
    kind: "typed",
    value: "payload",
    type: "msg",
    sources: ANY_SOURCE,
    icon: "tag",
    when: { operation: ["create", "ensure", "update"] },
  },
  state: {
    kind: "typed",
    value: "",
    type: "num",
    sources: ["num", "msg", "flow", "global", "env", "jsonata"],
    icon: "toggle-on",
    placeholder: "placeholder.state",
    when: { operation: ["update"] },
  },
} as const satisfies Table;
