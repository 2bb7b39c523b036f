/** The dialog of client: renames the registered client, or deletes it. */
import { dialogOf } from "../shared/editor/dialog";
import { errorLabel, labelStyle } from "../shared/editor/labels";
import { PROPERTIES } from "./properties";

const dialog = dialogOf(PROPERTIES);

RED.nodes.registerType("teamviewer-iot-client", {
  category: "TeamViewer IoT",
  color: "#8FA9E0",
  icon: "teamviewer-iot-client.svg",
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
    // A client that is gone cannot be brought back: who chooses to delete confirms it anew.
    $("#node-input-operation").on("change", () => {
      if ($("#node-input-operation").val() !== "delete")
        $("#node-input-confirmDelete").prop("checked", false);
    });
  },
});
