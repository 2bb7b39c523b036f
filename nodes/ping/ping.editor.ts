/** The dialog of ping: asks whether the agent is there. */
import { errorLabel, labelStyle } from "../shared/editor/labels";
import { ANY_SOURCE, typedField } from "../shared/editor/typed-field";
import { typed } from "../shared/editor/validators";

RED.nodes.registerType("teamviewer-iot-ping", {
  category: "TeamViewer IoT",
  color: "#A9BFD4",
  icon: "teamviewer-iot-ping.svg",
  inputs: 1,
  outputs: 2,
  defaults: {
    version: { value: 1 },
    name: { value: "" },
    agent: { value: "", type: "teamviewer-iot-agent", required: true },
    request: { value: "payload", validate: typed("request") },
    requestType: { value: "msg" },
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
    typedField("request", ANY_SOURCE);
  },
});
