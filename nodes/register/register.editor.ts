/** The dialog of register: makes a new client of the agent. */
import { errorLabel, labelStyle } from "../shared/editor/labels";
import { FIXED_FIRST, typedField } from "../shared/editor/typed-field";
import { clientName, typed } from "../shared/editor/validators";

RED.nodes.registerType("teamviewer-iot-register", {
  category: "TeamViewer IoT",
  color: "#A9BFD4",
  icon: "teamviewer-iot-register.svg",
  inputs: 1,
  outputs: 2,
  defaults: {
    version: { value: 1 },
    name: { value: "" },
    agent: { value: "", type: "teamviewer-iot-agent", required: true },
    clientName: { value: "", validate: typed("clientName", clientName) },
    clientNameType: { value: "str" },
  },
  paletteLabel() {
    return this._("palette.label");
  },
  label() {
    return this.name || this._("palette.label");
  },
  labelStyle,
  outputLabels(index) {
    return index === 0 ? this._("output.response") : errorLabel();
  },
  oneditprepare() {
    typedField("clientName", FIXED_FIRST);
  },
});
