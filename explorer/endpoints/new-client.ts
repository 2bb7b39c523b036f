/** A new client beside the old one, as the dialog of the agent node prepares and swaps it. No key leaves the runtime. */
import type { Identity } from "../../src/identity/identity";
import { invalid } from "../../src/protocol/input";
import { checkClientName } from "../../src/identity/signing-request";
import { asCsv, writeIdTable } from "../../nodes/agent/id-table";
import type { NewClientView, PrepareEvent } from "../../nodes/agent/new-client";
import { answerError, TextAnswer, type Call, type ErrorAnswer } from "./endpoint";

const ACTIONS = ["swap", "back", "confirm", "discard"] as const;

/** As a browser may see it; times are ISO texts. */
interface IdentityAnswer {
  clientId: string;
  validTo: string;
  fingerprint: string;
}

/** `{phase, isPreparing, isUrgent, current, next, before, sensors, metrics, missing, translated}`. */
export async function showNewClient({ agent }: Call): Promise<object> {
  return answer(await agent().newClient.look());
}

/** The table of old and new IDs, of the client that is prepared or that runs: `?format=csv` or JSON. */
export async function showIds({ agent, query }: Call): Promise<TextAnswer> {
  const { table } = await agent().newClient.look();
  const shown = table ?? { clientId: "", sensors: [] };
  if (query.format === "csv") return new TextAnswer("text/csv; charset=utf-8", asCsv(shown));
  return new TextAnswer("application/json; charset=utf-8", writeIdTable(shown));
}

/** `{clientName}` → a line for each step that begins, goes on or ends. */
export async function* prepareNewClient({ agent, body, signal }: Call): AsyncGenerator<object> {
  const { clientName } = body;
  if (typeof clientName !== "string") throw invalid("missing", "clientName");
  checkClientName(clientName);
  for await (const event of agent().newClient.prepare(clientName, signal)) yield line(event);
}

/** `{action, keeps}` → what there is to see afterwards. */
export async function changeNewClient({ agent, body, signal }: Call): Promise<object> {
  const action = ACTIONS.find((known) => known === body.action);
  if (action === undefined) throw invalid("value", "action", body.action, { allowed: ACTIONS.join(", ") });
  const { newClient } = agent();
  if (action === "confirm") await newClient.confirm(body.keeps === true);
  else await newClient[action](signal);
  return answer(await newClient.look());
}

function answer({ current, next, before, table, ...view }: NewClientView): object {
  const sensors = table?.sensors ?? [];
  const metrics = sensors.flatMap((sensor) => sensor.metrics);
  return {
    ...view,
    ...Object.fromEntries(
      Object.entries({ current, next, before }).flatMap(([name, identity]) =>
        identity === undefined ? [] : [[name, shown(identity)]],
      ),
    ),
    sensors: sensors.length,
    metrics: metrics.length,
    missing: metrics.filter(({ newId }) => newId === "").length,
  };
}

function shown({ clientId, validTo, fingerprint }: Identity): IdentityAnswer {
  return { clientId, validTo: validTo.toISOString(), fingerprint };
}

function line(event: PrepareEvent): object {
  if (event.outcome === "failed") return { ...event, error: answerError(event.error) };
  if (event.outcome !== "passed" || event.left === undefined) return event;
  const left = event.left.map(({ sensor, metric, error }): { error?: ErrorAnswer } => ({
    ...{ sensor, metric },
    ...(error === undefined ? {} : { error: answerError(error) }),
  }));
  return { ...event, left };
}
