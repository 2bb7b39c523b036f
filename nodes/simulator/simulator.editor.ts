/** The dialog of the simulator: an agent inside Node-RED, for trying things without a real one. */
import { errorLabel, labelStyle } from "../shared/editor/labels";
import { filled, plain, wholeNumber } from "../shared/editor/validators";

RED.nodes.registerType("teamviewer-iot-simulator", {
  category: "TeamViewer IoT",
  color: "#C9C3B1",
  icon: "teamviewer-iot-simulator.svg",
  inputs: 1,
  outputs: 2,
  defaults: {
    version: { value: 1 },
    name: { value: "" },
    directory: { value: "" },
    host: { value: "localhost", validate: plain(filled) },
    port: { value: "18884", validate: plain(wholeNumber(0, 65535)) },
    registrationPort: { value: "18883", validate: plain(wholeNumber(0, 65535)) },
    broker: { value: "embedded" },
  },
  paletteLabel() {
    return this._("palette.label");
  },
  label() {
    return this.name || this._("palette.label");
  },
  labelStyle,
  outputLabels(index) {
    return index === 0 ? this._("output.request") : errorLabel();
  },
});
