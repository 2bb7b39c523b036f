/** The properties of live data. */
import { AGENT, NAME, SENSOR_ID, type Table } from "../shared/properties";

export const PROPERTIES = {
  name: NAME,
  agent: AGENT,
  sensor: {
    ...SENSOR_ID,
    value: "",
    type: "str",
    sources: ["str", "env"],
    hint: "hint.sensor",
    several: {},
  },
  output: {
    kind: "choice",
    value: "push",
    choices: ["push", "metric", "array"],
    icon: "sign-out",
    hint: "hint.output",
  },
} as const satisfies Table;
