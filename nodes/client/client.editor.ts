/** The dialog of client: renames the registered client, or deletes it. */
import { followChoices } from "../shared/editor/conditional-rows";
import { errorLabel, labelStyle } from "../shared/editor/labels";
import { ANY_SOURCE, typedField } from "../shared/editor/typed-field";
import { clientName, typed } from "../shared/editor/validators";

RED.nodes.registerType("teamviewer-iot-client", {
  category: "TeamViewer IoT",
  color: "#A9BFD4",
  icon: "teamviewer-iot-client.svg",
  inputs: 1,
  outputs: 2,
  defaults: {
    version: { value: 1 },
    name: { value: "" },
    agent: { value: "", type: "teamviewer-iot-agent", required: true },
    operation: { value: "update" },
    clientName: { value: "payload", validate: typed("clientName", clientName) },
    clientNameType: { value: "msg" },
    confirmDelete: { value: false },
  },
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
    typedField("clientName", ANY_SOURCE);
    followChoices("node-input");
    // A client that is gone cannot be brought back: who chooses to delete confirms it anew.
    $("#node-input-operation").on("change", () => {
      if ($("#node-input-operation").val() !== "delete")
        $("#node-input-confirmDelete").prop("checked", false);
    });
  },
});
