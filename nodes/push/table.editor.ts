/** The table in the dialog of push: a list of rows, a form for the one that is chosen, import, export, check. */
import { element } from "../../explorer/sidebar/dom";
import { COLUMN_NAMES, COLUMNS, WINDOWS, type Column, type Row } from "../../src/points/columns";
import { mergeRows, rowsOf, type Presence } from "../../src/points/compare";
import { readDelimited, type Delimiter } from "../../src/points/delimited";
import {
  assigned,
  proposeColumns,
  readRow,
  readTable,
  usedColumns,
  writeLines,
  writeTable,
  type Cells,
  type Problem,
} from "../../src/points/read-table";
import { VALUE_TYPES, VALUE_UNITS } from "../../src/protocol/units";
import { failureOf, sentenceOf } from "../shared/editor/endpoints";
import { checkWithAgent, readAgent } from "./table-check.editor";
import { Grid } from "./table-grid.editor";
import { button, ImportPanel } from "./table-import.editor";

const SHOWN = ["source", "sensor", "metric", "unit", "report"] as const satisfies Column[];
/** What a field offers; anything else may be entered, too. */
const OFFERED: Partial<Record<Column, readonly string[]>> = {
  unit: [...VALUE_UNITS, ...VALUE_TYPES],
  report: ["all", "change"],
  window: WINDOWS,
};

export class TableDialog {
  private rows: Cells[];
  private problems: (string | undefined)[] = [];
  private presence: Presence[] | undefined;
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
      heads: SHOWN.map((column) => text(`column.${column}`)),
      label: text("table.rows"),
      count: () => this.rows.length,
      cells: (index) => SHOWN.map((column) => shown(this.rows[index]!, column)),
      mark: (index) => this.mark(index),
      chosen: (index) => this.fill(index),
      removed: (index) => this.remove(index),
    });
    this.importing = new ImportPanel({
      text,
      sentence: (problem) => this.sentence(problem),
      before: () => this.rows,
      take: (rows, replaces) => this.set(replaces ? rows : mergeRows(this.rows, rows)),
    });
    this.form = element("div", { class: "teamviewer-iot-table-form", hidden: true });
    for (const column of COLUMN_NAMES) this.form.append(this.field(column));
    this.told = element("div", { class: "teamviewer-iot-table-told", role: "status" });
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
      button(text("table.import"), () => this.importing.open(), "teamviewer-iot-table-open"),
      button(text("table.export"), () => this.export(this.rows, "table.csv"), "teamviewer-iot-table-export"),
      button(text("table.exportAgent"), () => void this.exportAgent(), "teamviewer-iot-table-agent"),
      button(text("table.check"), () => void this.check(), "teamviewer-iot-table-check"),
    );
  }

  private set(rows: Cells[]): void {
    this.rows = rows;
    this.presence = undefined;
    const found: Problem[] = [];
    this.problems = [];
    for (const [index, cells] of rows.entries()) {
      const before = found.length;
      readRow(cells, index + 1, found);
      if (found.length > before) this.problems[index] = this.sentence(found[before]!);
    }
    this.tell(
      rows.length === 0
        ? this.text("table.empty")
        : this.text("table.count", { rows: rows.length, problems: found.length }),
    );
    this.grid.choose(Math.min(this.grid.index, rows.length - 1));
  }

  private add(): void {
    const chosen = this.rows[this.grid.index];
    const { sensor, sensorId } = chosen ?? {};
    // The next point is mostly one of the same sensor.
    const row: Cells = {
      ...(sensor === undefined ? {} : { sensor }),
      ...(sensorId === undefined ? {} : { sensorId }),
    };
    this.set([...this.rows, row]);
    this.grid.choose(this.rows.length - 1);
    this.inputs.get("source")!.focus();
  }

  private remove(index: number): void {
    if (index >= 0) this.set(this.rows.filter((_, at) => at !== index));
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
  }

  private change(column: Column, value: string): void {
    const index = this.grid.index;
    const row = this.rows[index];
    if (row === undefined) return;
    if (value.trim() === "") delete row[column];
    else row[column] = value.trim();
    const found: Problem[] = [];
    readRow(row, index + 1, found);
    this.problems[index] = found[0] && this.sentence(found[0]);
    this.presence = undefined;
    this.tell(this.problems[index] ?? "");
    this.grid.draw();
  }

  private mark(index: number): { kind: string; text: string } | undefined {
    const problem = this.problems[index];
    if (problem !== undefined) return { kind: "wrong", text: problem };
    const presence = this.presence?.[index];
    return presence && { kind: presence, text: this.text(`presence.${presence}`) };
  }

  private export(rows: readonly Cells[], name: string): void {
    const heads = (columns: readonly Column[]): string[] =>
      columns.map((column) => this.text(`column.${column}`));
    const columns = usedColumns(rows);
    // As the spreadsheet of the person's language writes it.
    const comma = (0.5).toLocaleString().includes(",");
    const delimiter: Delimiter = comma ? ";" : ",";
    const lines = writeTable(rows, columns, { delimiter, comma, heads: heads(columns) });
    download(name, `\ufeff${lines.join("\r\n")}\r\n`);
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
      const rows = this.rows.map((cells, index) => readRow(cells, index + 1, []));
      this.presence = await checkWithAgent(this.agentId(), rows, told);
      this.grid.draw();
      this.tell(this.summary(rows));
    });
  }

  private summary(rows: readonly Row[]): string {
    const count = (kind: Presence): number => this.presence!.filter((of) => of === kind).length;
    const values = {
      there: count("there"),
      created: count("created"),
      other: count("otherUnit"),
      noUnit: count("noUnit"),
    };
    return this.text("table.checked", { rows: rows.length, ...values });
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
    this.told.textContent = text;
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

function download(name: string, content: string): void {
  const address = URL.createObjectURL(new Blob([content], { type: "text/csv;charset=utf-8" }));
  const link = element("a", { href: address, download: name });
  link.click();
  URL.revokeObjectURL(address);
}
