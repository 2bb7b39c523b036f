/** The dialog of sensor: one node for all that can be done with sensors. */
import { dialogOf } from "../shared/editor/dialog";
import { errorLabel, labelStyle } from "../shared/editor/labels";
import { PROPERTIES } from "./properties";

const dialog = dialogOf(PROPERTIES);

RED.nodes.registerType("teamviewer-iot-sensor", {
  category: "TeamViewer IoT",
  color: "#8FA9E0",
  icon: "teamviewer-iot-sensor.svg",
  inputs: 1,
  outputs: 2,
  defaults: dialog.defaults,
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
    dialog.prepare(this);
  },
});
