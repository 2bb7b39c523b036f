/** The dialog of metric: one node for all that can be done with metrics. */
import { dialogOf, sourcesOf } from "../shared/editor/dialog";
import { errorLabel, labelStyle } from "../shared/editor/labels";
import {
  completeMetrics,
  type Definition,
  readMetrics,
  resizeMetrics,
  showMetrics,
} from "./metric-list.editor";
import { PROPERTIES } from "./properties";

const dialog = dialogOf(PROPERTIES, { metrics: completeMetrics });
const LISTABLE = ["create", "ensure"];
const LEAST_LIST_HEIGHT = 160;

RED.nodes.registerType("teamviewer-iot-metric", {
  category: "TeamViewer IoT",
  color: "#8FA9E0",
  icon: "teamviewer-iot-metric.svg",
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
    showMetrics(this.metrics as Definition[], (key) => this._(key));

    const sources = sourcesOf(PROPERTIES.definitions, this);
    const withoutList = sources.filter((source) => typeof source === "string");
    const operation = $("#node-input-operation");
    const definitions = $("#node-input-definitions");
    const follow = () => {
      const listed = LISTABLE.includes(String(operation.val())) && definitions.typedInput("type") === "list";
      $("#teamviewer-iot-metric-list").toggle(listed);
    };
    definitions.on("change", follow);
    operation.on("change", () => {
      // An update names metrics that exist by their IDs, which the list of new ones does not have.
      const listable = LISTABLE.includes(String(operation.val()));
      definitions.typedInput("types", listable ? sources : withoutList);
      follow();
    });
    follow();
  },
  oneditsave() {
    this.metrics = readMetrics();
  },
  oneditresize({ height }) {
    const rows = $("#dialog-form .form-row:visible, #dialog-form .teamviewer-iot-hint:visible").toArray();
    const used = rows.reduce((sum, row) => sum + ($(row).outerHeight(true) ?? 0), 0);
    resizeMetrics(Math.max(LEAST_LIST_HEIGHT, height - used - 40));
  },
});
