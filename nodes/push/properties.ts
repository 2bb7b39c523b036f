/** The properties of push. */
import { AGENT, FIXED_FIRST, METRIC_ID, NAME, SENSOR_ID, type Table } from "../shared/properties";

export const PROPERTIES = {
  name: NAME,
  agent: AGENT,
  sensor: {
    ...SENSOR_ID,
    value: "",
    type: "str",
    sources: FIXED_FIRST,
  },
  values: {
    kind: "typed",
    value: "payload",
    type: "msg",
    sources: ["msg", "json", "num", "str", "bool", "flow", "global", "env", "jsonata"],
    icon: "upload",
    hint: "hint.values",
  },
  metric: {
    ...METRIC_ID,
    value: "",
    type: "str",
    sources: FIXED_FIRST,
    hint: "hint.metric",
  },
  /** "none": the push is sent without a time. */
  timestamp: {
    kind: "typed",
    value: "timestamp",
    type: "msg",
    sources: ["msg", "date", { value: "none", label: "label.noTime" }, "flow", "global", "env", "jsonata"],
    icon: "clock-o",
    hint: "hint.timestamp",
  },
  /** Times outside of 1990 to 2100 are meant. */
  anyTime: { kind: "tick", value: false },
  delivery: {
    kind: "choice",
    value: "confirm",
    choices: ["confirm", "store"],
    icon: "truck",
    hints: true,
  },
} as const satisfies Table;
