/** What tests ask a running Node-RED whose flow answers HTTP requests (flow.ts). */
import { setTimeout as wait } from "node:timers/promises";
import type { startNodeRed } from "../../scripts/shared/node-red.mjs";

export type NodeRed = Awaited<ReturnType<typeof startNodeRed>>;

export async function getJson(nodeRed: NodeRed, path: string): Promise<unknown> {
  const response = await fetch(nodeRed.ready + path, { headers: { accept: "application/json" } });
  return response.json();
}

export async function post(
  nodeRed: NodeRed,
  path: string,
  body: unknown = {},
): Promise<{ ok: boolean; body: unknown }> {
  const response = await fetch(nodeRed.ready + path, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  return { ok: response.ok, body: parse(text) };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

/** Asks again until it goes well: the simulated agent and the connection need their time to start. */
export async function until(attempt: () => Promise<{ ok: boolean; body: unknown }>): Promise<unknown> {
  for (let tries = 600; ; tries -= 1) {
    try {
      const { ok, body } = await attempt();
      if (ok) return body;
      if (tries === 0) throw new Error(JSON.stringify(body));
    } catch (error) {
      if (tries === 0) throw error;
    }
    await wait(100);
  }
}

/** Pushes until live data repeats it, and gives what came. */
export async function pushUntilSeen(nodeRed: NodeRed, values: object): Promise<unknown> {
  return until(async () => {
    const push = await post(nodeRed, "push", values);
    if (!push.ok) throw new Error(JSON.stringify(push.body));
    const { body } = await post(nodeRed, "live");
    return { ok: body !== "", body };
  });
}
