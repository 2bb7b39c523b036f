/** The tree as rows, of which only those exist that can be seen: 10,000 metrics scroll as ten do. */
import { drawing, element, icon } from "../../nodes/shared/editor/dom";
import { curve, type Row, type Tree } from "./tree";

const HEIGHT = 26;
const BEYOND = 6;
const ICONS = { 1: "fa-globe", 2: "fa-microchip", 3: "fa-line-chart" } as const;
const CURVE = { width: 44, height: 14 };

export interface RowsActions {
  words: { expand: string; collapse: string; tree: string; old: string };
  reasonOf(row: Row): string;
  toggle(row: Row): void;
  select(row: Row | undefined): void;
  /** It is wanted on the canvas. */
  place(row: Row, asLiveData: boolean): void;
  dragged(row: Row, event: DragEvent): void;
  remove(row: Row): void;
  rename(row: Row): void;
}

export class Rows {
  readonly element: HTMLElement;
  private readonly canvas: HTMLElement;
  private rows: Row[] = [];
  private selected = "";
  /** What is drawn, by key: a row that has not changed stays the element that it was, or a double click would miss it. */
  private drawings = new Map<string, { content: string; element: HTMLElement }>();

  constructor(
    private readonly tree: Tree,
    private readonly actions: RowsActions,
  ) {
    this.canvas = element("div", { class: "teamviewer-iot-rows", role: "presentation" });
    this.element = element(
      "div",
      {
        class: "teamviewer-iot-tree",
        role: "tree",
        tabindex: "0",
        "aria-label": actions.words.tree,
        onscroll: () => this.draw(),
        onkeydown: (event: KeyboardEvent) => this.press(event),
      },
      this.canvas,
    );
    new ResizeObserver(() => this.draw()).observe(this.element);
  }

  show(rows: Row[]): void {
    this.rows = rows;
    this.draw();
  }

  get selection(): Row | undefined {
    return this.rows.find(({ key }) => key === this.selected);
  }

  select(key: string): void {
    this.selected = key;
    this.actions.select(this.selection);
    this.reveal();
    this.draw();
  }

  private draw(): void {
    const { scrollTop, clientHeight } = this.element;
    const first = Math.max(0, Math.floor(scrollTop / HEIGHT) - BEYOND);
    const last = Math.min(this.rows.length, Math.ceil((scrollTop + clientHeight) / HEIGHT) + BEYOND);
    this.canvas.style.height = `${this.rows.length * HEIGHT}px`;
    const before = this.drawings;
    this.drawings = new Map();
    const seen = this.rows.slice(first, last).map((row, index) => this.drawn(row, first + index, before));
    if (
      seen.length !== this.canvas.childElementCount ||
      seen.some((row, at) => this.canvas.children[at] !== row)
    )
      this.canvas.replaceChildren(...seen);
    const active = document.getElementById(domId(this.selected));
    if (active === null) this.element.removeAttribute("aria-activedescendant");
    else this.element.setAttribute("aria-activedescendant", active.id);
  }

  private drawn(row: Row, index: number, before: typeof this.drawings): HTMLElement {
    const path = row.level === 3 ? curve(this.tree.valuesOf(row.place), CURVE.width, CURVE.height) : "";
    const content = JSON.stringify([row, path]);
    const known = before.get(row.key);
    const drawing = known?.content === content ? known : { content, element: this.made(row, path) };
    this.drawings.set(row.key, drawing);
    const { element } = drawing;
    element.setAttribute("aria-selected", String(row.key === this.selected));
    element.setAttribute("aria-setsize", String(this.rows.length));
    element.setAttribute("aria-posinset", String(index + 1));
    element.style.top = `${index * HEIGHT}px`;
    return element;
  }

  private made(row: Row, path: string): HTMLElement {
    const { key, level, label, detail, open, old, loading, failure } = row;
    const reason = failure === undefined ? "" : this.actions.reasonOf(row);
    const made = element(
      "div",
      {
        id: domId(key),
        class: "teamviewer-iot-row",
        role: "treeitem",
        "aria-level": level,
        "aria-expanded": open === undefined ? undefined : String(open),
        "data-old": old,
        draggable: level === 1 ? undefined : "true",
        title: [label, row.id === label ? "" : row.id, old ? this.actions.words.old : "", reason]
          .filter(Boolean)
          .join("\n"),
        onclick: () => this.select(key),
        ondblclick: () => this.actions.toggle(row),
        ondragstart: (event: DragEvent) => this.actions.dragged(row, event),
      },
      this.handle(row),
      icon(loading ? "fa-spinner fa-spin" : failure === undefined ? ICONS[level] : "fa-exclamation-triangle"),
      element("span", { class: "teamviewer-iot-row-label" }, label),
      path === "" ? undefined : drawing(path, CURVE.width, CURVE.height),
      element("span", { class: "teamviewer-iot-row-detail" }, reason === "" ? detail : reason),
    );
    made.style.paddingLeft = `${(level - 1) * 14 + 4}px`;
    return made;
  }

  private handle(row: Row): HTMLElement {
    if (row.open === undefined) return element("span", { class: "teamviewer-iot-handle" });
    const { expand, collapse } = this.actions.words;
    return element(
      "span",
      {
        class: "teamviewer-iot-handle",
        title: row.open ? collapse : expand,
        onclick: (event: MouseEvent) => {
          event.stopPropagation();
          this.actions.toggle(row);
        },
      },
      icon(row.open ? "fa-angle-down" : "fa-angle-right"),
    );
  }

  private press(event: KeyboardEvent): void {
    const row = this.selection;
    const index = row === undefined ? -1 : this.rows.indexOf(row);
    const move = (to: number): void => {
      const next = this.rows[Math.min(this.rows.length - 1, Math.max(0, to))];
      if (next !== undefined) this.select(next.key);
    };
    const keys: Record<string, () => void> = {
      ArrowDown: () => move(index + 1),
      ArrowUp: () => move(index - 1),
      Home: () => move(0),
      End: () => move(this.rows.length - 1),
      ArrowRight: () => (row?.open === false ? this.actions.toggle(row) : move(index + 1)),
      ArrowLeft: () => (row?.open === true ? this.actions.toggle(row) : this.moveToParent(row)),
      Enter: () =>
        row !== undefined &&
        (row.level === 1 ? this.actions.toggle(row) : this.actions.place(row, event.shiftKey)),
      F2: () => row !== undefined && this.actions.rename(row),
      Delete: () => row !== undefined && this.actions.remove(row),
    };
    const work = keys[event.key];
    if (work === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    // Node-RED has work for some of these, too.
    event.stopPropagation();
    work();
  }

  private moveToParent(row: Row | undefined): void {
    if (row === undefined || row.level === 1) return;
    this.select(row.key.slice(0, row.key.lastIndexOf("/")));
  }

  private reveal(): void {
    const index = this.rows.findIndex(({ key }) => key === this.selected);
    if (index < 0) return;
    const { scrollTop, clientHeight } = this.element;
    if (index * HEIGHT < scrollTop) this.element.scrollTop = index * HEIGHT;
    else if ((index + 1) * HEIGHT > scrollTop + clientHeight)
      this.element.scrollTop = (index + 1) * HEIGHT - clientHeight;
  }
}

function domId(key: string): string {
  return `teamviewer-iot-row-${key.replace(/[^\w/-]/g, "_")}`;
}
