/** The dialog of live data: receives what is pushed. */
import { errorLabel, labelStyle } from "../shared/editor/labels";
import { typedField } from "../shared/editor/typed-field";
import { identifier, typed } from "../shared/editor/validators";

RED.nodes.registerType("teamviewer-iot-livedata", {
  category: "TeamViewer IoT",
  color: "#A9BFD4",
  icon: "teamviewer-iot-livedata.svg",
  inputs: 0,
  outputs: 2,
  defaults: {
    version: { value: 1 },
    name: { value: "" },
    agent: { value: "", type: "teamviewer-iot-agent", required: true },
    sensor: { value: "", validate: typed("sensor", identifier) },
    sensorType: { value: "str" },
    output: { value: "push" },
  },
  paletteLabel() {
    return this._("palette.label");
  },
  label() {
    if (this.name) return this.name;
    const fixed = this.sensorType === "str" && this.sensor !== "";
    return fixed ? this._("label.of", { sensor: this.sensor }) : this._("palette.label");
  },
  labelStyle,
  outputLabels(index) {
    return index === 0 ? this._(`output.${this.output}`) : errorLabel();
  },
  oneditprepare() {
    typedField("sensor", ["str", "env"]);
  },
});
