/** The dialog of ping: asks whether the agent is there. */
import { dialogOf } from "../shared/editor/dialog";
import { errorLabel, labelStyle } from "../shared/editor/labels";
import { PROPERTIES } from "./properties";

const dialog = dialogOf(PROPERTIES);

RED.nodes.registerType("teamviewer-iot-ping", {
  category: "TeamViewer IoT",
  color: "#8FA9E0",
  icon: "teamviewer-iot-ping.svg",
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
    return index === 0 ? this._("output.response") : errorLabel();
  },
  oneditprepare() {
    dialog.prepare(this);
  },
});
