/**
 * What the agent has, offered while somebody types the ID of a sensor or metric: by name or ID, with unit and last value.
 * What was typed is always the first choice, so that a free text stays possible; without an agent nothing is offered.
 */
import { ask } from "./endpoints";

interface Choice {
  id: string;
  name: string;
  /** What else helps to choose. */
  more: string;
}

interface Metric {
  metricId: string;
  name: string;
  value: unknown;
  valueUnit?: string;
  valueAnnotation?: string;
}

const MOST = 50;
/** Milliseconds for which a list is not asked for again; the runtime keeps it, too. */
const FRESH = 30_000;

const LOOKUPS: Readonly<Record<string, () => Promise<Choice[]>>> = { sensor: sensors, metric: metrics };

/** The type "string" of the typed field, with a lookup where there is one for this field. */
export function withLookup(name: string, type: string | TypedInputType): string | TypedInputType {
  const find = LOOKUPS[name];
  if (type !== "str" || find === undefined) return type;
  return {
    value: "str",
    label: "string",
    icon: "red/images/typedInput/az.svg",
    autoComplete: (typed, done) => {
      find().then(
        (choices) => done(offer(choices, typed)),
        // The agent is away, or nobody may ask it: people type IDs then.
        () => done([]),
      );
    },
  };
}

function offer(choices: readonly Choice[], typed: string): Completion[] {
  const wanted = typed.trim().toLowerCase();
  const found = choices.filter(({ id, name }) => `${id}\n${name}`.toLowerCase().includes(wanted));
  if (found.length === 0) return [];
  const offered = found.slice(0, MOST).map((choice) => ({ value: choice.id, label: show(choice) }));
  // Enter and Tab take the first.
  if (wanted === "" || offered[0]?.value === typed) return offered;
  return [{ value: typed, label: $("<div>").text(typed) }, ...offered.filter(({ value }) => value !== typed)];
}

function show({ id, name, more }: Choice): JQuery {
  const row = $("<div>").append($("<div>").text(name === "" ? id : name));
  const facts = [name === "" ? "" : id, more].filter((fact) => fact !== "").join(" · ");
  return row.append($("<div>").addClass("teamviewer-iot-lookup").text(facts));
}

async function sensors(): Promise<Choice[]> {
  const agent = await deployedAgent();
  if (agent === undefined) return [];
  const found = await fresh<{ sensors: { sensorId: string; name: string }[] }>(`${agent}/sensors`);
  return found.sensors.map(({ sensorId, name }) => ({ id: sensorId, name, more: "" }));
}

async function metrics(): Promise<Choice[]> {
  const sensor = $("#node-input-sensor");
  const sensorId = sensor.typedInput("type") === "str" ? sensor.typedInput("value") : "";
  const agent = await deployedAgent();
  if (sensorId === "" || agent === undefined) return [];
  const path = `${agent}/sensors/${encodeURIComponent(sensorId)}/metrics`;
  const found = await fresh<{ metrics: Metric[] }>(path);
  return found.metrics.map(({ metricId, name, value, valueUnit, valueAnnotation }) => {
    const unit = (valueUnit ?? valueAnnotation ?? "").replace(/^SI\./, "");
    const last = value === null || value === undefined ? "" : JSON.stringify(value);
    return { id: metricId, name, more: [unit, last].filter((fact) => fact !== "").join(" · ") };
  });
}

/** The address of the agent that is chosen in the dialog. */
async function deployedAgent(): Promise<string | undefined> {
  const chosen = String($("#node-input-agent").val());
  const { agents } = await fresh<{ agents: { id: string }[] }>("agents");
  return agents.some(({ id }) => id === chosen) ? `agents/${encodeURIComponent(chosen)}` : undefined;
}

/** By address; a deploy changes what is there. */
const asked = new Map<string, { at: number; answer: Promise<unknown> }>();

RED.events.on("deploy", () => asked.clear());

function fresh<T>(path: string): Promise<T> {
  const known = asked.get(path);
  if (known !== undefined && performance.now() - known.at < FRESH) return known.answer as Promise<T>;
  const answer = ask<T>(path);
  asked.set(path, { at: performance.now(), answer });
  answer.catch(() => asked.delete(path));
  return answer;
}
