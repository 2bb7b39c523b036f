/** The dialog of the simulator: an agent inside Node-RED, for trying things without a real one. */
import { dialogOf } from "../shared/editor/dialog";
import { errorLabel, labelStyle } from "../shared/editor/labels";
import { PROPERTIES } from "./properties";

const dialog = dialogOf(PROPERTIES);

RED.nodes.registerType("teamviewer-iot-simulator", {
  category: "TeamViewer IoT",
  color: "#B9C8EC",
  icon: "teamviewer-iot-simulator.svg",
  inputs: 1,
  outputs: 2,
  defaults: dialog.defaults,
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
  oneditprepare() {
    dialog.prepare(this);
  },
});
