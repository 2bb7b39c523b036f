/** The dialog of live data: receives what is pushed. */
import { splitIds } from "../../src/protocol/limits";
import { sensorName } from "../shared/editor/agent-names";
import { dialogOf } from "../shared/editor/dialog";
import { errorLabel, labelStyle } from "../shared/editor/labels";
import { PROPERTIES } from "./properties";

const dialog = dialogOf(PROPERTIES);

RED.nodes.registerType("teamviewer-iot-livedata", {
  category: "TeamViewer IoT",
  color: "#8FA9E0",
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
    if (!fixed) return this._("palette.label");
    const sensors = splitIds(this.sensor).map((sensorId) => sensorName(this.agent, sensorId));
    return this._("label.of", { sensor: sensors.join(", ") });
  },
  labelStyle,
  outputLabels(index) {
    return index === 0 ? this._(`output.${this.output}`) : errorLabel();
  },
  oneditprepare() {
    dialog.prepare(this);
  },
});
