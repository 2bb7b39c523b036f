/** A new client beside the old one: prepared, tried, swapped, taken back; and what waits in the store meanwhile. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import type { PrepareEvent } from "../../../nodes/agent/new-client";
import type { AgentConfigurationNode, SharedAgent } from "../../../nodes/agent/shared-agent";
import { identityDirectory } from "../../../nodes/shared/paths";
import { FolderIdentity } from "../../../src/identity/folder-identity";
import { IotError } from "../../../src/protocol/errors";
import type { SensorTree } from "../../../nodes/sensor/inventory";
import { clientOf } from "../../support/agent/client-of";
import { agentNode, palette } from "../../support/flows";
import { useNodeRed, type Flow } from "../../support/node-red";
import { useSimulator } from "../../support/simulator";

const METRICS = [
  { name: "Temperature", valueUnit: "SI.Temperature.CELSIUS" },
  { name: "Pieces", valueType: "integer", valueAnnotation: "pieces" },
];
const patient = (): AbortSignal => AbortSignal.timeout(240_000);

describe("A new client beside the old one", () => {
  const nodeRed = useNodeRed();
  const simulator = useSimulator();
  let sensorId: string;
  let metricIds: string[];

  const flow = (properties: object = {}): Flow => [
    agentNode(simulator.current, { clientName: "press-12", autoRegister: true, ...properties }),
    ...palette("sensor", { operation: "ensure", sensorName: "Press 12", sensorNameType: "str" }),
    ...palette("sensor", { operation: "inventory" }, "tree"),
    ...palette("metric", { operation: "ensure", definitionsType: "list", metrics: METRICS }),
    ...palette("push", {}),
    ...palette("push", { delivery: "store" }, "keeper"),
    ...palette("ping"),
    { id: "net", z: "flow", type: "catch", scope: null, wires: [["caught"]] },
    { id: "caught", z: "flow", type: "helper" },
  ];
  const agent = (): SharedAgent => (nodeRed.node("agent") as unknown as AgentConfigurationNode).agent!;
  const folder = (): string => identityDirectory(nodeRed.userDir, "agent");
  const clientIn = async (...path: string[]): Promise<string | undefined> =>
    (await new FolderIdentity(join(folder(), ...path)).load())?.clientId;

  async function prepare(name = "press-12-next", signal = patient()): Promise<PrepareEvent[]> {
    const events: PrepareEvent[] = [];
    for await (const event of agent().newClient.prepare(name, signal)) events.push(event);
    return events;
  }
  const failure = (events: PrepareEvent[]): [string, string] => {
    const last = events.at(-1);
    return last?.outcome === "failed" ? [last.step, last.error.name] : ["", ""];
  };

  async function inventory(): Promise<SensorTree[]> {
    const { message } = await nodeRed.ask("tree", {}, "tree.out", "tree.error");
    return message.payload as SensorTree[];
  }
  async function value(): Promise<unknown> {
    const [sensor] = await inventory();
    return sensor?.metrics.find(({ name }) => name === "Temperature")?.value;
  }
  const ask = async (node: string, message: object): Promise<string> =>
    (await nodeRed.ask(node, message, `${node}.out`, `${node}.error`)).from;

  /** A flow with a sensor that has values, of a client of its own. */
  async function begin(properties: object = {}): Promise<void> {
    await nodeRed.load(flow(properties));
    await nodeRed.until(() => (agent().view().state.name === "connected" ? true : undefined));
    const sensor = await nodeRed.ask("sensor", {}, "sensor.out", "sensor.error");
    sensorId = (sensor.message as { sensorId: string }).sensorId;
    const metric = await nodeRed.ask("metric", { sensorId }, "metric.out", "metric.error");
    metricIds = (metric.message as { metricIds: string[] }).metricIds;
    assert.equal(await ask("push", { sensorId, payload: { [metricIds[0]!]: 20 } }), "push.out");
  }
  const connected = (clientId: string | undefined): Promise<true> =>
    nodeRed.until(() =>
      agent().view().state.name === "connected" && agent().identity?.clientId === clientId ? true : undefined,
    );

  afterEach(async () => {
    // Each test has a client of its own.
    simulator.current.setFaults({ certificateSeconds: 365 * 24 * 3600, lose: 0 });
    await rm(join(nodeRed.userDir, "teamviewer-iot"), { recursive: true, force: true });
  });

  it("has the sensors and metrics of the old one, with units, types and annotations; a second run makes none", async () => {
    await begin();
    const old = await clientIn();
    const events = await prepare();
    assert.deepEqual(
      events.filter(({ outcome }) => outcome === "passed").map(({ step }) => step),
      ["inventory", "register", "connect", "sensors", "table"],
    );
    assert.deepEqual([await clientIn(), agent().identity?.clientId], [old, old]);
    const { phase, next, table } = await agent().newClient.look();
    assert.equal(phase, "prepared");
    assert.notEqual(next?.clientId, old);
    const [row] = table!.sensors;
    assert.deepEqual(
      [table!.sensors.length, row?.client, row?.name, row?.oldId],
      [1, old, "Press 12", sensorId],
    );
    assert.deepEqual(row?.metrics.map(({ oldId }) => oldId).sort(), metricIds.toSorted());
    const { mode } = await stat(join(folder(), `ids-${next!.clientId}.json`));
    if (process.platform !== "win32") assert.equal(mode & 0o777, 0o600);
    const counts = () => {
      const { clients, sensors, metrics } = simulator.current.counts;
      return { clients, sensors, metrics };
    };
    const before = counts();
    await prepare();
    assert.deepEqual(counts(), before);
    assert.deepEqual((await agent().newClient.look()).table, table);

    await agent().newClient.swap(patient());
    await connected(next!.clientId);
    const kinds = ({ name, valueUnit, valueType, valueAnnotation }: SensorTree["metrics"][number]) =>
      valueUnit === undefined ? [name, valueType, valueAnnotation] : [name, valueUnit];
    const [sensor, ...others] = await inventory();
    assert.deepEqual(others, []);
    assert.deepEqual(
      [sensor?.name, sensor?.metrics.map(kinds).sort()],
      [
        "Press 12",
        [
          ["Pieces", "integer", "pieces"],
          ["Temperature", "SI.Temperature.CELSIUS"],
        ],
      ],
    );
  });

  it("keeps two metrics of one name apart: two series do not become one", async () => {
    await begin();
    const twins = await agent().request("createMetrics", {
      sensorId,
      metrics: ["1", "2"].map((matchingId) => ({
        matchingId,
        name: "Temperature",
        valueUnit: "SI.Temperature.CELSIUS",
      })),
    });
    const oldIds = [metricIds[0]!, ...twins.map(({ metricId }) => metricId)];
    await prepare();
    const { next, table } = await agent().newClient.look();
    const newIds = new Map(table!.sensors[0]!.metrics.map(({ oldId, newId }) => [oldId, newId]));
    assert.equal(new Set(oldIds.map((id) => newIds.get(id))).size, 3);
    const before = simulator.current.counts.metrics;
    await prepare();
    assert.equal(simulator.current.counts.metrics, before);

    await agent().newClient.swap(patient());
    await connected(next!.clientId);
    const payload = Object.fromEntries(oldIds.map((id, index) => [id, index]));
    assert.equal(await ask("push", { sensorId, payload }), "push.out");
    const [sensor] = await inventory();
    const values = sensor!.metrics.filter(({ name }) => name === "Temperature").map(({ value }) => value);
    assert.deepEqual(values.toSorted(), [0, 1, 2]);
  });

  it("gets what flows send to the old IDs, which is told once; going back needs nothing of the flows either", async () => {
    await begin();
    const old = await clientIn();
    await prepare();
    await agent().newClient.swap(patient());
    const { current, before, phase } = await agent().newClient.look();
    assert.deepEqual([phase, before?.clientId], ["swapped", old]);
    await connected(current?.clientId);
    for (const number of [21, 22])
      assert.equal(await ask("push", { sensorId, payload: { [metricIds[0]!]: number } }), "push.out");
    assert.equal(await value(), 22);
    assert.equal((await inventory()).length, 1);
    const told = await nodeRed.until(() => {
      const messages = nodeRed.messages("caught");
      return messages.length > 0 ? messages : undefined;
    });
    assert.deepEqual(
      told.map(({ error }) => (error as { source?: { name?: string } }).source !== undefined),
      [true],
    );
    assert.match(String(told[0]?.error?.message), new RegExp(sensorId));

    await agent().newClient.back();
    await connected(old);
    assert.equal(await value(), 20);
    assert.equal(await ask("push", { sensorId, payload: { [metricIds[0]!]: 23 } }), "push.out");
    assert.equal(await value(), 23);
    assert.equal((await agent().newClient.look()).phase, "prepared");
  });

  it("gets what waited in the store by the old IDs, when the old certificate has ended (fault 25)", async () => {
    simulator.current.setFaults({ certificateSeconds: 20 });
    await begin();
    await agent().seen.whole("anew");
    const { validTo } = agent().identity!;
    simulator.current.setFaults({ certificateSeconds: 365 * 24 * 3600, lose: 0 });
    await nodeRed.until(() => (Date.now() > validTo.getTime() + 1000 ? true : undefined));
    nodeRed.send("ping", { action: "reconnect" });
    await nodeRed.until(() => (agent().view().state.name === "waiting" ? true : undefined));
    for (const number of [31, 32])
      assert.equal(await ask("keeper", { sensorId, payload: { [metricIds[0]!]: number } }), "keeper.out");
    const looked = await agent().newClient.look();
    assert.deepEqual([looked.phase, looked.isUrgent], ["none", true]);

    const events = await prepare();
    assert.deepEqual(failure(events), ["", ""]);
    await agent().newClient.swap(patient());
    await connected((await agent().newClient.look()).current?.clientId);
    await nodeRed.until(() => (agent().outbox?.pending === 0 ? true : undefined));
    const { delivered, rejected } = agent().outbox!;
    assert.deepEqual([delivered, rejected], [2, 0]);
    assert.equal(await value(), 32);
    assert.equal((await inventory()).length, 1);
  });

  it("can be made after the end because what the old one has is kept when its end is near", async () => {
    simulator.current.setFaults({ certificateSeconds: 30 * 24 * 3600 + 3600 });
    await begin();
    assert.equal((await agent().newClient.look()).isUrgent, false);
    // A second at a time: what is asked then is not to wait for its answer through hours.
    const isTold = () => agent().history.failures.some(({ error }) => error.name === "CertificateEnding");
    while (!isTold()) nodeRed.skip(1000);
    assert.equal((await agent().newClient.look()).isUrgent, true);
    await nodeRed.until(() => {
      nodeRed.skip(1000);
      return existsSync(join(folder(), "inventory.jsonl")) ? true : undefined;
    });
    const kept = await agent().seen.whole("known");
    assert.deepEqual(
      kept?.map(({ name, metrics }) => [name, metrics.map((metric) => metric.name).sort()]),
      [["Press 12", ["Pieces", "Temperature"]]],
    );
  });

  it("leaves the old one running whatever fails, and says what it was", async () => {
    await begin();
    const old = await clientIn();
    const running = async (): Promise<void> => {
      assert.equal(await clientIn(), old);
      assert.equal(await ask("push", { sensorId, payload: { [metricIds[0]!]: 24 } }), "push.out");
    };
    assert.deepEqual(failure(await prepare("no spaces here")), ["register", "InvalidInput"]);
    await running();
    assert.deepEqual(await readdir(join(folder(), "next")).catch(() => []), []);

    const stopping = new AbortController();
    const events: PrepareEvent[] = [];
    for await (const event of agent().newClient.prepare("press-12-next", stopping.signal)) {
      events.push(event);
      if (event.step === "sensors") stopping.abort();
    }
    assert.deepEqual(failure(events), ["sensors", "Closed"]);
    assert.equal((await agent().newClient.look()).phase, "begun");
    await assert.rejects(agent().newClient.swap(patient()), { name: "NoNewClient", reason: "missing" });
    await running();

    await prepare();
    const { next } = await agent().newClient.look();
    simulator.current.setFaults({ lose: 1 });
    await assert.rejects(agent().newClient.swap(patient()), { name: "ReplyTimeout" });
    simulator.current.setFaults({ lose: 0 });
    await running();
    assert.equal((await agent().newClient.look()).phase, "prepared");

    const { clients } = simulator.current.counts;
    await agent().newClient.discard(patient());
    assert.equal(simulator.current.counts.clients, clients - 1);
    assert.deepEqual([(await agent().newClient.look()).phase, await clientIn("next")], ["none", undefined]);
    assert.notEqual(next, undefined);
    await running();
  });

  it("can be discarded, too, when somebody has deleted it on the agent meanwhile", async () => {
    await begin();
    await prepare();
    const { ca, port } = simulator.current;
    const identity = new FolderIdentity(join(folder(), "next"));
    const client = { certificateFile: "", keyFile: "" };
    const next = await clientOf({ ca, port, client }, { identity });
    next.start();
    await next.request("deleteClient", {});
    await next.stop();
    assert.deepEqual(failure(await prepare())[0], "connect");
    await agent().newClient.discard(patient());
    assert.equal((await agent().newClient.look()).phase, "none");
    assert.deepEqual(failure(await prepare()), ["", ""]);
  });

  it("is not begun when nobody knows what the old one has: it would be empty", async () => {
    await begin();
    nodeRed.send("ping", { action: "disconnect" });
    await nodeRed.until(() => (agent().view().state.name === "disconnected" ? true : undefined));
    const { clients } = simulator.current.counts;
    assert.deepEqual(failure(await prepare()), ["inventory", "NoNewClient"]);
    assert.equal(simulator.current.counts.clients, clients);
    assert.equal(await clientIn("next"), undefined);
  });

  it("is confirmed: then the old key is gone, or kept in a file with its date, as is wanted", async () => {
    await begin();
    for (const keeps of [true, false]) {
      assert.deepEqual(failure(await prepare()), ["", ""]);
      await agent().newClient.swap(patient());
      const { current } = await agent().newClient.look();
      await connected(current?.clientId);
      await agent().newClient.confirm(keeps);
      assert.equal((await agent().newClient.look()).phase, "none");
      await assert.rejects(agent().newClient.back(), { name: "NoNewClient" });
      assert.equal(agent().view().state.name, "connected");
      const kept = await readdir(join(folder(), "before")).catch(() => []);
      assert.deepEqual(
        [kept.length, kept.every((name) => /^identity-\d{4}-.*\.pem$/.test(name))],
        [keeps ? 1 : 0, true],
      );
      assert.deepEqual(
        (await readdir(folder())).filter((name) => /^identity-/.test(name)),
        [],
      );
    }
    // The IDs of the first client lead to the third.
    assert.equal(await ask("push", { sensorId, payload: { [metricIds[0]!]: 25 } }), "push.out");
    assert.equal(await value(), 25);
  });

  it("is for an identity that we keep, and is prepared once at a time", async () => {
    await begin();
    const first = prepare();
    assert.deepEqual(failure(await prepare()), ["inventory", "NoNewClient"]);
    await assert.rejects(agent().newClient.discard(patient()), (error) => error instanceof IotError);
    assert.deepEqual(failure(await first), ["", ""]);
  });
});
