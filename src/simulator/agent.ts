/**
 * The simulated agent without its broker: a request's topic and message in, the answers out. Pure.
 * It finds the row of the topic, checks the message against it and lets the model carry it out.
 */
import { PARTIAL_CODES } from "../protocol/errors";
import { VERSION } from "../protocol/topics";
import type { Faults } from "./faults";
import { writeJson } from "./digits";
import { readMessage, type Message } from "./fields";
import type { Model } from "./model";
import {
  ROWS,
  type Answerable,
  type ModelFaults,
  type Outcome,
  type Route,
  type Row,
  type Target,
} from "./operations";
import { describeCode, Refusal, writeError } from "./refusal";

/** A message of the agent. */
export interface Answer {
  topic: string;
  payload: string;
}

/** What became of a request. */
export interface Handled {
  operation?: Answerable | "createClient";
  /** The model is as it was. */
  reads?: true;
  clientId?: string;
  answers: Answer[];
  /** The client whose certificate is no longer valid. */
  deletedClient?: string;
  /** How many values were stored. */
  values: number;
}

/** What of the faults concerns an agent's answers; the others concern their delivery. */
export type AnswerFaults = Pick<Faults, "answerWith" | "backendGone" | "quoted" | "liveDataFirst"> &
  ModelFaults;

interface Found {
  operation: Answerable;
  row: Row;
  route: Route;
  levels: string[];
}

/** MQTT: a topic's length is written in two bytes. */
const MAX_TOPIC_BYTES = 65_535;

/** The topics of all rows by their number of levels; `sensor/list` comes before `sensor/:sensorId`. */
const ROUTES = new Map<number, Found[]>();
for (const [operation, row] of Object.entries(ROWS) as [Answerable, Row][]) {
  for (const route of row.routes) {
    const levels = route.publish.split("/");
    const alike = [...(ROUTES.get(levels.length) ?? []), { operation, row, route, levels }];
    ROUTES.set(
      levels.length,
      alike.sort((a, b) => placeholders(a) - placeholders(b)),
    );
  }
}

function placeholders({ levels }: Found): number {
  return levels.filter((level) => level.startsWith(":")).length;
}

/** Messages on these topics are answers, whoever sends them. */
const ANSWER_LEVELS: ReadonlySet<string | undefined> = new Set(["inbox", "livedata"]);

export function handleRequest(
  model: Model,
  topic: string,
  payload: Uint8Array,
  faults: AnswerFaults,
): Handled {
  const levels = topic.split("/");
  const clientId = levels[2];
  if (ANSWER_LEVELS.has(levels.at(-1))) return { clientId, answers: [], values: 0 };
  const found = findRoute(levels);
  if (found === undefined) {
    const refusal = new Refusal(18, `The requested resource does not exist: ${topic.slice(0, 200)}.`);
    return { clientId, answers: errorAnswers([`${topic}/error/inbox`], refusal), values: 0 };
  }
  const { row, operation, target } = found;
  const route = routeFor(found.route, model.isOlder(target.clientId));
  const handled: Handled = { operation, reads: row.reads, clientId, answers: [], values: 0 };
  try {
    const message = readMessage(payload, row.fields);
    refuseByFault(row, message, faults);
    if (!model.hasClient(target.clientId)) throw new Refusal(18, describeCode(18));
    const outcome = row.run(model, target, message, faults);
    handled.answers = answersOf(outcome, route, target, faults);
    handled.values = outcome.live?.metrics.length ?? 0;
    if (operation === "deleteClient") handled.deletedClient = target.clientId;
  } catch (error) {
    // A fault of the simulator itself is the agent's "InternalError": it answers and goes on.
    const refusal = error instanceof Refusal ? error : new Refusal(3, `Internal Error. ${String(error)}`);
    handled.answers = errorAnswers(fillAll(route.errors, target), refusal);
  }
  return handled;
}

/** Copies for an older client come first: whoever waits for the documented answer has then seen everything. */
function routeFor({ publish, answers, errors, older }: Route, isOlder: boolean): Route {
  if (!isOlder || older === undefined) return { publish, answers, errors };
  return { publish, answers: [...older.answers, ...answers], errors: [...older.errors, ...errors] };
}

const LIVE_DATA = "/:version/:clientId/sensor/:sensorId/livedata";

function answersOf(
  { text, json, live, refusal }: Outcome,
  route: Route,
  target: Target,
  { quoted, liveDataFirst }: AnswerFaults,
): Answer[] {
  const payload = json ?? (quoted && text !== undefined ? JSON.stringify(text) : text);
  let answers: Answer[] = [];
  if (refusal !== undefined) answers = errorAnswers(fillAll(route.errors, target), refusal);
  else if (payload !== undefined) {
    answers = fillAll(route.answers, target).map((topic) => ({ topic, payload }));
  }
  if (live === undefined) return answers;
  const echo = { topic: fill(LIVE_DATA, target), payload: writeJson(live) };
  return liveDataFirst ? [echo, ...answers] : [...answers, echo];
}

/** Throws the error that the faults ask for instead of carrying out a request. */
export function refuseByFault(
  { backend }: { backend: boolean },
  message: Message,
  { answerWith, backendGone }: AnswerFaults,
): void {
  const code = answerWith !== 0 ? answerWith : backendGone && backend ? 1 : 0;
  if (code === 0) return;
  const metrics = PARTIAL_CODES.has(code) ? idsOf(message) : undefined;
  throw new Refusal(code, describeCode(code), metrics);
}

function idsOf({ metrics }: Message): string[] {
  const entries = (metrics ?? []) as { metricId?: string; matchingId?: string }[];
  return entries.map(({ metricId, matchingId }) => metricId ?? matchingId ?? "");
}

function errorAnswers(topics: readonly string[], refusal: Refusal): Answer[] {
  const payload = writeError(refusal);
  return topics
    .filter((topic) => Buffer.byteLength(topic) <= MAX_TOPIC_BYTES)
    .map((topic) => ({ topic, payload }));
}

function findRoute(levels: readonly string[]): (Found & { target: Target }) | undefined {
  for (const found of ROUTES.get(levels.length) ?? []) {
    const target = matchLevels(found.levels, levels);
    if (target !== undefined) return { ...found, target };
  }
  return undefined;
}

function matchLevels(wanted: readonly string[], levels: readonly string[]): Target | undefined {
  const target: Target = { clientId: "", sensorId: "", metricId: "" };
  for (const [index, want] of wanted.entries()) {
    const level = levels[index] ?? "";
    if (want === ":version" ? level !== VERSION : !want.startsWith(":") && level !== want) return undefined;
    if (want.startsWith(":") && level === "") return undefined;
    if (want.slice(1) in target) target[want.slice(1) as keyof Target] = level;
  }
  return target;
}

/** Unlike the client's `buildTopic` this takes any ID: it came in a topic, so it can stand in one. */
function fill(pattern: string, target: Target): string {
  return pattern
    .split("/")
    .map((level) =>
      level === ":version" ? VERSION : level.startsWith(":") ? target[level.slice(1) as keyof Target] : level,
    )
    .join("/");
}

const fillAll = (patterns: readonly string[], target: Target) =>
  patterns.map((pattern) => fill(pattern, target));
