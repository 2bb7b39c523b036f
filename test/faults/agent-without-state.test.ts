/** The agent comes back and knows none of its sensors (fault 23): pushes make them again, live data comes again. */
import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startSimulator, type Simulator } from "../../src/simulator/index";
import { agentNode, palette } from "../support/flows";
import { useNodeRed } from "../support/node-red";
import { someTime } from "./size";

const SENSORS = ["oven", "press"];

describe("When the agent comes back without its state", function () {
  const nodeRed = useNodeRed();
  let directory: string;
  let simulator: Simulator;

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), "tviot-without-state-"));
    simulator = await startSimulator({ directory });
  });
  after(async () => {
    await simulator?.stop();
    await rm(directory, { recursive: true, force: true });
  });

  /** Pushes to each sensor, again and again, until live data of what was pushed from now on has come of each. */
  async function pushUntilLive(from: number): Promise<void> {
    const first = nodeRed.messages("livedata.out").length;
    const seen = () => new Map(nodeRed.messages("livedata.out").slice(first).map(countOfSensor));
    for (let count = from; !SENSORS.every((sensor) => (seen().get(sensor) ?? -1) >= from); count++) {
      for (const sensor of SENSORS) {
        const answer = await nodeRed.ask(
          "push",
          { payload: { count }, sensor },
          ...["push.out", "push.error"],
        );
        assert.equal(answer.from, "push.out", String(answer.message.error?.message));
      }
      // Live data has a connection of its own, which can come later than the other.
      await someTime(50, 100);
    }
  }

  it("pushes create the sensors again, and live data messages come of them (fault 23)", async () => {
    await nodeRed.load([
      agentNode(simulator, { clientName: "press-1", autoRegister: true }),
      ...palette("push", { sensor: "sensor", sensorType: "msg" }),
      ...palette("livedata"),
    ]);
    await nodeRed.badge("push", "status.connected");
    await pushUntilLive(1);
    assert.equal(simulator.counts.sensors, SENSORS.length);

    const { port, registrationPort } = simulator;
    await simulator.stop();
    await forgetSensors(directory);
    simulator = await startSimulator({ directory, port, registrationPort });
    assert.equal(simulator.counts.sensors, 0);

    await pushUntilLive(1000);
    assert.equal(simulator.counts.sensors, SENSORS.length);
    assert.equal(nodeRed.messages("livedata.error").length, 0);
  });
});

function countOfSensor(message: object): [sensor: string, count: number] {
  const { sensorId, payload } = message as { sensorId: string; payload: { count: number } };
  return [sensorId, payload.count];
}

/** Of all that it knows the agent keeps the clients: their certificates are not its state. */
async function forgetSensors(directory: string): Promise<void> {
  const file = join(directory, "state.json");
  const state = JSON.parse(await readFile(file, "utf8")) as { clients: { sensors: unknown[] }[] };
  for (const client of state.clients) client.sensors = [];
  await writeFile(file, JSON.stringify(state));
}
