/**
 * No wrong verdict (faults 13 to 18) with the project's simulator: it loses, delays and repeats answers and live data
 * and sends some that nobody asked for, to two clients that share one certificate and its sensors.
 */
import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AgentClient } from "../../src/client/agent-client";
import { enrol } from "../../src/identity/enrolment";
import { FolderIdentity } from "../../src/identity/folder-identity";
import type { IotError } from "../../src/protocol/errors";
import { size } from "../faults/size";
import { clientOf } from "../support/agent/client-of";
import { useSimulator } from "../support/simulator";

const REQUESTS = size(2000, 10_000);
const SENSORS = 20;
const TIMEOUT = 400;
/** What the agent thinks of a value: a number fits its metric, anything else does not. */
const REFUSED = "PushValuesFailed";

describe("The verdicts of the simulator on requests of two clients with one certificate", function () {
  this.timeout(size(300_000, 1_200_000));
  const simulator = useSimulator();
  let directory: string;
  const ledger = new Map<string, "ok" | typeof REFUSED>();
  const started: AgentClient[] = [];

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), "tviot-truth-"));
    const ca = await readFile(simulator.current.ca, "utf8");
    await enrol({
      endpoint: { host: "localhost", port: simulator.current.registrationPort, ca },
      clientName: "truth",
      identity: new FolderIdentity(directory),
    });
  });
  after(() => rm(directory, { recursive: true, force: true }));

  afterEach(async () => {
    await Promise.all(started.splice(0).map((client) => client.stop()));
    simulator.current.setFaults({ delay: 0, answerWith: 0 });
  });

  it("are not those on what an earlier client of the same identity asked, before a restart", async () => {
    const agent = simulator.current;
    const earlier = await start();
    await makeMetrics(earlier);
    const rename = { sensorId: "s0", name: "oven" };
    agent.setFaults({ delay: 300, answerWith: 3 });
    const heard = new Promise<void>((resolve) => {
      agent.on("request", ({ operation }) => operation === "updateSensor" && resolve());
    });
    const cutOff = earlier.request("updateSensor", rename);
    await Promise.all([heard, assert.rejects(cutOff, { name: "Closed" }), heard.then(() => earlier.stop())]);
    agent.setFaults({ answerWith: 0 });
    const later = await start();
    assert.equal(await later.request("updateSensor", rename), "Sensor was changed.");
  });

  it("are never wrong: what cannot be known is told as such (faults 13 to 18)", async () => {
    const clients = [await start(), await start()];
    await makeMetrics(clients[0]!);
    misbehave();
    const verdicts = new Map<string, string>();
    await Promise.all(clients.map((client, number) => ask(client, number, verdicts)));
    const counters = clients.map((client) => client.counters);

    assert.equal(verdicts.size, REQUESTS, "each request ended");
    let known = 0;
    for (const [value, verdict] of verdicts) {
      if (verdict === "ReplyTimeout") continue;
      known++;
      assert.equal(verdict, ledger.get(value), value);
    }
    assert.ok(known > REQUESTS * 0.85, `only ${known} of ${REQUESTS} verdicts`);
    assert.ok(
      counters.every(({ unasked }) => unasked > 0),
      "each has seen answers that were not its own",
    );
  });

  /** Each sensor has a metric of numbers: what is no number is refused. */
  async function makeMetrics(client: AgentClient): Promise<void> {
    for (let sensor = 0; sensor < SENSORS; sensor++) {
      await client.request("pushValues", { sensorId: `s${sensor}`, metrics: [{ metricId: "m", value: 0 }] });
    }
  }

  /** Of what it sends 2 % are lost and 2 % come twice, 2 % of the requests are answered late; and 2 % more unasked. */
  function misbehave(): void {
    const agent = simulator.current;
    agent.setFaults({ lose: 0.02, repeat: 0.02 });
    agent.on("request", ({ operation, topic, payload, answers }) => {
      agent.setFaults({ delay: Math.random() < 0.02 ? Math.round(TIMEOUT * (1 + Math.random())) : 0 });
      if (operation === "ping") {
        ledger.set((JSON.parse(payload) as { request: string }).request, "ok");
      } else if (operation === "pushValues") {
        const { metrics } = JSON.parse(payload) as { metrics: { value: number | string }[] };
        const isRefused = answers.some((answer) => answer.topic.endsWith("/error/inbox"));
        ledger.set(nameOf(metrics[0]?.value ?? ""), isRefused ? REFUSED : "ok");
        const unasked = {
          topic: topic.replace("metric/pushValues", "info/inbox"),
          payload: "Sensor was updated.",
        };
        if (Math.random() < 0.02) answers.push(unasked);
      }
    });
  }

  /** Requests in 16 places at a time: pings, pushes, and pushes that are refused. */
  async function ask(client: AgentClient, number: number, verdicts: Map<string, string>): Promise<void> {
    let next = 0;
    const work = async (): Promise<void> => {
      while (next < REQUESTS / 2) {
        const value = (number + 1) * 1_000_000 + next++;
        const chance = Math.random();
        const sensorId = `s${Math.floor(Math.random() * SENSORS)}`;
        const push = (pushed: number | string) =>
          client.request("pushValues", { sensorId, metrics: [{ metricId: "m", value: pushed }] });
        const request =
          chance < 0.1
            ? client.request("ping", { request: nameOf(value) })
            : push(chance < 0.2 ? nameOf(value) : value);
        verdicts.set(
          nameOf(value),
          await request.then(
            () => "ok",
            ({ name }: IotError) => name,
          ),
        );
      }
    };
    await Promise.all(Array.from({ length: 16 }, work));
  }

  function nameOf(value: number | string): string {
    return typeof value === "number" ? `v${value}` : value;
  }

  async function start(): Promise<AgentClient> {
    const { port, ca } = simulator.current;
    const identity = join(directory, "identity.pem");
    const files = { certificateFile: identity, keyFile: identity };
    const client = await clientOf({ port, ca, client: files }, { requestTimeout: TIMEOUT });
    started.push(client);
    client.start();
    return client;
  }
});
