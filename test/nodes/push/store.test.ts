/** Store and forward as a flow sees it: accepted on disk, sent when it can be, and told when it is refused. */
import assert from "node:assert/strict";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startSimulator, type Simulator } from "../../../src/simulator/index";
import { agentNode, palette } from "../../support/flows";
import { useNodeRed, type Message } from "../../support/node-red";
import { freePorts } from "../../support/ports";

const causeOf = ({ error }: Message) => error?.cause as { name: string; message: string } | undefined;

describe("A push node that stores and forwards", () => {
  const nodeRed = useNodeRed();
  let directory: string;
  let simulator: Simulator | undefined;
  let ports: number[];

  const start = async (): Promise<Simulator> => {
    simulator = await startSimulator({ directory, port: ports[0], registrationPort: ports[1] });
    return simulator;
  };
  const flow = (properties: Record<string, unknown> = {}) => {
    const [port = 0, registrationPort = 0] = ports;
    const address = { port, registrationPort, ca: join(directory, "TeamViewerAuthority.crt") };
    return [
      agentNode(address, { clientName: "press-12", autoRegister: true, ...properties }),
      ...palette("push", { sensor: "line", delivery: "store" }),
      ...palette("ping"),
    ];
  };
  const store = async (): Promise<Record<string, number>> => {
    const { message } = await nodeRed.ask("ping", { action: "status" }, "ping.out", "ping.error");
    return (message.payload as { outbox: Record<string, number> }).outbox;
  };

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "tviot-store-"));
    // Each test is a machine of its own: another agent does not know an identity of this one.
    await rm(join(nodeRed.userDir, "teamviewer-iot"), { recursive: true, force: true });
    ports = await freePorts(2);
    simulator = undefined;
  });
  afterEach(async () => {
    await nodeRed.unload();
    await simulator?.stop();
    await rm(directory, { recursive: true, force: true });
  });

  it("gives stored and confirmed pushes of a sensor different timestamps, and later ones than a given one (fault 45)", async () => {
    const agent = await start();
    const timestamps: number[] = [];
    agent.on("request", ({ operation, payload }) => {
      if (operation === "pushValues")
        timestamps.push((JSON.parse(payload) as { timestamp: number }).timestamp);
    });
    await nodeRed.load([...flow(), ...palette("push", { sensor: "line" }, "confirm")]);
    const given = Date.now() + 20_000;
    await nodeRed.ask("confirm", { payload: { count: 0 }, timestamp: given }, "confirm.out");
    for (let count = 1; count < 20; count++) {
      nodeRed.send("push", { payload: { count } });
      nodeRed.send("confirm", { payload: { count } });
    }
    await nodeRed.until(() => (timestamps.length === 39 ? true : undefined));
    assert.equal(new Set(timestamps).size, 39);
    assert.equal(Math.min(...timestamps), given);
  });

  it("accepts values while there is no agent, keeps them over a restart, and sends them in order when there is one", async () => {
    await nodeRed.load(flow());
    for (let value = 0; value < 5; value++) {
      const { from, message } = await nodeRed.ask(
        "push",
        { payload: { count: value } },
        "push.out",
        "push.error",
      );
      assert.equal(from, "push.out");
      assert.equal((message.payload as { pending: number }).pending, value + 1);
      assert.equal(message.sensorId, "line");
    }
    await nodeRed.badge("push", /status\.stored/);
    await nodeRed.unload();

    const agent = await start();
    const counts: unknown[] = [];
    agent.on("request", ({ operation, payload }) => {
      if (operation === "pushValues") {
        counts.push((JSON.parse(payload) as { metrics: { value: unknown }[] }).metrics[0]?.value);
      }
    });
    await nodeRed.load(flow());
    await nodeRed.until(() => (counts.length >= 5 ? true : undefined));
    assert.deepEqual(counts, [0, 1, 2, 3, 4]);
    await nodeRed.badge("push", "status.connected");
    const { accepted, delivered, replayed, pending } = await store();
    assert.deepEqual(
      { accepted, delivered, replayed, pending },
      { accepted: 5, delivered: 5, replayed: 5, pending: 0 },
    );
  });

  it("sends what comes new before what waited, at the pace that is set, and says when that will be through", async () => {
    await nodeRed.load(flow({ replayRecords: "2" }));
    const waiting = Array.from({ length: 14 }, (_, count) => count);
    for (const count of waiting) await nodeRed.ask("push", { payload: { count } }, "push.out");
    const agent = await start();
    const counts: number[] = [];
    agent.on("request", ({ operation, payload }) => {
      if (operation === "pushValues")
        counts.push((JSON.parse(payload) as { metrics: { value: number }[] }).metrics[0]?.value ?? -1);
    });
    await nodeRed.badge("push", /status\.replaying/);
    await nodeRed.ask("push", { payload: { count: 100 } }, "push.out");
    const { message } = await nodeRed.ask("ping", { action: "status" }, "ping.out");
    const { replay } = message.payload as { replay: { waiting: number; oldestAge: number; endsAt: string } };
    assert.ok(replay.waiting > 0 && replay.oldestAge >= 0 && Date.parse(replay.endsAt) > Date.now());
    await nodeRed.until(() => (counts.length === waiting.length + 1 ? true : undefined));
    const stored = counts.filter((count) => count < 100);
    assert.deepEqual(stored, waiting);
    assert.notEqual(counts.at(-1), 100);
  });

  it("tells on output 2 what the agent refused, with the values, the time and the reason", async () => {
    const agent = await start();
    await nodeRed.load(flow());
    const timestamp = 1_590_394_246_545;
    await nodeRed.ask("push", { payload: { count: 1 }, timestamp }, "push.out", "push.error");
    await nodeRed.until(() => (agent.counts.values > 0 ? true : undefined));
    await nodeRed.ask(
      "push",
      { payload: { count: "no number" }, timestamp: timestamp + 1 },
      "push.out",
      "push.error",
    );
    const refused = await nodeRed.until(() => nodeRed.messages("push.error")[0]);
    assert.equal(refused.error?.name, "PushValuesFailed");
    assert.deepEqual(refused.error?.metrics, ["count"]);
    assert.deepEqual(
      [refused.payload, refused.sensorId, refused.timestamp, refused.outcome],
      [{ count: "no number" }, "line", timestamp + 1, "rejected"],
    );
  });

  it("gives nothing up when the connection is made anew, and sends it then", async () => {
    const agent = await start();
    await nodeRed.load(flow({ requestTimeout: "1" }));
    await nodeRed.badge("push", "status.connected");
    agent.setFaults({ lose: 1 });
    for (let value = 0; value < 3; value++) {
      await nodeRed.ask("push", { payload: { count: value } }, "push.out", "push.error");
    }
    await nodeRed.ask("ping", { action: "reconnect" }, "ping.out", "ping.error");
    agent.setFaults({ lose: 0 });
    await nodeRed.until(() => (agent.counts.values >= 3 ? true : undefined));
    let counts = await store();
    while ((counts.pending ?? 0) > 0) counts = await store();
    assert.deepEqual([counts.accepted, counts.delivered, nodeRed.messages("push.error").length], [3, 3, 0]);
  });

  it("says once that its store was damaged, and where it is kept, and takes values again (fault 32)", async () => {
    const catching = [
      { id: "catch node", z: "flow", type: "catch", wires: [["caught"]] },
      { id: "caught", z: "flow", type: "helper" },
    ];
    await nodeRed.load(flow());
    await nodeRed.ask("push", { payload: { count: 1 } }, "push.out", "push.error");
    await nodeRed.unload();
    const [agent = ""] = await readdir(join(nodeRed.userDir, "teamviewer-iot"));
    const outbox = join(nodeRed.userDir, "teamviewer-iot", agent, "outbox");
    for (const file of await readdir(outbox)) await writeFile(join(outbox, file), "garbage");

    await nodeRed.load([...flow(), ...catching]);
    const caught = await nodeRed.until(() =>
      nodeRed.messages("caught").find((message) => causeOf(message)?.name === "OutboxDamaged"),
    );
    assert.match(causeOf(caught)?.message ?? "", /outbox\/damaged/);
    const { from } = await nodeRed.ask("push", { payload: { count: 2 } }, "push.out", "push.error");
    assert.equal(from, "push.out");
    const damaged = nodeRed
      .messages("caught")
      .filter((message) => causeOf(message)?.name === "OutboxDamaged");
    assert.equal(damaged.length, 1);
  });

  it("leaves nothing behind when no node stores any more", async () => {
    await nodeRed.load(flow());
    await nodeRed.ask("push", { payload: { count: 1 } }, "push.out", "push.error");
    await nodeRed.unload();
    const agent = await start();
    const [address, , , , ...ping] = flow();
    await nodeRed.load([address!, ...palette("push", { sensor: "other" }), ...ping]);
    await nodeRed.until(() => (agent.counts.values >= 1 ? true : undefined));
  });

  it("tells which metrics of a push the agent refused and which it took", async () => {
    const agent = await start();
    await nodeRed.load(flow());
    const first = { payload: { count: 1, flag: true } };
    await nodeRed.ask("push", first, "push.out", "push.error");
    await nodeRed.until(() => (agent.counts.values > 0 ? true : undefined));
    await nodeRed.ask("push", { payload: { count: "none", flag: false } }, "push.out", "push.error");
    const { error } = await nodeRed.until(() => nodeRed.messages("push.error")[0]);
    assert.deepEqual([error?.metrics, error?.delivered], [["count"], ["flag"]]);
  });

  it("refuses what does not fit at once, and stores nothing of it", async () => {
    await nodeRed.load(flow({ outboxCount: "1" }));
    await nodeRed.ask("push", { payload: { count: 1 } }, "push.out", "push.error");
    const full = await nodeRed.ask("push", { payload: { count: 2 } }, "push.out", "push.error");
    assert.deepEqual([full.from, full.message.error?.name], ["push.error", "OutboxFull"]);
    assert.deepEqual(full.message.payload, { count: 2 });
    const wrong = await nodeRed.ask("push", { payload: { count: Number.NaN } }, "push.out", "push.error");
    assert.equal(wrong.message.error?.name, "InvalidInput");
    assert.equal((await store()).pending, 1);
  });
});
