/** The table in the dialog of push: a list of rows, a form for the one that is chosen, import, export, check. */
import { element } from "../shared/editor/dom";
import { COLUMN_NAMES, COLUMNS, WINDOWS, type Column, type Row } from "../../src/points/columns";
import { mergeRows, rowsOf, type Check, type Presence } from "../../src/points/compare";
import { readDelimited, type Delimiter } from "../../src/points/delimited";
import {
  assigned,
  proposeColumns,
  readRow,
  readTable,
  twice,
  usedColumns,
  writeLines,
  writeTable,
  type Cells,
  type Problem,
} from "../../src/points/read-table";
import { VALUE_TYPES, VALUE_UNITS } from "../../src/protocol/units";
import { download } from "../shared/editor/download";
import { failureOf, sentenceOf } from "../shared/editor/endpoints";
import { checkWithAgent, readAgent } from "./table-check.editor";
import { Grid } from "./table-grid.editor";
import { moved, Steps } from "./table-steps.editor";
import { button, iconButton, ImportPanel } from "./table-import.editor";

const SHOWN = ["source", "sensor", "metric", "unit", "report"] as const satisfies Column[];
/** What a field offers; anything else may be entered, too. */
const OFFERED: Partial<Record<Column, readonly string[]>> = {
  unit: [...VALUE_UNITS, ...VALUE_TYPES],
  report: ["all", "change"],
  window: WINDOWS,
};

export class TableDialog {
  /** Rows are not changed but replaced: those of before are still there when a step is taken back. */
  private rows: readonly Cells[];
  private readonly steps = new Steps<readonly Cells[]>();
  private problems: (string | undefined)[] = [];
  private checks: Check[] | undefined;
  /** What is told where the chosen row has nothing of its own to tell. */
  private said = "";
  private readonly undoes: HTMLButtonElement;
  private readonly takesUnits: HTMLButtonElement;
  private readonly grid: Grid;
  private readonly form: HTMLElement;
  private readonly told: HTMLElement;
  private readonly inputs = new Map<Column, HTMLInputElement>();
  private readonly importing: ImportPanel;

  constructor(
    place: HTMLElement,
    lines: readonly unknown[],
    private readonly agentId: () => string,
    private readonly text: Translate,
  ) {
    this.rows = cellsOf(lines);
    this.grid = new Grid({
      heads: [...SHOWN.map((column) => text(`column.${column}`)), text("table.state")],
      label: text("table.rows"),
      count: () => this.rows.length,
      cells: (index) => SHOWN.map((column) => shown(this.rows[index]!, column)),
      mark: (index) => this.mark(index),
      chosen: (index) => this.fill(index),
      removed: (index) => this.remove(index),
      moved: (index, by) => this.move(index, by),
      undone: () => this.undo(),
    });
    this.importing = new ImportPanel({
      text,
      sentence: (problem) => this.sentence(problem),
      before: () => this.rows,
      take: (rows, replaces) => this.replace(replaces ? rows : mergeRows(this.rows, rows)),
    });
    this.form = element("div", { class: "teamviewer-iot-table-form", hidden: true });
    for (const column of COLUMN_NAMES) this.form.append(this.field(column));
    this.told = element("div", { class: "teamviewer-iot-table-told", role: "status" });
    this.undoes = iconButton("fa-undo", text("table.undo"), () => this.undo(), "teamviewer-iot-table-undo");
    this.takesUnits = button(
      text("table.takeUnits"),
      () => this.takeUnits(),
      "teamviewer-iot-table-take-units",
    );
    place.replaceChildren(this.toolbar(), this.importing.element, this.grid.element, this.told, this.form);
    this.set(this.rows);
  }

  /** As the node keeps them. */
  get lines(): string[] {
    return writeLines(this.rows);
  }

  /** It was hidden, and nothing that is hidden has a height. */
  shown(): void {
    this.grid.draw();
  }

  private toolbar(): HTMLElement {
    const { text } = this;
    return element(
      "div",
      { class: "teamviewer-iot-table-toolbar" },
      button(text("table.add"), () => this.add(), "teamviewer-iot-table-add"),
      button(text("table.delete"), () => this.remove(this.grid.index), "teamviewer-iot-table-delete"),
      iconButton(
        "fa-arrow-up",
        text("table.up"),
        () => this.move(this.grid.index, -1),
        "teamviewer-iot-table-up",
      ),
      iconButton(
        "fa-arrow-down",
        text("table.down"),
        () => this.move(this.grid.index, 1),
        "teamviewer-iot-table-down",
      ),
      this.undoes,
      button(text("table.import"), () => this.importing.open(), "teamviewer-iot-table-open"),
      button(text("table.export"), () => this.export(this.rows, "table.csv"), "teamviewer-iot-table-export"),
      button(text("table.exportAgent"), () => void this.exportAgent(), "teamviewer-iot-table-agent"),
      button(text("table.check"), () => void this.check(), "teamviewer-iot-table-check"),
      this.takesUnits,
    );
  }

  /** Something is done to the rows, and can be taken back; what has the name of the step before belongs to it. */
  private replace(rows: readonly Cells[], step?: string): void {
    this.steps.note(this.rows, step);
    this.set(rows);
  }

  private undo(): void {
    const before = this.steps.back();
    if (before === undefined) return;
    this.set(before);
    this.tell(this.text("table.undone"));
  }

  private set(rows: readonly Cells[]): void {
    this.rows = rows;
    this.look();
    this.tell(this.counted());
    this.grid.choose(Math.min(this.grid.index, rows.length - 1));
  }

  private counted(): string {
    const rows = this.rows.length;
    const problems = this.problems.filter((problem) => problem !== undefined).length;
    return rows === 0 ? this.text("table.empty") : this.text("table.count", { rows, problems });
  }

  /** What is wrong with the rows as they are now; what the agent has of them is not known any more. */
  private look(): void {
    this.checks = undefined;
    this.undoes.disabled = this.steps.isEmpty;
    this.takesUnits.hidden = true;
    this.problems = [];
    const found: Problem[] = [];
    const rows = this.rows.map((cells, index) => readRow(cells, index + 1, found));
    found.push(
      ...twice(
        rows,
        rows.map((_, index) => index + 1),
      ),
    );
    for (const problem of found) this.problems[problem.row - 1] ??= this.sentence(problem);
  }

  private add(): void {
    const chosen = this.rows[this.grid.index];
    const { sensor, sensorId } = chosen ?? {};
    // The next point is mostly one of the same sensor.
    const row: Cells = {
      ...(sensor === undefined ? {} : { sensor }),
      ...(sensorId === undefined ? {} : { sensorId }),
    };
    this.replace([...this.rows, row]);
    this.grid.choose(this.rows.length - 1);
    this.inputs.get("source")!.focus();
  }

  private remove(index: number): void {
    if (index >= 0) this.replace(this.rows.filter((_, at) => at !== index));
  }

  private move(index: number, by: number): void {
    const rows = moved(this.rows, index, by);
    if (rows === this.rows) return;
    this.replace(rows);
    this.grid.choose(index + by);
  }

  private field(column: Column): HTMLElement {
    const label = this.text(`column.${column}`);
    const input = element("input", {
      type: "text",
      autocomplete: "off",
      "data-column": column,
      placeholder: this.text(`columnHint.${column}`),
      oninput: () => this.change(column, input.value),
      ...(OFFERED[column] === undefined ? {} : { list: `teamviewer-iot-table-${column}` }),
    });
    this.inputs.set(column, input);
    const offered = element("datalist", { id: `teamviewer-iot-table-${column}` });
    for (const value of OFFERED[column] ?? []) offered.append(element("option", { value }));
    return element("label", {}, element("span", {}, label), input, OFFERED[column] && offered);
  }

  private fill(index: number): void {
    const row = this.rows[index];
    this.form.hidden = row === undefined;
    for (const [column, input] of this.inputs) input.value = String(row?.[column] ?? "");
    this.tellChosen();
  }

  private change(column: Column, value: string): void {
    const index = this.grid.index;
    if (this.rows[index] === undefined) return;
    // What is typed into one field is one step.
    this.steps.note(this.rows, `${index} ${column}`);
    const row: Cells = { ...this.rows[index] };
    if (value.trim() === "") delete row[column];
    else row[column] = value.trim();
    this.rows = this.rows.map((other, at) => (at === index ? row : other));
    this.look();
    this.said = this.counted();
    this.tellChosen();
    this.grid.draw();
  }

  private mark(index: number): { kind: string; text: string } | undefined {
    const problem = this.problems[index];
    if (problem !== undefined) return { kind: "wrong", text: problem };
    const check = this.checks?.[index];
    if (check === undefined) return undefined;
    const { presence, measure } = check;
    const values = { unit: [measure?.unit, measure?.annotation].filter(Boolean).join(" · ") };
    return { kind: presence, text: this.text(`presence.${presence}`, values) };
  }

  private export(rows: readonly Cells[], name: string): void {
    const heads = (columns: readonly Column[]): string[] =>
      columns.map((column) => this.text(`column.${column}`));
    const columns = usedColumns(rows);
    // As the spreadsheet of the person's language writes it.
    const comma = (0.5).toLocaleString().includes(",");
    const delimiter: Delimiter = comma ? ";" : ",";
    const lines = writeTable(rows, columns, { delimiter, comma, heads: heads(columns) });
    download(name, `\ufeff${lines.join("\r\n")}\r\n`, "text/csv;charset=utf-8");
  }

  private async exportAgent(): Promise<void> {
    await this.asking(async (told) => {
      const sensors = await readAgent(this.agentId(), () => true, told);
      this.export(rowsOf(sensors), "agent.csv");
      this.tell(this.text("table.exported", { sensors: sensors.length }));
    });
  }

  private async check(): Promise<void> {
    await this.asking(async (told) => {
      const asked = this.rows;
      const rows = asked.map((cells, index) => readRow(cells, index + 1, []));
      const checks = await checkWithAgent(this.agentId(), rows, told);
      // What was found is of other rows than those that are there now.
      if (this.rows !== asked) return this.check();
      this.checks = checks;
      this.takesUnits.hidden = !this.checks.some(({ measure }) => measure !== undefined);
      this.grid.draw();
      this.tell(this.summary(rows));
    });
  }

  private summary(rows: readonly Row[]): string {
    const count = (kind: Presence): number => this.checks!.filter(({ presence }) => presence === kind).length;
    const values = {
      there: count("there"),
      created: count("created"),
      other: count("otherUnit"),
      noUnit: count("noUnit"),
    };
    return this.text("table.checked", { rows: rows.length, ...values });
  }

  /** A metric keeps its unit for life: what can change is what the rows say of it. */
  private takeUnits(): void {
    const { checks = [] } = this;
    this.replace(
      this.rows.map((row, index) => {
        const { measure } = checks[index] ?? {};
        return measure === undefined ? row : { ...row, annotation: "", ...measure };
      }),
    );
  }

  private async asking(work: (told: (done: number, of: number) => void) => Promise<void>): Promise<void> {
    this.tell(this.text("table.asking"));
    try {
      await work((done, of) => this.tell(this.text("table.progress", { done, of })));
    } catch (error) {
      this.tell(sentenceOf(failureOf(error)));
    }
  }

  private sentence({ row, column, words, value = "", ...range }: Problem): string {
    const label = Object.hasOwn(COLUMNS, column) ? this.text(`column.${column}`) : column;
    const details = { row, column: label, value, allowed: words, ...range };
    return sentenceOf({ name: "InvalidInput", textKey: "InvalidInput.row", details, message: words });
  }

  private tell(text: string): void {
    this.said = this.told.textContent = text;
  }

  /** Of the chosen row: the list has no room for whole sentences. */
  private tellChosen(): void {
    this.told.textContent = this.mark(this.grid.index)?.text ?? this.said;
  }
}

/** What is wrong with the rows that a node keeps, for whoever looks at the node from outside. */
export function rowsVerdict(lines: unknown, sentence: (count: number) => string): Verdict {
  const { problems } = readTable(lines);
  return problems.length === 0 || sentence(problems.length);
}

function cellsOf(lines: readonly unknown[]): Cells[] {
  // A flow that was made by hand may have rows in place of lines.
  if (typeof lines[0] !== "string") return readTable(lines).rows.map((row) => ({ ...row }));
  const [head, ...records] = readDelimited(lines.join("\n"), ",").records;
  const columns = proposeColumns(head?.cells ?? []);
  return records.map(({ cells }) => assigned(cells, columns));
}

function shown(row: Cells, column: (typeof SHOWN)[number]): string {
  const cell =
    column === "sensor"
      ? (row.sensor ?? row.sensorId)
      : column === "metric"
        ? (row.metric ?? row.metricId)
        : row[column];
  return String(cell ?? "");
}
