/** The dialog of push: sends values of one sensor to the agent. */
import { followChoices } from "../shared/editor/conditional-rows";
import { errorLabel, labelStyle } from "../shared/editor/labels";
import { FIXED_FIRST, typedField } from "../shared/editor/typed-field";
import { currentChoice, identifier, sentence, typed } from "../shared/editor/validators";

/** The type of a time that is not sent. */
const NO_TIME = "none";
const timed = typed("timestamp");

/** What is stored needs a time. */
function time(this: Record<string, unknown>, value: unknown, options: object): Verdict {
  if (currentChoice(this, "timestampType") !== NO_TIME) return timed.call(this, value, options);
  return currentChoice(this, "delivery") !== "store" || sentence("noTime");
}

RED.nodes.registerType("teamviewer-iot-push", {
  category: "TeamViewer IoT",
  color: "#A9BFD4",
  icon: "teamviewer-iot-push.svg",
  inputs: 1,
  outputs: 2,
  defaults: {
    version: { value: 1 },
    name: { value: "" },
    agent: { value: "", type: "teamviewer-iot-agent", required: true },
    sensor: { value: "", validate: typed("sensor", identifier) },
    sensorType: { value: "str" },
    values: { value: "payload", validate: typed("values") },
    valuesType: { value: "msg" },
    metric: { value: "", validate: typed("metric", identifier) },
    metricType: { value: "str" },
    timestamp: { value: "timestamp", validate: time },
    timestampType: { value: "msg" },
    anyTime: { value: false },
    delivery: { value: "confirm" },
  },
  paletteLabel() {
    return this._("palette.label");
  },
  label() {
    if (this.name) return this.name;
    const fixed = this.sensorType === "str" && this.sensor !== "";
    return fixed ? this._("label.to", { sensor: this.sensor }) : this._("palette.label");
  },
  labelStyle,
  outputLabels(index) {
    return index === 0 ? this._("output.response") : errorLabel();
  },
  oneditprepare() {
    followChoices("node-input");
    typedField("sensor", FIXED_FIRST);
    typedField("values", ["msg", "json", "num", "str", "bool", "flow", "global", "env", "jsonata"]);
    typedField("metric", FIXED_FIRST);
    const none = { value: NO_TIME, label: this._("label.noTime"), hasValue: false };
    typedField("timestamp", ["msg", "date", none, "flow", "global", "env", "jsonata"]);
  },
});
