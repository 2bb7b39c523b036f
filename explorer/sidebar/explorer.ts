/** The explorer: a tab of the sidebar with every agent as a tree, its sensors, their metrics and values as they come. */
import { download } from "../../nodes/shared/editor/download";
import { ask, failureOf, sentenceOf, shortReason, tell } from "../../nodes/shared/editor/endpoints";
import type { Value } from "../../nodes/shared/editor/units";
import { putInView, startDrag, takeDrops } from "./canvas";
import { Details, type AgentFacts } from "./details";
import { element, icon } from "../../nodes/shared/editor/dom";
import { Reading } from "./reading";
import { Rows } from "./rows";
import { hasTours, offerTour, runTour } from "./tour";
import { keyOf, Tree, type Agent, type Metric, type Place, type Row, type Sensor } from "./tree";
import { VALUE_TYPES, VALUE_UNITS } from "../../src/protocol/units";

const CATALOGUE = "@tviot/node-red-teamviewer-iot/teamviewer-iot-explorer:";
const METRIC_TEXTS = "@tviot/node-red-teamviewer-iot/teamviewer-iot-metric:";
/** Of the plugin and of its tab. */
export const ID = "teamviewer-iot-explorer";
const EVERY_MS = 1000;
/** Agents and their connection change less often than values. */
const AGENTS_EVERY = 3;
const SOON_MS = 100;

const word = (key: string, values?: Record<string, unknown>): string => RED._(CATALOGUE + key, values);

const showTour = (): void => runTour(word, ID);

export class Explorer {
  private readonly tree = new Tree();
  private readonly rows: Rows;
  private readonly details: Details;
  private readonly content: HTMLElement;
  private readonly note = element("p", { class: "teamviewer-iot-note" });
  private readonly reading: Reading;
  /** Whose names are not all searched, and how many of them. */
  private readonly unread = element("button", {
    type: "button",
    class: "teamviewer-iot-unread",
    hidden: true,
  });
  private readonly revisions = new Map<string, number>();
  private facts: AgentFacts | undefined;
  private endDelay: number | undefined;
  private dragging = false;
  /** A button of the mouse is down on it. */
  private pressed = false;
  private visible = false;
  private running = false;
  private turn = 0;

  constructor() {
    this.rows = new Rows(this.tree, {
      words: {
        expand: word("label.expand"),
        collapse: word("label.collapse"),
        tree: word("name"),
        old: word("hint.old"),
      },
      reasonOf: (row) => (row.failure === undefined ? "" : sentenceOf(row.failure)),
      toggle: (row) => this.toggle(row),
      select: () => this.select(),
      place: (row, asLiveData) => putInView(row.place, asLiveData ? "livedata" : "push"),
      dragged: (row, event) => startDrag(event, row.place, "push"),
      remove: (row) => this.remove(row),
      rename: () => this.details.edit(),
    });
    this.details = new Details(this.tree, {
      word,
      rename: (row, name) => void this.rename(row, name),
      remove: (row) => this.remove(row),
      place: (row, asLiveData) => putInView(row.place, asLiveData ? "livedata" : "push"),
      dragged: (row, event, asLiveData) => startDrag(event, row.place, asLiveData ? "livedata" : "push"),
      createSensor: (row, name) => void this.change(row.place, "createSensor", { name }),
      createMetric: (row, name, unit) => void this.createMetric(row, name, unit),
      refresh: (row) => void this.readSensors(row.place.agent, true),
      readAll: (row) => this.readAll([row.place.agent]),
      diagnose: (row) => void this.diagnose(row),
      units,
      mayChange,
    });
    this.reading = new Reading({
      word,
      read: async (place) => {
        await this.readMetrics(place);
        return !this.tree.failures.has(keyOf(place));
      },
      ended: () => this.draw(),
    });
    this.unread.addEventListener("click", () => this.readAll(this.connected().map(({ id }) => id)));
    this.content = element(
      "div",
      { class: "teamviewer-iot-explorer" },
      this.toolbar(),
      this.note,
      this.unread,
      this.reading.element,
      this.rows.element,
      this.details.element,
    );
  }

  add(): void {
    RED.sidebar.addTab({
      id: ID,
      label: word("label.tab"),
      name: word("name"),
      content: this.content,
      iconClass: "fa fa-sitemap",
      enableOnEdit: true,
      target: "secondary",
    });
    RED.actions.add("teamviewer-iot:show-explorer", () => RED.sidebar.show(ID));
    takeDrops();
    offerTour(showTour);
    // Node-RED tells only that a tab is shown, not that it is hidden.
    new IntersectionObserver(([entry]) => this.setVisible(entry?.isIntersecting === true)).observe(
      this.content,
    );
    this.content.addEventListener("pointerdown", () => (this.pressed = true));
    for (const end of ["pointerup", "pointercancel"])
      window.addEventListener(end, () => this.release(), true);
    document.addEventListener("dragstart", () => (this.dragging = true));
    document.addEventListener("dragend", () => (this.dragging = false));
    RED.events.on("deploy", () => (this.turn = 0));
  }

  private toolbar(): HTMLElement {
    const search = element("input", {
      type: "search",
      placeholder: word("placeholder.search"),
      "aria-label": word("placeholder.search"),
      oninput: () => {
        this.tree.search = search.value;
        this.draw();
      },
      onkeydown: (event: KeyboardEvent) => event.stopPropagation(),
    });
    const tour = element(
      "button",
      {
        type: "button",
        class: "red-ui-button red-ui-button-small",
        title: word("button.tour"),
        "aria-label": word("button.tour"),
        onclick: showTour,
      },
      icon("fa-map-signs"),
    );
    return element("div", { class: "teamviewer-iot-toolbar" }, search, hasTours() ? tour : undefined);
  }

  private setVisible(visible: boolean): void {
    this.visible = visible;
    if (!visible) this.reading.stop();
    if (!visible || this.running) return;
    this.running = true;
    this.turn = 0;
    void this.run().finally(() => (this.running = false));
  }

  /** While it is seen: nothing is asked for when nobody looks. */
  private async run(): Promise<void> {
    while (this.visible) {
      if (!document.hidden)
        await this.look().catch((thrown: unknown) => this.say(sentenceOf(failureOf(thrown))));
      await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
    }
  }

  private async look(): Promise<void> {
    if (this.turn++ % AGENTS_EVERY === 0) await this.readAgents();
    const open = this.connected().filter(({ id }) => this.tree.open.has(id));
    await Promise.all(open.map(({ id }) => this.readValues(id)));
    this.draw();
  }

  private connected(): Agent[] {
    return this.tree.agents.filter(({ state }) => state === "connected");
  }

  private async readAgents(): Promise<void> {
    const { agents } = await ask<{ agents: Agent[] }>("agents");
    const before = new Set(this.connected().map(({ id }) => id));
    this.tree.agents = agents.map((agent) => ({ ...agent, name: nameOf(agent) }));
    // What it had before may be long ago.
    for (const { id } of this.connected())
      if (!before.has(id) && this.tree.isRead(id)) void this.readSensors(id, true);
    this.say(agents.length === 0 ? word("hint.noAgent") : "");
    // The only one is what the person wants to see.
    if (
      agents.length === 1 &&
      agents[0] !== undefined &&
      this.rows.selection === undefined &&
      this.tree.search === ""
    ) {
      const { id } = agents[0];
      if (!this.tree.open.has(id) && !this.tree.isRead(id)) this.openAgent(id);
    }
    await this.readFacts();
  }

  private async readFacts(): Promise<void> {
    const { selection } = this.rows;
    if (selection?.level !== 1) return;
    const facts = await ask<AgentFacts>(`agents/${encodeURIComponent(selection.place.agent)}`);
    if (this.rows.selection?.key === selection.key) this.facts = facts;
  }

  private async readValues(agent: string): Promise<void> {
    const since = this.revisions.get(agent);
    interface Answer {
      revision: number;
      values: { sensorId: string; metricId: string; value: Value; time: number }[];
    }
    const { revision, values } = await ask<Answer>(
      `agents/${encodeURIComponent(agent)}/live?since=${since ?? 0}`,
    );
    // A deploy begins to count anew.
    this.revisions.set(agent, revision);
    if (since !== undefined && revision < since) return;
    let isNew = false;
    for (const { sensorId, metricId, value, time } of values) {
      isNew = this.tree.receive({ agent, sensor: sensorId, metric: metricId }, { value, time }) || isNew;
    }
    if (isNew && this.tree.isRead(agent)) await this.readSensors(agent, false);
  }

  private toggle(row: Row): void {
    if (row.open === undefined) return;
    if (this.tree.open.has(row.key)) this.tree.open.delete(row.key);
    else if (row.level === 1) this.openAgent(row.place.agent);
    else this.openSensor(row.place);
    this.draw();
  }

  private openAgent(agent: string): void {
    this.tree.open.add(agent);
    void this.readSensors(agent, false);
  }

  private openSensor(place: Place): void {
    this.tree.open.add(keyOf(place));
    void this.readMetrics(place);
  }

  private readSensors(agent: string, anew: boolean): Promise<void> {
    return this.loading({ agent }, async () => {
      const { sensors, readAt } = await ask<{ sensors: Sensor[]; readAt?: number }>(
        `agents/${encodeURIComponent(agent)}/sensors${this.asking(agent, anew)}`,
      );
      this.tree.setSensors(agent, sensors, readAt);
      const open = sensors
        .map(({ sensorId }) => ({ agent, sensor: sensorId }))
        .filter((place) => this.tree.open.has(keyOf(place)));
      for (const place of open)
        if (!this.tree.isDescribed(place) || anew) await this.readMetrics(place, anew);
    });
  }

  private readMetrics(place: Place, anew = false): Promise<void> {
    const { agent, sensor = "" } = place;
    return this.loading({ agent, sensor }, async () => {
      const path = `agents/${encodeURIComponent(agent)}/sensors/${encodeURIComponent(sensor)}/metrics`;
      const { metrics } = await ask<{ metrics: Metric[] }>(path + this.asking(agent, anew));
      // Of an agent that is away, nobody may have looked at this sensor before.
      if (metrics.length > 0 || this.tree.sensorAt(place)?.metricIds.length === 0)
        this.tree.setMetrics(place, metrics);
    });
  }

  /** Of an agent that is away, what was known before. */
  private asking(agent: string, anew: boolean): string {
    if (!this.connected().some(({ id }) => id === agent)) return "?cached=1";
    return anew ? "?anew=1" : "";
  }

  private readAll(agents: readonly string[]): void {
    if (this.reading.isRunning) return;
    const sensors = agents.flatMap((agent) => this.tree.undescribed(agent));
    if (sensors.length > 0) void this.reading.start(sensors);
  }

  private async loading(place: Place, work: () => Promise<void>): Promise<void> {
    const key = keyOf(place);
    this.tree.loading.add(key);
    this.tree.failures.delete(key);
    this.drawSoon();
    try {
      await work();
    } catch (thrown) {
      this.tree.failures.set(key, failureOf(thrown));
    } finally {
      this.tree.loading.delete(key);
      this.drawSoon();
    }
  }

  private select(): void {
    this.facts = undefined;
    this.draw();
    void this.readFacts().then(
      () => this.draw(),
      () => undefined,
    );
  }

  private async change(place: Place, operation: string, parameters: object): Promise<void> {
    try {
      await tell(`agents/${encodeURIComponent(place.agent)}/change`, { operation, parameters });
      await this.readSensors(place.agent, false);
      if (place.sensor !== undefined && operation.endsWith("Metrics")) await this.readMetrics(place, true);
    } catch (thrown) {
      RED.notify(escaped(sentenceOf(failureOf(thrown))), "error");
    }
  }

  private rename({ place, level }: Row, name: string): Promise<void> {
    const { sensor: sensorId, metric: metricId } = place;
    return level === 2
      ? this.change(place, "updateSensor", { sensorId, name })
      : this.change(place, "updateMetrics", { sensorId, metrics: [{ metricId, name }] });
  }

  private createMetric({ place }: Row, name: string, unit: string): Promise<void> {
    const { sensor: sensorId } = place;
    const matchingId = `explorer-${Date.now()}`;
    const isType = (VALUE_TYPES as readonly string[]).includes(unit);
    const metric = isType ? { valueType: unit, valueAnnotation: "" } : { valueUnit: unit };
    this.tree.open.add(keyOf(place));
    return this.change(place, "createMetrics", { sensorId, metrics: [{ matchingId, name, ...metric }] });
  }

  /** What is lost is said before it is lost. */
  private remove(row: Row): void {
    if (row.level === 1 || row.old || !mayChange()) return;
    const { sensor: sensorId, metric: metricId } = row.place;
    const metrics = this.tree.sensorAt(row.place)?.metricIds.length ?? 0;
    const question =
      row.level === 2
        ? word("hint.deleteSensor", { name: row.label, metrics })
        : word("hint.deleteMetric", { name: row.label });
    const asked = RED.notify(escaped(question), {
      modal: true,
      fixed: true,
      type: "warning",
      buttons: [
        { text: word("button.keep"), click: () => asked.close() },
        {
          text: word("button.delete"),
          class: "primary",
          click: () => {
            asked.close();
            void (row.level === 2
              ? this.change(row.place, "deleteSensor", { sensorId })
              : this.change(row.place, "deleteMetrics", { sensorId, metricIds: [metricId] }));
          },
        },
      ],
    });
  }

  private async diagnose(row: Row): Promise<void> {
    try {
      const { name, text } = await ask<{ name: string; text: string }>(
        `agents/${encodeURIComponent(row.place.agent)}/diagnostics`,
      );
      download(name, text, "text/plain");
    } catch (thrown) {
      RED.notify(escaped(sentenceOf(failureOf(thrown))), "error");
    }
  }

  private say(text: string): void {
    this.note.textContent = text;
    this.note.hidden = text === "";
  }

  private release(): void {
    if (this.pressed) this.drawSoon();
    this.pressed = false;
  }

  /** Many answers in a row are one drawing. */
  private drawSoon(): void {
    this.endDelay ??= window.setTimeout(() => this.draw(), SOON_MS);
  }

  private draw(): void {
    window.clearTimeout(this.endDelay);
    this.endDelay = undefined;
    // What is dragged must stay where it is; and a row that is replaced under a pressed button misses its click.
    if (this.dragging || this.pressed) return;
    this.rows.show(this.tree.rows({ state: stateWords, metrics: metricsWords }));
    this.details.show(this.rows.selection, this.facts);
    this.showUnread();
  }

  /** Whoever searches for a name has to know of those that are not searched. */
  private showUnread(): void {
    const count =
      this.tree.search === "" || this.reading.isRunning
        ? 0
        : this.connected()
            .flatMap(({ id }) => this.tree.undescribed(id))
            .reduce((sum, sensor) => sum + sensor.count, 0);
    this.unread.hidden = count === 0;
    this.unread.textContent = word("hint.unread", { count: count.toLocaleString() });
  }
}

function stateWords({ state, failure }: Agent): string {
  return failure === undefined ? word(`state.${state}`) : shortReason(failure);
}

function metricsWords(count: number): string {
  return count === 1 ? word("label.oneMetric") : word("label.metrics", { count });
}

function nameOf({ id, name }: Agent): string {
  // As the editor names it: it knows host and port of an agent without a name.
  return RED.utils.getNodeLabel(RED.nodes.node(id) ?? { name }, name === "" ? id : name);
}

function mayChange(): boolean {
  return RED.user.hasPermission("teamviewer-iot.write");
}

function units(): [string, string][] {
  const predefined = VALUE_UNITS.map((unit): [string, string] => [
    unit,
    RED._(`${METRIC_TEXTS}units.${unit.split(".").at(-1)}`),
  ]);
  return [
    ...predefined,
    ...VALUE_TYPES.map((type): [string, string] => [type, RED._(`${METRIC_TEXTS}types.${type}`)]),
  ];
}

/** `RED.notify` takes markup; names of an agent are none. */
function escaped(text: string): string {
  return element("span", {}, text).innerHTML;
}
