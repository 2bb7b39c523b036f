/** The list of metrics to create: a name, and a predefined unit or a type with a unit of one's own. */
import { VALUE_TYPES, VALUE_UNITS } from "../../src/protocol/units";
import { sentence } from "../shared/editor/validators";

/** As the node keeps it and as the API document writes it ("Create Metric"). */
export interface Definition {
  name: string;
  valueUnit?: string;
  valueType?: string;
  valueAnnotation?: string;
}

/** One list offers both kinds: an entry is a predefined unit, a value type, or a unit that is not in our list. */
const OTHER_UNIT = "other";
const LIST = "#teamviewer-iot-metric-definitions";

/** Fills the list with the metrics of the node. */
export function showMetrics(metrics: readonly Definition[], text: Translate): void {
  const list = $(LIST).editableList<Partial<Definition>>({
    addButton: text("button.addMetric"),
    removable: true,
    sortable: true,
    addItem: (row, _index, metric) => addRow(row, metric, text),
  });
  for (const metric of metrics) list.editableList("addItem", metric);
}

/** The metrics as the list has them now. */
export function readMetrics(): Definition[] {
  return $(LIST)
    .editableList("items")
    .toArray()
    .map((item) => {
      const value = (control: string) =>
        String($(item).find(`.teamviewer-iot-metric-${control}`).val() ?? "").trim();
      const name = value("name");
      const unit = value("unit");
      if (unit === OTHER_UNIT) return { name, valueUnit: value("own") };
      if (isValueType(unit)) return { name, valueType: unit, valueAnnotation: value("own") };
      return { name, valueUnit: unit };
    });
}

export function resizeMetrics(height: number): void {
  $(LIST).editableList("height", height);
}

/** What is missing in the list of a node that uses it. */
export function completeMetrics(this: Record<string, unknown>, value: unknown, _options: object): Verdict {
  if (this.definitionsType !== "list" || !(this.operation === "create" || this.operation === "ensure"))
    return true;
  const metrics = value as Definition[];
  if (metrics.length === 0) return sentence("noMetrics");
  return (
    metrics.every((metric) => metric.name && (metric.valueUnit || metric.valueType)) || sentence("metrics")
  );
}

function addRow(row: JQuery, metric: Partial<Definition>, text: Translate): void {
  const name = $('<input type="text" class="teamviewer-iot-metric-name">')
    .attr({ placeholder: text("placeholder.metricName"), "aria-label": text("placeholder.metricName") })
    .val(metric.name ?? "");
  const own = $('<input type="text" class="teamviewer-iot-metric-own">').val(
    metric.valueAnnotation ?? (isPredefined(metric.valueUnit) ? "" : (metric.valueUnit ?? "")),
  );
  const unit = unitList(text).val(choiceOf(metric));
  unit.on("change", () => {
    const choice = String(unit.val());
    const hint = text(choice === OTHER_UNIT ? "placeholder.otherUnit" : "placeholder.annotation");
    own.attr({ placeholder: hint, "aria-label": hint }).toggle(choice === OTHER_UNIT || isValueType(choice));
  });
  row.addClass("teamviewer-iot-metric").append(name, unit, own);
  unit.trigger("change");
}

function unitList(text: Translate): JQuery {
  const select = $('<select class="teamviewer-iot-metric-unit">').attr("aria-label", text("label.unit"));
  const predefined = VALUE_UNITS.map((unit) => ({
    value: unit,
    label: text(`units.${lastPart(unit)}`),
  }));
  predefined.sort((one, other) => one.label.localeCompare(other.label));
  const own = VALUE_TYPES.map((type) => ({ value: type, label: text(`types.${type}`) }));
  const other = { value: OTHER_UNIT, label: text("label.otherUnit") };
  return select.append(
    group(text("label.predefined"), [...predefined, other]),
    group(text("label.ownUnit"), own),
  );
}

function group(label: string, choices: { value: string; label: string }[]): JQuery {
  const entries = choices.map(({ value, label }) => $("<option>").val(value).text(label));
  return $("<optgroup>").attr("label", label).append(entries);
}

function choiceOf(metric: Partial<Definition>): string {
  if (metric.valueType !== undefined) return metric.valueType;
  if (metric.valueUnit === undefined) return "NoSI.Dimensionless.PERCENT";
  return isPredefined(metric.valueUnit) ? metric.valueUnit : OTHER_UNIT;
}

function isPredefined(unit: string | undefined): boolean {
  return (VALUE_UNITS as readonly (string | undefined)[]).includes(unit);
}

function isValueType(choice: string): boolean {
  return (VALUE_TYPES as readonly string[]).includes(choice);
}

function lastPart(unit: string): string {
  return unit.slice(unit.lastIndexOf(".") + 1);
}
