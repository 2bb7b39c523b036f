/** The dialog of push: sends values of one sensor to the agent. */
import { dialogOf } from "../shared/editor/dialog";
import { errorLabel, labelStyle } from "../shared/editor/labels";
import { currentChoice, sentence, typed } from "../shared/editor/validators";
import { PROPERTIES } from "./properties";

const dialog = dialogOf(PROPERTIES, { timestamp: time });
const timed = typed("timestamp");

/** What is stored needs a time. */
function time(this: Record<string, unknown>, value: unknown, options: object): Verdict {
  if (currentChoice(this, "timestampType") !== "none") return timed.call(this, value, options);
  return currentChoice(this, "delivery") !== "store" || sentence("noTime");
}

RED.nodes.registerType("teamviewer-iot-push", {
  category: "TeamViewer IoT",
  color: "#A9BFD4",
  icon: "teamviewer-iot-push.svg",
  inputs: 1,
  outputs: 2,
  defaults: dialog.defaults,
  paletteLabel() {
    return this._("palette.label");
  },
  label() {
    if (this.name) return this.name;
    const fixed = this.sensorType === "str" && this.sensor !== "";
    return fixed ? this._("label.to", { sensor: this.sensor }) : this._("palette.label");
  },
  labelStyle,
  outputLabels(index) {
    return index === 0 ? this._("output.response") : errorLabel();
  },
  oneditprepare() {
    dialog.prepare(this);
  },
});
