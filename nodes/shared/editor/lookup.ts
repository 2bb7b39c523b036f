/**
 * What the agent has, offered where the ID of a sensor or metric is wanted: by name or ID, with unit and last value; and
 * the name of what is entered, below the field. Without an agent there is the ID, which is all that a flow keeps.
 */
import { splitIds } from "../../../src/protocol/limits";
import { SHARED } from "../texts";
import { noteNames } from "./agent-names";
import { Combobox, type Choice, type Effort } from "./combobox";
import { ask, failureOf, sentenceOf } from "./endpoints";
import { withUnit, type Unit, type Value } from "./units";

/** What a field asks for. */
export interface Lookup {
  of: keyof typeof READERS;
  /** Whether the text may be several IDs now. */
  isSeveral(this: void): boolean;
  /** What the agent does not have, it makes when values are pushed. */
  isMade: boolean;
}

interface Sensor {
  sensorId: string;
  name: string;
  metricIds: string[];
}

interface Agent {
  id: string;
  state: string;
}

interface Metric extends Unit {
  metricId: string;
  name: string;
  value: Value;
}

/** Milliseconds for which a list is not asked for again; the runtime keeps it, too. */
const FRESH = 30_000;
const READERS = { sensors, metrics };

const word: Translate = (key, values) => RED._(`${SHARED}lookup.${key}`, values);

/** Why nothing can be offered, where that is no failure: a key of the texts. */
class Missing extends Error {}

/** The type "string" of a typed field with a lookup: a button opens the list. */
export function withLookup(type: string | TypedInputType, open: () => void): string | TypedInputType {
  if (type !== "str") return type;
  return {
    value: "str",
    label: RED._("typedInput.type.str"),
    icon: "red/images/typedInput/az.svg",
    expand: Object.assign(open, { icon: "fa-list-ul" }),
  };
}

/** `field`: the typed field; `label`: the ID of its label. Gives what opens the list. */
export function offerLookup(field: JQuery, label: string, { of, isSeveral, isMade }: Lookup): () => void {
  const anchor = field.next(".red-ui-typedInput-container");
  const input = anchor.find(".red-ui-typedInput-input");
  const read = READERS[of];
  const isActive = (): boolean => field.typedInput("type") === "str";
  const combobox = new Combobox(input, anchor, label, {
    read,
    isActive,
    isSeveral,
    sentenceOf: (thrown) =>
      thrown instanceof Missing ? word(thrown.message) : sentenceOf(failureOf(thrown)),
    texts: {
      reading: word("reading"),
      none: word("none"),
      notFound: word("notFound"),
      refresh: word("refresh"),
      more: (shown, all) => word("more", { shown, all }),
    },
  });
  anchor
    .find(".red-ui-typedInput-option-expand")
    .removeAttr("aria-labelledby")
    .attr({ "aria-label": word("show"), title: word("show") });

  const named = $("<div>").addClass("teamviewer-iot-named").attr("role", "status");
  anchor.parent().append(named);
  let turn = 0;
  const showNames = async (): Promise<void> => {
    const now = ++turn;
    combobox.tellRole();
    const ids = isActive() ? splitIds(String(field.typedInput("value"))) : [];
    const choices = ids.length === 0 ? [] : await read("quiet").catch(() => undefined);
    if (now !== turn) return;
    const unknown = word(isMade ? "made" : "unknown");
    const lines =
      choices === undefined ? [] : ids.map((id) => describe(id, choices, unknown, ids.length > 1));
    named.empty().append(lines.map((line) => $("<div>").text(line)));
  };
  const follow = (): void => void showNames();
  field.add("#node-input-agent").on("change", follow);
  if (of === "metrics") $("#node-input-sensor").on("change", follow);
  follow();
  return () => combobox.toggle();
}

/** What is known of an ID that stands in the field; where it is one of several, it says which. */
function describe(
  wanted: string,
  choices: readonly Choice[],
  unknown: string,
  isOneOfSeveral: boolean,
): string {
  const { id, name, facts } = choices.find((choice) => choice.id === wanted) ?? {
    id: wanted,
    name: wanted,
    facts: unknown,
  };
  return [name !== id || isOneOfSeveral ? name : "", facts].filter((part) => part !== "").join(" · ");
}

async function sensors(effort: Effort): Promise<Choice[]> {
  const { id, state } = await deployedAgent();
  const isAway = effort === "quiet" && state !== "connected";
  const found = await fresh<{ readAt?: number; sensors: Sensor[] }>(
    `${address(id)}/sensors${isAway ? "?cached=1" : ""}`,
    effort,
  );
  if (found.readAt === undefined) throw new Missing("notDeployed");
  noteNames(id, found.sensors);
  return found.sensors.map(({ sensorId, name, metricIds }) => ({
    id: sensorId,
    name,
    facts: word("metrics", { count: metricIds.length }),
  }));
}

async function metrics(effort: Effort): Promise<Choice[]> {
  const sensor = $("#node-input-sensor");
  const sensorId = sensor.typedInput("type") === "str" ? sensor.typedInput("value") : "";
  if (sensorId === "") throw new Missing("sensorFirst");
  const { id, state } = await deployedAgent();
  if (effort === "quiet" && state !== "connected") throw new Missing("notDeployed");
  const path = `${address(id)}/sensors/${encodeURIComponent(sensorId)}/metrics`;
  const found = await fresh<{ metrics: Metric[] }>(path, effort);
  return found.metrics.map((metric) => ({
    id: metric.metricId,
    name: metric.name,
    facts: metric.value === null ? withUnit("–", metric) : withUnit(metric.value, metric),
  }));
}

/** The agent that is chosen in the dialog. */
async function deployedAgent(): Promise<Agent> {
  const chosen = String($("#node-input-agent").val());
  const { agents } = await ask<{ agents: Agent[] }>("agents");
  const agent = agents.find(({ id }) => id === chosen);
  if (agent === undefined) throw new Missing("notDeployed");
  return agent;
}

const address = (agent: string): string => `agents/${encodeURIComponent(agent)}`;

/** By address; a deploy changes what is there. */
const asked = new Map<string, { at: number; answer: Promise<unknown> }>();

RED.events.on("deploy", () => asked.clear());

function fresh<T>(path: string, effort: Effort): Promise<T> {
  const anew = effort === "anew";
  const known = asked.get(path);
  if (!anew && known !== undefined && performance.now() - known.at < FRESH) return known.answer as Promise<T>;
  const answer = ask<T>(anew ? `${path}?anew=1` : path);
  asked.set(path, { at: performance.now(), answer });
  answer.catch(() => asked.delete(path));
  return answer;
}
