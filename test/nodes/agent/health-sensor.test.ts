/** The connector's own health as a sensor: made once, never pushing. */
import assert from "node:assert/strict";
import { HealthSensor, type HealthValues } from "../../../nodes/agent/health-sensor";
import type { Request } from "../../../nodes/shared/request";
import { agentError, IotError } from "../../../src/protocol/errors";
import { agentNode, palette } from "../../support/flows";
import { useNodeRed } from "../../support/node-red";
import { useSimulator } from "../../support/simulator";

const MINUTE = 60_000;
const VALUES: HealthValues = {
  connectedSeconds: 5,
  reconnects: 0,
  queued: 1,
  stored: 2,
  failures: 3,
  certificateDays: 300,
};

/** An agent in memory, and a clock that the test moves. */
class World {
  readonly asked: string[] = [];
  readonly pushed: Record<string, unknown>[] = [];
  readonly sensors: { sensorId: string; name: string; metricIds: string[] }[] = [];
  values: HealthValues | undefined = VALUES;
  clientId = "client";
  /** Answers pushes, where the test has to. */
  answer: () => Promise<unknown> = () => Promise.resolve("done");
  private timers: { at: number; run: () => void }[] = [];
  private now = 0;
  readonly sensor = new HealthSensor(
    { name: "gateway", interval: MINUTE },
    {
      clock: {
        after: (wait, run) => {
          const timer = { at: this.now + wait, run };
          this.timers.push(timer);
          return () => (this.timers = this.timers.filter((other) => other !== timer));
        },
      },
      clientId: () => this.clientId,
      look: () => this.values,
      inTurn: (work) => work(),
      request: ((operation: string, parameters: Record<string, unknown>) => {
        this.asked.push(operation);
        return this.serve(operation, parameters);
      }) as unknown as Request,
    },
  );

  async pass(time: number): Promise<void> {
    for (const end = this.now + time; this.now < end;) {
      this.now += 1000;
      const due = this.timers.filter(({ at }) => at <= this.now);
      this.timers = this.timers.filter(({ at }) => at > this.now);
      for (const { run } of due) run();
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  private async serve(operation: string, parameters: Record<string, unknown>): Promise<unknown> {
    if (operation === "listSensors") return this.sensors;
    if (operation === "createSensor") {
      this.sensors.push({
        sensorId: `s${this.sensors.length}`,
        name: String(parameters.name),
        metricIds: [],
      });
      return this.sensors.at(-1);
    }
    if (operation === "createMetrics") {
      const metrics = parameters.metrics as { matchingId: string; name: string }[];
      const made = metrics.map(({ matchingId, name }) => ({ matchingId, metricId: `id of ${name}` }));
      this.sensors[0]?.metricIds.push(...made.map(({ metricId }) => metricId));
      return made;
    }
    if (operation === "describeMetric") {
      const metricId = String(parameters.metricId);
      return { metricId, name: metricId.replace("id of ", "") };
    }
    const answer = await this.answer();
    const metrics = parameters.metrics as { metricId: string; value: unknown }[];
    this.pushed.push(Object.fromEntries(metrics.map(({ metricId, value }) => [metricId, value])));
    return answer;
  }
}

describe("Health as a sensor", () => {
  it("is made once, and gets its values soon after a connection and then each interval", async () => {
    const world = new World();
    world.sensor.start();
    world.sensor.connected();
    await world.pass(1000);
    assert.deepEqual(world.pushed, [
      Object.fromEntries(Object.entries(VALUES).map(([name, value]) => [`id of ${name}`, value])),
    ]);
    await world.pass(2 * MINUTE);
    assert.equal(world.pushed.length, 3);
    assert.equal(world.asked.filter((operation) => operation === "createSensor").length, 1);
    assert.equal(world.asked.lastIndexOf("listSensors") < world.asked.indexOf("pushValues"), true);
    world.sensor.stop();
    await world.pass(5 * MINUTE);
    assert.equal(world.pushed.length, 3);
  });

  it("asks nothing while there is no connection, and never twice at once", async () => {
    const world = new World();
    world.sensor.start();
    world.values = undefined;
    await world.pass(3 * MINUTE);
    assert.deepEqual(world.asked, []);
    world.values = VALUES;
    world.answer = () => new Promise(() => undefined);
    await world.pass(10 * MINUTE);
    assert.equal(world.asked.filter((operation) => operation === "pushValues").length, 1);
  });

  it("asks less and less often after failures, and as usual after a success", async () => {
    const world = new World();
    world.sensor.start();
    world.answer = () => Promise.reject(new IotError("ReplyTimeout", { details: { seconds: 10 } }));
    await world.pass(30 * MINUTE);
    assert.equal(world.asked.filter((operation) => operation === "pushValues").length, 4);
    world.answer = () => Promise.resolve("done");
    await world.pass(60 * MINUTE);
    assert.ok(world.pushed.length > 30, String(world.pushed.length));
    // What is known is kept: nobody refused it.
    assert.equal(world.asked.lastIndexOf("listSensors") < world.asked.indexOf("pushValues"), true);
  });

  it("looks for its sensor anew where the agent refuses it, and for another client", async () => {
    const world = new World();
    world.sensor.start();
    await world.pass(MINUTE);
    world.sensors.length = 0;
    world.answer = () => Promise.reject(agentError(15, "no such sensor"));
    await world.pass(MINUTE);
    world.answer = () => Promise.resolve("done");
    await world.pass(2 * MINUTE);
    assert.deepEqual([world.pushed.length, world.sensors.length], [2, 1]);
    world.clientId = "another client";
    world.sensors.length = 0;
    await world.pass(MINUTE);
    assert.deepEqual([world.pushed.length, world.sensors.length], [3, 1]);
  });

  describe("of an agent node", () => {
    const nodeRed = useNodeRed();
    const simulator = useSimulator();

    it("is found by its name after a deploy, and made no second time", async () => {
      const flow = [
        agentNode(simulator.current, { clientName: "press-12", autoRegister: true, healthSensor: "gateway" }),
        ...palette("ping"),
      ];
      const requests: (string | undefined)[] = [];
      simulator.current.on("request", ({ operation }) => requests.push(operation));
      const times = (name: string): number => requests.filter((operation) => operation === name).length;
      for (const deploy of [1, 2]) {
        await nodeRed.load(flow);
        await nodeRed.until(() => (times("pushValues") === deploy ? true : undefined));
        await nodeRed.unload();
      }
      await nodeRed.load([...flow, ...palette("sensor", { operation: "inventory" })]);
      const { message } = await nodeRed.ask("sensor", {}, "sensor.out", "sensor.error");
      const sensors = message.payload as { name: string; metrics: { name: string }[] }[];
      assert.deepEqual(
        sensors.map(({ name }) => name),
        ["gateway"],
      );
      assert.deepEqual(sensors[0]?.metrics.map(({ name }) => name).sort(), Object.keys(VALUES).sort());
      assert.deepEqual([times("createSensor"), times("createMetrics")], [1, 1]);
    });
  });
});
