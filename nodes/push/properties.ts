/** The properties of push. */
import { AGENT, FIXED_FIRST, METRIC_ID, NAME, SENSOR_ID, type Table } from "../shared/properties";

/** Seconds: a week. */
const WEEK = 604_800;
const SECONDS = {
  kind: "number",
  value: "0",
  least: 0,
  most: WEEK,
  isDecimal: true,
  unit: "unit.secondsOff",
  since: 2,
} as const;

export const PROPERTIES = {
  name: NAME,
  agent: AGENT,
  sensor: {
    ...SENSOR_ID,
    value: "",
    type: "str",
    sources: FIXED_FIRST,
    hint: "hint.sensor",
    isMade: true,
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
    isMade: true,
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
  /** Which values of a message are pushed to which metrics. "rows": the node's own `rows`. */
  table: {
    kind: "typed",
    value: "",
    type: "none",
    sources: [
      { value: "none", label: "label.noTable" },
      { value: "rows", label: "label.ownRows", icon: "fa fa-table" },
      "msg",
      { value: "file", label: "label.file", icon: "fa fa-file-text-o", hasValue: true },
      "env",
      "flow",
      "global",
    ],
    icon: "table",
    hint: "hint.table",
    since: 2,
  },
  /** Lines of CSV; the first names the columns. */
  rows: { kind: "list", value: [], since: 2 },
  /** What becomes of a message of which a row cannot make its value. */
  incomplete: {
    kind: "choice",
    value: "tell",
    choices: ["tell", "skip", "refuse"],
    icon: "exclamation-triangle",
    hints: true,
    since: 2,
  },
  report: {
    kind: "choice",
    value: "all",
    choices: ["all", "change", "absolute", "percent"],
    icon: "filter",
    hints: true,
    since: 2,
  },
  band: {
    kind: "number",
    value: "0",
    least: 0,
    most: 1e15,
    isDecimal: true,
    icon: "arrows-v",
    when: { report: ["absolute", "percent"] },
    since: 2,
  },
  atMost: { ...SECONDS, icon: "step-forward" },
  window: {
    kind: "choice",
    value: "latest",
    choices: ["latest", "mean", "min", "max", "last"],
    icon: "area-chart",
    hint: "hint.window",
    since: 2,
  },
  atLeast: { ...SECONDS, icon: "heartbeat", hint: "hint.atLeast" },
  repeat: { kind: "tick", value: true, since: 2 },
  together: {
    kind: "number",
    value: "0",
    least: 0,
    most: 60_000,
    icon: "compress",
    unit: "unit.millisecondsOff",
    hint: "hint.together",
    since: 2,
  },
} as const satisfies Table;
