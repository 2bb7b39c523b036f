/** The rows of a table as a list that is quick however long it is: only what is seen is in the page. */
import { element } from "../shared/editor/dom";

export interface GridSource {
  /** What stands above the columns. */
  readonly heads: readonly string[];
  readonly label: string;
  count(): number;
  cells(index: number): readonly string[];
  /** What is to be seen of a row besides its cells. */
  mark(index: number): { kind: string; text: string } | undefined;
  chosen(index: number): void;
  removed(index: number): void;
  /** `by`: 1 row down, or −1. */
  moved(index: number, by: number): void;
  undone(): void;
}

const ROW_PX = 26;
const MORE = 8;
const PAGE = 10;

export class Grid {
  readonly element: HTMLElement;
  private readonly body: HTMLElement;
  private readonly scroller: HTMLElement;
  private chosen = -1;

  constructor(private readonly source: GridSource) {
    this.body = element("div", { class: "teamviewer-iot-grid-body", role: "rowgroup" });
    this.scroller = element(
      "div",
      { class: "teamviewer-iot-grid-scroller", onscroll: () => this.draw() },
      this.body,
    );
    const head = element("div", { class: "teamviewer-iot-grid-row teamviewer-iot-grid-head", role: "row" });
    for (const text of ["#", ...source.heads])
      head.append(element("span", { role: "columnheader", title: text }, text));
    this.element = element(
      "div",
      {
        class: "teamviewer-iot-grid",
        role: "grid",
        tabindex: 0,
        "aria-label": source.label,
        onkeydown: (event: KeyboardEvent) => this.press(event),
        onclick: (event: MouseEvent) => this.click(event),
      },
      head,
      this.scroller,
    );
  }

  get index(): number {
    return this.chosen;
  }

  choose(index: number): void {
    const last = this.source.count() - 1;
    this.chosen = Math.max(-1, Math.min(index, last));
    if (this.chosen >= 0) this.scrollTo(this.chosen);
    this.draw();
    this.source.chosen(this.chosen);
  }

  /** The rows have changed. */
  draw(): void {
    const count = this.source.count();
    this.element.setAttribute("aria-rowcount", String(count + 1));
    this.body.style.height = `${count * ROW_PX}px`;
    const first = Math.max(0, Math.floor(this.scroller.scrollTop / ROW_PX) - MORE);
    const last = Math.min(
      count,
      Math.ceil((this.scroller.scrollTop + this.scroller.clientHeight) / ROW_PX) + MORE,
    );
    const rows: HTMLElement[] = [];
    for (let index = first; index < last; index++) rows.push(this.row(index));
    this.body.replaceChildren(...rows);
    if (this.chosen >= 0) this.element.setAttribute("aria-activedescendant", rowId(this.chosen));
    else this.element.removeAttribute("aria-activedescendant");
  }

  private row(index: number): HTMLElement {
    const mark = this.source.mark(index);
    const isChosen = index === this.chosen;
    const row = element("div", {
      class: `teamviewer-iot-grid-row${isChosen ? " teamviewer-iot-grid-chosen" : ""}`,
      id: rowId(index),
      role: "row",
      "aria-rowindex": index + 2,
      "aria-selected": String(isChosen),
      "data-index": index,
      style: `top: ${index * ROW_PX}px`,
    });
    for (const cell of [String(index + 1), ...this.source.cells(index)])
      row.append(element("span", { role: "gridcell", title: cell }, cell));
    const of = mark && { class: `teamviewer-iot-mark teamviewer-iot-mark-${mark.kind}`, title: mark.text };
    row.append(element("span", { role: "gridcell", ...of }, mark?.text));
    return row;
  }

  private press(event: KeyboardEvent): void {
    const last = this.source.count() - 1;
    const moves: Readonly<Record<string, number>> = { ArrowUp: -1, ArrowDown: 1 };
    const by = event.altKey ? moves[event.key] : undefined;
    const goes: Readonly<Record<string, number>> = {
      ArrowUp: this.chosen - 1,
      ArrowDown: this.chosen + 1,
      PageUp: this.chosen - PAGE,
      PageDown: this.chosen + PAGE,
      Home: 0,
      End: last,
    };
    if (event.key === "z" && (event.ctrlKey || event.metaKey)) this.source.undone();
    else if (event.key === "Delete" && this.chosen >= 0) this.source.removed(this.chosen);
    else if (by !== undefined) this.source.moved(this.chosen, by);
    else if (goes[event.key] === undefined) return;
    else this.choose(Math.max(0, goes[event.key]!));
    event.preventDefault();
    event.stopPropagation();
  }

  private click(event: MouseEvent): void {
    const row = (event.target as HTMLElement).closest<HTMLElement>("[data-index]");
    if (row !== null) this.choose(Number(row.dataset.index));
  }

  private scrollTo(index: number): void {
    const { scrollTop, clientHeight } = this.scroller;
    if (index * ROW_PX < scrollTop) this.scroller.scrollTop = index * ROW_PX;
    else if ((index + 1) * ROW_PX > scrollTop + clientHeight)
      this.scroller.scrollTop = (index + 1) * ROW_PX - clientHeight;
  }
}

function rowId(index: number): string {
  return `teamviewer-iot-grid-${index}`;
}
