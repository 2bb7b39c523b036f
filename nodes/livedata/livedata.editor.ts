/** The dialog of live data: receives what is pushed. */
import { dialogOf } from "../shared/editor/dialog";
import { errorLabel, labelStyle } from "../shared/editor/labels";
import { PROPERTIES } from "./properties";

const dialog = dialogOf(PROPERTIES);

RED.nodes.registerType("teamviewer-iot-livedata", {
  category: "TeamViewer IoT",
  color: "#A9BFD4",
  icon: "teamviewer-iot-livedata.svg",
  inputs: 0,
  outputs: 2,
  defaults: dialog.defaults,
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
    dialog.prepare(this);
  },
});
