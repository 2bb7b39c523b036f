/** The properties of live data. */
import { AGENT, NAME, type Table } from "../shared/properties";

export const PROPERTIES = {
  name: NAME,
  agent: AGENT,
  sensor: {
    kind: "typed",
    value: "",
    type: "str",
    sources: ["str", "env"],
    check: "identifier",
    icon: "microchip",
    placeholder: "placeholder.sensor",
  },
  output: {
    kind: "choice",
    value: "push",
    choices: ["push", "metric", "array"],
    icon: "sign-out",
    hint: "hint.output",
  },
} as const satisfies Table;
