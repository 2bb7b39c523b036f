/** The dialog of push: sends values of one sensor to the agent, or those that a table finds in a message. */
import { sensorName } from "../shared/editor/agent-names";
import { dialogOf } from "../shared/editor/dialog";
import { errorLabel, labelStyle } from "../shared/editor/labels";
import { currentChoice, sentence, typed } from "../shared/editor/validators";
import { defaultsOf } from "../shared/properties";
import { PROPERTIES } from "./properties";
import { rowsVerdict, TableDialog } from "./table.editor";

const dialog = dialogOf(PROPERTIES, { timestamp: time, rows });
const timed = typed("timestamp");
/** What stands in the part of the dialog that is folded until one of them is set. */
const REPORTING = ["report", "atMost", "window", "atLeast", "repeat", "together"] as const;

let table: TableDialog | undefined;

/** What is stored needs a time. */
function time(this: Record<string, unknown>, value: unknown, options: object): Verdict {
  if (currentChoice(this, "timestampType") !== "none") return timed.call(this, value, options);
  return currentChoice(this, "delivery") !== "store" || sentence("noTime");
}

/** The node's own table, while it is the one that is used. */
function rows(this: Record<string, unknown>, value: unknown, _options: object): Verdict {
  if (currentChoice(this, "tableType") !== "rows") return true;
  return rowsVerdict(value, (count) => sentence("rows", { count }));
}

RED.nodes.registerType("teamviewer-iot-push", {
  category: "TeamViewer IoT",
  color: "#8FA9E0",
  icon: "teamviewer-iot-push.svg",
  inputs: 1,
  outputs: 2,
  defaults: dialog.defaults,
  paletteLabel() {
    return this._("palette.label");
  },
  label() {
    if (this.name) return this.name;
    if (this.tableType !== "none") return this._("label.byTable");
    const fixed = this.sensorType === "str" && this.sensor !== "";
    return fixed
      ? this._("label.to", { sensor: sensorName(this.agent, this.sensor) })
      : this._("palette.label");
  },
  labelStyle,
  outputLabels(index) {
    return index === 0 ? this._("output.response") : errorLabel();
  },
  oneditprepare() {
    dialog.prepare(this);
    const place = document.getElementById("teamviewer-iot-push-rows")!;
    const agent = (): string => String($("#node-input-agent").val());
    table = new TableDialog(place, this.rows, agent, (key, values) => this._(key, values));
    const source = $("#node-input-table");
    const follow = (): void => {
      const type = source.typedInput("type");
      $("#teamviewer-iot-push-metric").toggle(type === "none");
      // With a table the values may have any form.
      $('#dialog-form [data-i18n$="hint.values"]').toggle(type === "none");
      $("#teamviewer-iot-push-incomplete").toggle(type !== "none");
      place.hidden = type !== "rows";
      table?.shown();
    };
    source.on("change", follow);
    follow();
    const usual = defaultsOf(PROPERTIES);
    const isSet = REPORTING.some((name) => this[name] !== usual[name]);
    (document.getElementById("teamviewer-iot-push-report") as HTMLDetailsElement).open = isSet;
  },
  oneditsave() {
    this.rows = table!.lines;
  },
});
