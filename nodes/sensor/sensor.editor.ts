/** The dialog of sensor: one node for all that can be done with sensors. */
import { followChoices } from "../shared/editor/conditional-rows";
import { errorLabel, labelStyle } from "../shared/editor/labels";
import { ANY_SOURCE, typedField } from "../shared/editor/typed-field";
import { identifier, typed } from "../shared/editor/validators";

RED.nodes.registerType("teamviewer-iot-sensor", {
  category: "TeamViewer IoT",
  color: "#A9BFD4",
  icon: "teamviewer-iot-sensor.svg",
  inputs: 1,
  outputs: 2,
  defaults: {
    version: { value: 1 },
    name: { value: "" },
    agent: { value: "", type: "teamviewer-iot-agent", required: true },
    operation: { value: "create" },
    sensor: { value: "sensorId", validate: typed("sensor", identifier) },
    sensorType: { value: "msg" },
    sensorName: { value: "payload", validate: typed("sensorName") },
    sensorNameType: { value: "msg" },
    state: { value: "", validate: typed("state") },
    stateType: { value: "num" },
  },
  paletteLabel() {
    return this._("palette.label");
  },
  label() {
    return this.name || this._(`label.of.${this.operation}`);
  },
  labelStyle,
  outputLabels(index) {
    return index === 0 ? this._(`output.${this.operation}`) : errorLabel();
  },
  oneditprepare() {
    typedField("sensor", ANY_SOURCE);
    typedField("sensorName", ANY_SOURCE);
    typedField("state", ["num", "msg", "flow", "global", "env", "jsonata"]);
    followChoices("node-input");
  },
});
