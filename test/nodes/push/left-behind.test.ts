/** Values that a stopped push node has left: whoever takes its place sends them, whenever that is stopped itself. */
import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LeftBehind } from "../../../nodes/push/left-behind";
import { Points } from "../../../nodes/push/points";
import { PROPERTIES } from "../../../nodes/push/properties";
import { defaultsOf } from "../../../nodes/shared/properties";
import { IotError } from "../../../src/protocol/errors";
import { FakeClock } from "../../support/agent/fake-clock";

const LEFT = { sensorId: "s", metrics: [{ metricId: "m", value: 7 }], time: 1_700_000_000_000 };

describe("Values that a stopped push node has left", () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "tviot-left-"));
    await new LeftBehind(directory, "push").keep([LEFT]);
  });
  afterEach(() => rm(directory, { recursive: true, force: true }));

  /** A node whose flows have started; `asked` has what it sent, `told` what it told of its own accord. */
  function start(answer: () => Promise<string> = () => Promise.resolve("")): {
    points: Points;
    asked: unknown[];
    told: unknown[];
  } {
    const events = new EventEmitter();
    const asked: unknown[] = [];
    const told: unknown[] = [];
    const agent = {
      clock: new FakeClock(),
      directory,
      identity: undefined,
      names: {},
      onDone: () => () => undefined,
      request: (_operation: string, parameters: unknown) => {
        asked.push(parameters);
        return answer();
      },
    };
    const life = {
      node: { id: "push" },
      config: { ...defaultsOf(PROPERTIES), atMost: "600" },
      agent,
      outputs: { raise: (error: IotError, message: object) => told.push([error.name, message]) },
      showResult: () => undefined,
    };
    const points = new Points({ events } as never, life as never);
    events.emit("flows:started", {});
    return { points, asked, told };
  }
  const left = async (): Promise<unknown[]> => new LeftBehind(directory, "push").take();

  it("stay where they are when the next node is stopped before it has read them", async () => {
    const { points, asked } = start();
    await points.close(false);
    for (let look = 0; look < 5; look++) assert.deepEqual([asked, await left()], [[], [LEFT]]);
  });

  it("are sent by a node that goes on, and then are there no more", async () => {
    const { points, asked } = start();
    while ((await left()).length > 0) await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(asked, [{ sensorId: "s", metrics: LEFT.metrics, timestamp: LEFT.time }]);
    await points.close(false);
  });

  it("are told as a message of their own where the agent does not take them, a long integer by its digits", async () => {
    const long = { sensorId: "s", metrics: [{ metricId: "m", value: 2n ** 60n }], time: LEFT.time };
    await new LeftBehind(directory, "push").keep([long]);
    const { points, told } = start(() => Promise.reject(new IotError("ReplyTimeout")));
    while ((await left()).length > 0) await new Promise((resolve) => setImmediate(resolve));
    const message = {
      payload: { m: String(2n ** 60n) },
      sensorId: "s",
      metricIds: ["m"],
      timestamp: LEFT.time,
    };
    assert.deepEqual(told, [["ReplyTimeout", message]]);
    await points.close(false);
  });

  it("are sent by a node that is deleted before it has read them", async () => {
    const { points, asked } = start();
    await points.close(true);
    while ((await left()).length > 0) await new Promise((resolve) => setImmediate(resolve));
    assert.equal(asked.length, 1);
  });
});
