/** What is known of the selected row, and what can be done with it. */
import { sentenceOf } from "../../nodes/shared/editor/endpoints";
import { errorLink } from "../../nodes/shared/editor/error-link";
import type { Failure } from "../../nodes/shared/editor/failure";
import { unitOf, withUnit } from "../../nodes/shared/editor/units";
import { drawing, element, icon } from "../../nodes/shared/editor/dom";
import { clock, date, healthLines, type HealthFacts, type Line } from "./health";
import { curve, type Row, type Tree } from "./tree";

/** Of an agent, what `GET agents/:agent` gives. */
export interface AgentFacts extends HealthFacts {
  failure?: Failure;
  /** Why the store takes no values. */
  storeProblem?: Failure;
  clientId?: string;
  certificate?: { validFrom: number; validTo: number; fingerprint: string };
  history: { time: number; state: string; failure?: Failure }[];
  failures: { time: number; count: number; failure: Failure }[];
}

export interface DetailsActions {
  word: (key: string, values?: Record<string, unknown>) => string;
  rename(row: Row, name: string): void;
  remove(row: Row): void;
  place(row: Row, asLiveData: boolean): void;
  dragged(row: Row, event: DragEvent, asLiveData: boolean): void;
  createSensor(row: Row, name: string): void;
  createMetric(row: Row, name: string, unit: string): void;
  refresh(row: Row): void;
  readAll(row: Row): void;
  diagnose(row: Row): void;
  units(): [value: string, label: string][];
  /** Whether whoever looks may also change something on the agent. */
  mayChange(): boolean;
}

const COUNTERS = ["sent", "answered", "failed", "timedOut", "repeated", "inFlight"] as const;
const STORE = ["delivered", "rejected", "expired", "dropped", "corrupt"] as const;
const LINES = 8;

export class Details {
  readonly element = element("div", { class: "teamviewer-iot-details", tabindex: 0 });
  private shown = "";

  constructor(
    private readonly tree: Tree,
    private readonly actions: DetailsActions,
  ) {}

  show(row: Row | undefined, facts: AgentFacts | undefined): void {
    // Whoever types a name does not lose it to the next value that comes.
    const content = JSON.stringify([
      row,
      row === undefined ? "" : this.tree.valuesOf(row.place).at(-1),
      facts,
    ]);
    if (content === this.shown || this.isInUse(row)) return;
    this.shown = content;
    this.element.dataset.key = row?.key ?? "";
    // Whoever is at a button with the keyboard stays there.
    const focused = this.element.querySelector(":focus")?.getAttribute("aria-label");
    this.element.replaceChildren(...this.parts(row, facts));
    if (focused !== undefined && focused !== null)
      [...this.element.querySelectorAll<HTMLElement>("[aria-label]")]
        .find((control) => control.getAttribute("aria-label") === focused)
        ?.focus();
  }

  private parts(row: Row | undefined, facts: AgentFacts | undefined): Node[] {
    switch (row?.level) {
      case undefined:
        return [element("p", {}, this.actions.word("hint.select"))];
      case 1:
        return this.ofAgent(row, facts);
      case 2:
        return this.ofSensor(row);
      case 3:
        return this.ofMetric(row);
    }
  }

  /** Puts the cursor into the name. */
  edit(): void {
    this.element.querySelector<HTMLInputElement>("input[data-name]")?.select();
  }

  /** Something is being typed, chosen or pressed. */
  private isInUse(row: Row | undefined): boolean {
    return (
      this.element.dataset.key === row?.key &&
      this.element.querySelector("input:focus, select:focus, button:active") !== null
    );
  }

  private ofAgent(row: Row, facts: AgentFacts | undefined): Node[] {
    const { word } = this.actions;
    const parts: Node[] = [
      element("h4", {}, row.label),
      element(
        "div",
        { class: "teamviewer-iot-buttons" },
        this.button("fa-refresh", "button.refresh", () => this.actions.refresh(row)),
        this.tree.undescribed(row.place.agent).length === 0 || row.old
          ? undefined
          : this.button("fa-list-ul", "button.readAll", () => this.actions.readAll(row)),
        this.button("fa-life-ring", "button.diagnostics", () => this.actions.diagnose(row)),
      ),
      ...this.changing(row, () => [
        this.creator("label.newSensor", "button.createSensor", [], (name) =>
          this.actions.createSensor(row, name),
        ),
      ]),
    ];
    const readAt = this.tree.readTime(row.place.agent);
    if (row.old && readAt !== undefined)
      parts.push(
        element(
          "p",
          { class: "teamviewer-iot-line" },
          word("hint.asOf", { time: `${date(readAt)} ${clock(readAt)}` }),
        ),
      );
    if (facts === undefined) return parts;
    const { certificate, counters, outbox } = facts;
    for (const failure of [facts.failure, facts.storeProblem])
      if (failure !== undefined)
        parts.push(
          element("p", { class: "teamviewer-iot-failure" }, `${sentenceOf(failure)} `, errorLink(failure)),
        );
    parts.push(
      element("h5", {}, word("heading.health")),
      this.list([
        ...healthLines(facts, { word, sentence: sentenceOf }),
        ["label.fingerprint", certificate?.fingerprint],
        ["label.clientId", facts.clientId],
      ]),
      element("h5", {}, word("heading.counts")),
      this.list([
        ...COUNTERS.map((name): Line => [`counter.${name}`, shown(counters[name])]),
        ...STORE.map((name): Line => [`store.${name}`, shown(outbox?.[name])]),
      ]),
    );
    const history = [...facts.history].reverse().slice(0, LINES);
    if (history.length > 0) parts.push(element("h5", {}, word("heading.history")));
    for (const { time, state, failure } of history) {
      const reason = failure === undefined ? "" : ` · ${sentenceOf(failure)}`;
      parts.push(
        element("p", { class: "teamviewer-iot-line" }, `${clock(time)} ${word(`state.${state}`)}${reason}`),
      );
    }
    const failures = [...facts.failures].reverse().slice(0, LINES);
    if (failures.length > 0) parts.push(element("h5", {}, word("heading.failures")));
    for (const { time, count, failure } of failures) {
      const often = count > 1 ? ` (${count} ×)` : "";
      parts.push(
        element("p", { class: "teamviewer-iot-line" }, `${clock(time)} ${sentenceOf(failure)}${often}`),
      );
    }
    return parts;
  }

  private ofSensor(row: Row): Node[] {
    const units: [string, string][] = this.actions.units();
    return [
      this.name(row),
      this.id(row),
      this.placing(row),
      ...this.changing(row, () => [
        this.creator("label.newMetric", "button.createMetric", units, (name, unit) =>
          this.actions.createMetric(row, name, unit),
        ),
        this.remover(row),
      ]),
    ];
  }

  private ofMetric(row: Row): Node[] {
    const metric = this.tree.metricAt(row.place);
    const last = this.tree.lastValue(row.place);
    const values = this.tree.valuesOf(row.place);
    const path = curve(values, 160, 36);
    return [
      this.name(row),
      this.id(row),
      this.list([
        ["label.value", last === undefined ? undefined : withUnit(last.value, metric ?? {})],
        ["label.time", last === undefined ? undefined : `${date(last.time)} ${clock(last.time)}`],
        ["label.unit", metric === undefined ? undefined : unitOf(metric)],
      ]),
      path === "" ? element("span") : drawing(path, 160, 36),
      this.placing(row),
      ...this.changing(row, () => [this.remover(row)]),
    ];
  }

  /** What changes something is there for whoever may, while the agent is there. */
  private changing(row: Row, make: () => HTMLElement[]): HTMLElement[] {
    return this.mayChange(row) ? make() : [];
  }

  private mayChange(row: Row): boolean {
    return !row.old && this.actions.mayChange();
  }

  private name(row: Row): HTMLElement {
    if (!this.mayChange(row)) return element("h4", {}, row.label);
    const label = this.actions.word("label.name");
    const input = element("input", {
      type: "text",
      "data-name": true,
      "aria-label": label,
      value: row.label,
    });
    const save = (): void => {
      const name = input.value.trim();
      if (name !== "" && name !== row.label) this.actions.rename(row, name);
    };
    input.addEventListener("keydown", (event) => {
      if (event.key === "Enter") save();
      if (event.key === "Escape") input.value = row.label;
      event.stopPropagation();
    });
    return element(
      "div",
      { class: "teamviewer-iot-edit" },
      input,
      this.button("fa-check", "button.rename", save, true),
    );
  }

  private id(row: Row): HTMLElement {
    const copy = ({ currentTarget }: Event): void => {
      // The words are Node-RED's own.
      RED.clipboard.copyText(row.id, $(currentTarget as HTMLElement), "clipboard.copyMessageValue");
    };
    return element(
      "div",
      { class: "teamviewer-iot-edit" },
      element("code", {}, row.id),
      this.button("fa-clipboard", "button.copyId", copy, true),
    );
  }

  private placing(row: Row): HTMLElement {
    const chip = (key: string, asLiveData: boolean): HTMLElement => {
      const made = this.button("fa-arrows", key, () => this.actions.place(row, asLiveData));
      made.draggable = true;
      made.addEventListener("dragstart", (event) => this.actions.dragged(row, event, asLiveData));
      return made;
    };
    return element(
      "div",
      { class: "teamviewer-iot-buttons" },
      chip("button.push", false),
      chip("button.livedata", true),
    );
  }

  private remover(row: Row): HTMLElement {
    const button = this.button("fa-trash-o", "button.delete", () => this.actions.remove(row));
    return element("div", { class: "teamviewer-iot-buttons" }, button);
  }

  private creator(
    labelKey: string,
    buttonKey: string,
    units: [value: string, label: string][],
    create: (name: string, unit: string) => void,
  ): HTMLElement {
    const label = this.actions.word(labelKey);
    const input = element("input", { type: "text", placeholder: label, "aria-label": label });
    const list = element("select", { "aria-label": this.actions.word("label.unit") });
    list.append(...units.map(([value, text]) => element("option", { value }, text)));
    const work = (): void => {
      if (input.value.trim() === "") return input.focus();
      create(input.value.trim(), list.value);
      input.value = "";
      input.blur();
    };
    input.addEventListener("keydown", (event) => {
      if (event.key === "Enter") work();
      event.stopPropagation();
    });
    const button = this.button("fa-plus", buttonKey, work, true);
    return element(
      "div",
      { class: "teamviewer-iot-edit" },
      input,
      units.length > 0 ? list : undefined,
      button,
    );
  }

  private list(entries: Line[]): HTMLElement {
    const list = element("dl");
    for (const [key, value] of entries) {
      if (value !== undefined && value !== "")
        list.append(element("dt", {}, this.actions.word(key)), element("dd", {}, value));
    }
    return list;
  }

  private button(
    name: string,
    key: string,
    work: (event: Event) => void,
    isSmall = false,
  ): HTMLButtonElement {
    const text = this.actions.word(key);
    return element(
      "button",
      {
        type: "button",
        class: "red-ui-button red-ui-button-small",
        title: text,
        "aria-label": text,
        onclick: work,
      },
      icon(name),
      isSmall ? undefined : element("span", {}, ` ${text}`),
    );
  }
}

function shown(count: number | undefined): string | undefined {
  return count === undefined || count === 0 ? undefined : String(count);
}
