/** The dialog of register: makes a new client of the agent. */
import { dialogOf } from "../shared/editor/dialog";
import { errorLabel, labelStyle } from "../shared/editor/labels";
import { SHARED } from "../shared/texts";
import { PROPERTIES } from "./properties";

const dialog = dialogOf(PROPERTIES);

RED.nodes.registerType("teamviewer-iot-register", {
  category: "TeamViewer IoT",
  // Of all nodes.
  categoryDescription: SHARED + "palette.category",
  color: "#8FA9E0",
  icon: "teamviewer-iot-register.svg",
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
