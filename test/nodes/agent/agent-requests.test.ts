/** Requests that wait when the identity is exchanged are for the client that comes, by its IDs. */
import assert from "node:assert/strict";
import { AgentRequests } from "../../../nodes/agent/agent-requests";
import { FormerIds } from "../../../nodes/agent/former-ids";
import { Health } from "../../../nodes/agent/health";
import type { AgentClient } from "../../../src/client/agent-client";
import { IotError } from "../../../src/protocol/errors";
import { systemClock } from "../../../src/time/clock";

describe("What waits for an answer while the identity is exchanged", () => {
  const asked: string[] = [];
  /** Requests that have no answer yet. */
  let open: { answer: () => void; fail: (error: IotError) => void }[];
  let noted: string[];
  let requests: AgentRequests;
  let isExchanged: boolean;

  beforeEach(() => {
    asked.length = 0;
    open = [];
    noted = [];
    isExchanged = false;
    const client = {
      state: { name: "connected" },
      request: (_: string, { sensorId }: { sensorId: string }) =>
        new Promise((resolve, reject) => {
          asked.push(sensorId);
          open.push({ answer: () => resolve("done"), fail: reject });
        }),
    } as unknown as AgentClient;
    const ids = new FormerIds(
      undefined,
      () => Promise.resolve(undefined),
      () => undefined,
    );
    ids.translate = (parameters) => ({
      parameters: isExchanged ? { ...parameters, sensorId: "new" } : parameters,
      told: (error) => error,
    });
    requests = new AgentRequests({
      ...{ client, ids, clock: systemClock, health: new Health() },
      done: (_, parameters) => noted.push((parameters as { sensorId: string }).sensorId),
      failed: ({ name }) => noted.push(name),
    });
  });
  const exchange = (): Promise<void> =>
    requests.hold(async () => {
      for (const { fail } of open.splice(0)) fail(new IotError("Disconnected"));
      await new Promise((resolve) => setImmediate(resolve));
      isExchanged = true;
    });

  it("is asked of the new client by its ID, and answered once", async () => {
    const waiting = requests.request("deleteSensor", { sensorId: "old" });
    const exchanging = exchange();
    const later = requests.request("deleteSensor", { sensorId: "old" });
    await exchanging;
    await new Promise((resolve) => setImmediate(resolve));
    for (const { answer } of open) answer();
    assert.deepEqual([await waiting, await later], ["done", "done"]);
    assert.deepEqual(asked, ["old", "new", "new"]);
    assert.deepEqual(noted, ["new", "new"]);
  });

  it("ends with its error where nothing is exchanged", async () => {
    const waiting = requests.request("deleteSensor", { sensorId: "old" });
    open[0]?.fail(new IotError("Disconnected"));
    await assert.rejects(waiting, { name: "Disconnected" });
    assert.deepEqual(noted, ["Disconnected"]);
  });

  it("goes on where the exchange failed, with the client that is there", async () => {
    const waiting = requests.request("deleteSensor", { sensorId: "old" });
    await assert.rejects(
      requests.hold(() => {
        open[0]?.fail(new IotError("Disconnected"));
        return Promise.reject(new Error("no room"));
      }),
      /no room/,
    );
    await new Promise((resolve) => setImmediate(resolve));
    open.at(-1)?.answer();
    assert.equal(await waiting, "done");
    assert.deepEqual(asked, ["old", "old"]);
  });

  it("ends once, as closed, where it is aborted meanwhile", async () => {
    let end = (): void => undefined;
    const exchanging = requests.hold(() => new Promise<void>((resolve) => (end = resolve)));
    const closing = new AbortController();
    const waiting = requests.request("deleteSensor", { sensorId: "old" }, { signal: closing.signal });
    closing.abort();
    await assert.rejects(waiting, { name: "Closed" });
    end();
    await exchanging;
    assert.deepEqual([asked, noted], [[], ["Closed"]]);
  });
});
