/** Rows from a spreadsheet or a CSV file: pasted or read, columns proposed and assigned, looked at, then taken. */
import { element, icon } from "../shared/editor/dom";
import { COLUMN_NAMES, type Column } from "../../src/points/columns";
import { compareRows, type News } from "../../src/points/compare";
import { decode } from "../../src/points/decode";
import { readDelimited, type Delimited } from "../../src/points/delimited";
import {
  assigned,
  fromHeader,
  proposeColumns,
  readAssigned,
  twice,
  type Cells,
  type Problem,
} from "../../src/points/read-table";

export interface Importing {
  readonly text: Translate;
  readonly sentence: (problem: Problem) => string;
  /** The rows that there are. */
  before(): readonly Cells[];
  /** `replaces`: all others go. */
  take(rows: Cells[], replaces: boolean): void;
}

const MOST_SHOWN = 5;

export class ImportPanel {
  readonly element: HTMLElement;
  private readonly area: HTMLTextAreaElement;
  private readonly header: HTMLInputElement;
  private readonly columns = element("div", { class: "teamviewer-iot-table-columns" });
  private readonly found = element("div", { class: "teamviewer-iot-table-found", role: "status" });
  private readonly takes: HTMLButtonElement[];
  private rows: Cells[] = [];

  constructor(private readonly importing: Importing) {
    const { text } = importing;
    this.area = element("textarea", {
      id: "teamviewer-iot-table-paste",
      rows: 6,
      spellcheck: "false",
      placeholder: text("table.paste"),
      "aria-label": text("table.paste"),
      oninput: () => this.readAnew(),
    });
    this.header = element("input", {
      type: "checkbox",
      id: "teamviewer-iot-table-header",
      onchange: () => this.look(),
    });
    this.header.checked = true;
    const file = element("input", {
      type: "file",
      accept: ".csv,.tsv,.txt,text/csv,text/plain",
      hidden: true,
      "aria-label": text("table.chooseFile"),
      onchange: () => void this.readFile(file),
    });
    this.takes = [
      button(text("table.merge"), () => this.take(false), "teamviewer-iot-table-merge"),
      button(text("table.replace"), () => this.take(true), "teamviewer-iot-table-replace"),
    ];
    this.element = element(
      "div",
      { class: "teamviewer-iot-table-import", hidden: true },
      this.area,
      element(
        "div",
        {},
        file,
        button(text("table.chooseFile"), () => file.click()),
      ),
      element("label", { class: "teamviewer-iot-table-header" }, this.header, ` ${text("table.header")}`),
      this.columns,
      this.found,
      element(
        "div",
        {},
        ...this.takes,
        button(text("table.cancel"), () => this.close()),
      ),
    );
  }

  open(): void {
    this.element.hidden = false;
    this.area.value = "";
    this.readAnew();
    this.area.focus();
  }

  private close(): void {
    this.element.hidden = true;
  }

  private take(replaces: boolean): void {
    this.importing.take(this.rows, replaces);
    this.close();
  }

  private async readFile(input: HTMLInputElement): Promise<void> {
    const [file] = input.files ?? [];
    input.value = "";
    if (file === undefined) return;
    this.area.value = decode(new Uint8Array(await file.arrayBuffer()));
    this.readAnew();
  }

  private get delimited(): Delimited {
    return fromHeader(readDelimited(this.area.value));
  }

  /** Another text: its columns are proposed. */
  private readAnew(): void {
    const { records } = this.delimited;
    const head = records[0]?.cells ?? [];
    const proposed = proposeColumns(head);
    this.header.checked = records.length === 0 || proposed.some((column) => column !== undefined);
    const sample = records[1]?.cells ?? [];
    this.columns.replaceChildren(
      ...head.map((name, index) => this.choice(name, sample[index] ?? "", proposed[index])),
    );
    this.look();
  }

  private choice(name: string, sample: string, proposed: Column | undefined): HTMLElement {
    const { text } = this.importing;
    const select = element("select", { onchange: () => this.look() });
    select.append(element("option", { value: "" }, text("table.leaveOut")));
    for (const column of COLUMN_NAMES)
      select.append(
        element("option", { value: column, selected: column === proposed }, text(`column.${column}`)),
      );
    return element("label", {}, element("span", { title: sample }, name), select);
  }

  private get assignment(): (Column | undefined)[] {
    const selects = [...this.columns.querySelectorAll("select")];
    return selects.map(({ value }) => (value === "" ? undefined : (value as Column)));
  }

  /** What the text is, with the columns as they are assigned now. */
  private look(): void {
    const { text, sentence } = this.importing;
    const { delimited } = this;
    const { assignment } = this;
    const read = readAssigned(delimited, assignment, this.header.checked);
    const problems = [...read.problems, ...twice(read.rows, read.places)];
    const lines = delimited.records.slice(this.header.checked ? 1 : 0);
    this.rows = lines.map(({ cells }) => assigned(cells, assignment));
    const news = compareRows(this.importing.before(), this.rows);
    const count = (kind: News): number => news.filter((of) => of === kind).length;
    const summary = text("table.found", {
      rows: this.rows.length,
      new: count("new"),
      changed: count("changed"),
      same: count("same"),
      problems: problems.length,
    });
    this.found.replaceChildren(
      element("div", {}, this.area.value.trim() === "" ? undefined : summary),
      ...problems
        .slice(0, MOST_SHOWN)
        .map((problem) => element("div", { class: "teamviewer-iot-wrong" }, sentence(problem))),
    );
    for (const take of this.takes) take.disabled = this.rows.length === 0;
  }
}

export function button(label: string, work: () => void, id?: string): HTMLButtonElement {
  return element("button", { type: "button", class: "red-ui-button", id, onclick: work }, label);
}

/** With a picture in place of a word, which a screen reader says. */
export function iconButton(name: string, label: string, work: () => void, id: string): HTMLButtonElement {
  const attributes = { type: "button", class: "red-ui-button", id, title: label, "aria-label": label };
  return element("button", { ...attributes, onclick: work }, icon(name));
}
