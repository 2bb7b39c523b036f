/** Serves the table of endpoints on Node-RED's admin server: permissions, bounds, answers, errors. */
import type { Request, Response } from "express";
import { IotError, toIotError } from "../../src/protocol/errors";
import { isRecord } from "../../src/protocol/json";
import type { AgentConfigurationNode } from "../../nodes/agent/shared-agent";
import type { NodeAPI } from "../../nodes/shared/node-red";
import { answerError, PERMISSIONS, TextAnswer, type Call, type Endpoint } from "./endpoint";

/** Where all of them are, below the address of the editor. */
const PATH = "/teamviewer-iot/";
const WITHIN_MS = 20_000;

/** Names that a row may throw, and what HTTP calls them; everything else is what the agent or the connection said. */
const STATUS: Readonly<Record<string, number>> = {
  NoSuchAgent: 404,
  InvalidInput: 400,
  SettingMissing: 400,
  NoNewClient: 409,
  AlreadyRegistered: 409,
  RegistrationRunning: 409,
  TooManyCalls: 429,
};
const FAILED = 502;

export function serveEndpoints(RED: NodeAPI, endpoints: readonly Endpoint[]): void {
  // `httpAdminRoot: false`: there is no editor, and nothing to serve.
  const { httpAdmin } = RED as { httpAdmin?: NodeAPI["httpAdmin"] };
  if (httpAdmin === undefined) return;
  const settings = RED.settings as unknown as Readonly<Record<string, unknown>>;
  for (const endpoint of endpoints) {
    if (endpoint.setting !== undefined && settings[endpoint.setting] !== true) continue;
    const { method, path, permission } = endpoint;
    const serve = serveOne(RED, endpoint);
    httpAdmin[method](
      PATH + path,
      // Several are allowed, whatever the types say.
      RED.auth.needsPermission(PERMISSIONS[permission] as unknown as string),
      (request: Request, response: Response) => void serve(request, response),
    );
  }
}

function serveOne(RED: NodeAPI, endpoint: Endpoint): (request: Request, response: Response) => Promise<void> {
  let running = 0;
  return async (request, response) => {
    response.set({ "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff" });
    const gone = new AbortController();
    response.on("close", () => gone.abort());
    running++;
    try {
      if (running > (endpoint.atOnce ?? Infinity)) throw new IotError("TooManyCalls");
      const signal = AbortSignal.any([gone.signal, AbortSignal.timeout(endpoint.within ?? WITHIN_MS)]);
      const answer = endpoint.serve(readCall(RED, endpoint, request, signal));
      if (isStream(answer)) await sendLines(response, answer);
      else send(response, await untilAborted(answer, signal));
    } catch (thrown) {
      sendError(response, toIotError(thrown));
    } finally {
      running--;
    }
  };
}

function readCall(RED: NodeAPI, endpoint: Endpoint, request: Request, signal: AbortSignal): Call {
  const path = request.params as Record<string, string>;
  // A form of another site cannot send this type, and a script of one has to ask first.
  if (endpoint.method === "post" && !(request.is("application/json") && isRecord(request.body)))
    throw new IotError("InvalidInput", { reason: "missing", details: { field: "application/json" } });
  const node = (): AgentConfigurationNode => {
    const found = RED.nodes.getNode(path.agent ?? "") as AgentConfigurationNode | null;
    if (found?.type !== "teamviewer-iot-agent" || found.agent === undefined)
      throw new IotError("NoSuchAgent");
    return found;
  };
  return {
    RED,
    node,
    agent: () => node().agent!,
    path,
    query: request.query,
    accept: request.headers.accept ?? "",
    body: isRecord(request.body) ? request.body : {},
    signal,
  };
}

function send(response: Response, answer: unknown): void {
  if (answer instanceof TextAnswer) response.set("Content-Type", answer.contentType).send(answer.text);
  else response.json(answer);
}

async function sendLines(response: Response, lines: AsyncIterable<unknown>): Promise<void> {
  response.set("Content-Type", "application/x-ndjson");
  for await (const line of lines) response.write(`${JSON.stringify(line)}\n`);
  response.end();
}

function sendError(response: Response, error: IotError): void {
  if (response.headersSent) response.end();
  else response.status(STATUS[error.name] ?? FAILED).json({ error: answerError(error) });
}

/** What takes too long goes on where it must, but nobody waits for it. */
function untilAborted(answer: unknown, signal: AbortSignal): Promise<unknown> {
  const aborted = new Promise<never>((_, reject) => {
    const stop = () => reject(new IotError("ReplyTimeout", { details: { seconds: "" } }));
    if (signal.aborted) stop();
    else signal.addEventListener("abort", stop, { once: true });
  });
  return Promise.race([Promise.resolve(answer), aborted]);
}

function isStream(answer: unknown): answer is AsyncIterable<unknown> {
  return typeof answer === "object" && answer !== null && Symbol.asyncIterator in answer;
}
