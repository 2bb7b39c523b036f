/** A client as large as one can be: 10,000 sensors with ten metrics each (fault 53). */
import assert from "node:assert/strict";
import { readInventory } from "../../nodes/sensor/inventory";
import type { AgentClient, ConnectionState } from "../../src/client/agent-client";
import { clientOf } from "../support/agent/client-of";
import { RawAgent } from "../support/agent/raw-agent";
import { size } from "./size";

const SENSORS = 10_000;
const METRICS = 10;

describe("A client of 10,000 sensors with ten metrics each", function () {
  let agent: RawAgent;
  let client: AgentClient;
  let states: ConnectionState["name"][];

  async function start(sensors: number, metrics: number): Promise<void> {
    agent = await RawAgent.start({ sensors, metrics });
    client = await clientOf(agent, { requestTimeout: 120_000 });
    states = [];
    client.on("state", ({ name }) => states.push(name));
    client.start();
    await client.request("ping", { request: "there" });
  }
  afterEach(async () => {
    await client.stop();
    await agent.stop();
  });

  /** How many pings, one after the other, are answered until this ends. */
  async function pingsDuring(work: Promise<unknown>): Promise<number> {
    let isOver = false;
    void work.finally(() => (isOver = true));
    let count = 0;
    for (; !isOver; count++) await client.request("ping", { request: `${count}` });
    return count;
  }

  for (const [sensors, metrics, what] of [
    [SENSORS, METRICS, "whole"],
    [1, SENSORS * METRICS, "whole where one sensor has all metrics"],
  ] as const) {
    it(`is listed ${what}, over one connection that goes on answering (fault 53)`, async () => {
      await start(sensors, metrics);
      const listing = client.request("listSensors", {});
      const pings = await pingsDuring(listing);
      const list = await listing;
      assert.equal(list.length, sensors);
      assert.ok(list.every((sensor) => sensor.metrics.length === metrics));
      assert.deepEqual(states, ["connecting", "connected"]);
      assert.equal(client.counters.repeated, 0);
      assert.ok(pings >= 5, `${pings} pings were answered meanwhile`);
    });
  }

  it("has its inventory taken, each metric described, over one connection (fault 53)", async () => {
    const sensors = size(1000, SENSORS);
    await start(sensors, METRICS);
    const inventory = await readInventory((...request) => client.request(...request));
    assert.equal(inventory.length, sensors);
    assert.ok(inventory.every(({ metrics }) => metrics.length === METRICS));
    assert.ok(inventory.every(({ metrics }) => metrics.every(({ value }) => value === 21.5)));
    assert.deepEqual(states, ["connecting", "connected"]);
    const { repeated, strays, timedOut } = client.counters;
    assert.deepEqual({ repeated, strays, timedOut }, { repeated: 0, strays: 0, timedOut: 0 });
  });
});
