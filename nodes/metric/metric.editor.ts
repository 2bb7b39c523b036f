/** The dialog of metric: one node for all that can be done with metrics. */
import { followChoices } from "../shared/editor/conditional-rows";
import { errorLabel, labelStyle } from "../shared/editor/labels";
import { ANY_SOURCE, typedField } from "../shared/editor/typed-field";
import { identifier, typed } from "../shared/editor/validators";
import {
  completeMetrics,
  type Definition,
  readMetrics,
  resizeMetrics,
  showMetrics,
} from "./metric-list.editor";

const NO_METRICS: Definition[] = [];
const DEFINITION_SOURCES = ["msg", "flow", "global", "json", "jsonata"];
const LISTABLE = ["create", "ensure"];
const LEAST_LIST_HEIGHT = 160;

RED.nodes.registerType("teamviewer-iot-metric", {
  category: "TeamViewer IoT",
  color: "#A9BFD4",
  icon: "teamviewer-iot-metric.svg",
  inputs: 1,
  outputs: 2,
  defaults: {
    version: { value: 1 },
    name: { value: "" },
    agent: { value: "", type: "teamviewer-iot-agent", required: true },
    operation: { value: "create" },
    sensor: { value: "sensorId", validate: typed("sensor", identifier) },
    sensorType: { value: "msg" },
    metric: { value: "metricId", validate: typed("metric", identifier) },
    metricType: { value: "msg" },
    definitions: { value: "payload", validate: typed("definitions") },
    definitionsType: { value: "msg" },
    metrics: { value: NO_METRICS, validate: completeMetrics },
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
    typedField("sensor", ANY_SOURCE);
    typedField("metric", ANY_SOURCE);
    const own = { value: "list", label: this._("label.list"), icon: "fa fa-list", hasValue: false };
    typedField("definitions", [own, ...DEFINITION_SOURCES]);
    showMetrics(this.metrics, (key) => this._(key));
    followChoices("node-input");

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
      definitions.typedInput("types", listable ? [own, ...DEFINITION_SOURCES] : DEFINITION_SOURCES);
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
