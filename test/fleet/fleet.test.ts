/** Twenty gateways on a cluster of three brokers, from the files of docs/fleet as they are. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { promisify } from "node:util";
import { connectAsync } from "mqtt";
import { startSimulator, type Simulator } from "../../src/simulator/index";
import { Authority } from "../support/agent/authority";
import { needs } from "../support/needs";
import { Prometheus } from "../support/prometheus";
import { until } from "../support/waits";
import { Cluster, PASSWORDS } from "./world/cluster";
import { FLEET } from "./world/files";
import { Gateway } from "./world/gateway";
import { type Heard, Reader } from "./world/reader";
import { Repository } from "./world/repository";

const run = promisify(execFile);
const COUNT = 20;
/** Started together; more would only wait for the processor. */
const TOGETHER = 4;
const BURST = 200;
const SCRAPE_TOKEN = "for-prometheus";
const NAMES = Array.from({ length: COUNT }, (_, index) => `gateway-${index + 1}`);

/** A push that the agent has taken. */
interface Taken {
  readonly sensorId: string;
  readonly timestamp: number;
}

const keyOf = ({ sensorId, timestamp }: { sensorId?: unknown; timestamp?: unknown }): string =>
  `${String(sensorId)} ${String(timestamp)}`;

describe(`A fleet of ${COUNT} gateways on a cluster of three brokers`, function () {
  this.timeout(600_000); // Before the first test twenty gateways start.
  let directory: string;
  let authority: Authority;
  let simulator: Simulator;
  let cluster: Cluster;
  let reader: Reader;
  let repository: Repository;
  const gateways: Gateway[] = [];
  const taken: Taken[] = [];

  before(async function () {
    needs(this, "nats-server", "mosquitto", "openssl", "git", "curl");
    directory = await mkdtemp(join(tmpdir(), "tviot-fleet-"));
    authority = await Authority.make("Plant");
    const issued = await authority.issue("localhost", { names: "DNS:localhost,IP:127.0.0.1" });
    cluster = await Cluster.start(authority, issued);
    simulator = await startSimulator({ directory: join(directory, "agent"), port: 0, registrationPort: 0 });
    simulator.on("request", ({ operation, topic, payload, answers }) => {
      const isRefused = answers.some((answer) => answer.topic.endsWith("/error/inbox"));
      if (operation !== "pushValues" || isRefused) return;
      const { timestamp = 0 } = JSON.parse(payload) as { timestamp?: number };
      taken.push({ sensorId: topic.split("/")[4] ?? "", timestamp });
    });
    repository = await Repository.make(directory, join(FLEET, "gateway"));
    // Its session is there before anybody sends; then it begins with the node that will be killed.
    await (await Reader.start(cluster, authority.certificate)).stop();
    reader = await Reader.start(cluster, authority.certificate, await cluster.leader());
    for (let start = 0; start < COUNT; start += TOGETHER) {
      const names = NAMES.slice(start, start + TOGETHER);
      const starts = await Promise.allSettled(names.map((name, index) => startGateway(name, start + index)));
      for (const started of starts) if (started.status === "rejected") throw started.reason;
    }

    async function startGateway(name: string, index: number): Promise<void> {
      const nodes = cluster.nodes.map(({ mqttPort }) => `127.0.0.1:${mqttPort}`);
      const gateway = await Gateway.start(repository, name, {
        AGENT_PORT: String(simulator.port),
        AGENT_REGISTRATION_PORT: String(simulator.registrationPort),
        AGENT_CA: simulator.ca,
        CLUSTER: [...nodes.slice(index % 3), ...nodes.slice(0, index % 3)].join(" "),
        CLUSTER_CA: authority.certificateFile,
        CLUSTER_PASSWORD: PASSWORDS.gateway,
        GATEWAY_CERTIFICATE: issued.certificateFile,
        GATEWAY_KEY: issued.keyFile,
        SCRAPE_TOKEN,
        UPDATE_TOKEN: "for-updates",
      });
      gateways.push(gateway);
    }
  });

  after(async () => {
    await reader?.stop();
    await Promise.all(gateways.map((gateway) => gateway.stop()));
    await cluster?.stop();
    await simulator?.stop();
    for (const folder of [directory, authority?.directory])
      if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  });

  it("hears each of them by its name: that it is up, its live data, its health, its sensors", async () => {
    for (const kind of ["up", "live", "health", "names"]) await untilHeard(kind);
    const { heard } = reader;
    for (const { gateway, kind, payload } of heard)
      if (kind !== "up") assert.equal(payload.gateway, gateway, kind);
    const names = heard.filter(({ kind }) => kind === "names");
    assert.ok(names.some(({ payload }) => namesOf(payload).join() === "Oven,Press"));
    // The first of each may say that it registers still.
    await untilHeard("health", ({ state }) => state === "connected");
  });

  it("gives each of them an identity of its own, which git leaves alone", async () => {
    const identities = await Promise.all(gateways.map((gateway) => gateway.identities()));
    assert.ok(identities.every(({ length }) => length === 1));
    assert.equal(new Set(identities.flat()).size, COUNT);
    assert.deepEqual(
      await Promise.all(gateways.map((gateway) => gateway.changes())),
      NAMES.map(() => ""),
    );
  });

  it("takes what all of them send at once", async () => {
    const begun = Date.now();
    await Promise.all(gateways.map((gateway) => burst(gateway)));
    const arrived = await until("the burst has arrived", () => {
      const burst = reader.heard.filter(({ kind }) => kind === "burst");
      return new Set(burst.map(({ payload }) => payload.number)).size === COUNT * BURST && burst;
    });
    const seconds = (Math.max(...arrived.map(({ time }) => time)) - begun) / 1000;
    console.log(
      `      ${COUNT * BURST} messages at QoS 1, ${Math.round((COUNT * BURST) / seconds)} a second`,
    );
  });

  it("loses nothing at QoS 1 when the broker is killed that leads, and that the reader is connected to", async () => {
    const from = Date.now();
    await pause(3000);
    const { name, program } = await cluster.leader();
    const killed = Date.now();
    await program.kill();
    const { name: next } = await until("another one leads", async () => {
      const leader = await cluster.leader();
      return leader.name !== name && leader;
    });
    await pause(8000);
    const sent = taken.filter(({ timestamp }) => timestamp >= from && timestamp < Date.now());
    const since = (): Heard[] => reader.heard.filter(({ kind }) => kind === "live");
    const missing = (): Taken[] => {
      const keys = new Set(since().map(({ payload }) => keyOf(payload)));
      return sent.filter((push) => !keys.has(keyOf(push)));
    };
    await until("all that the agent took is heard", () => missing().length === 0, missing);
    const seconds = (Date.now() - from) / 1000;
    const again = since().length - new Set(since().map(({ payload }) => keyOf(payload))).size;
    console.log(
      `      ${sent.length} pushes, ${Math.round(sent.length / seconds)} a second, none lost, ${again} twice; ` +
        `${name} was killed, ${next} leads, nothing was heard for ${silence(since(), killed)} ms`,
    );
  });

  it("runs what is in the repository after update.sh: a flow, and a row of the table more", async () => {
    await repository.change("flows.json", (flow) => flow.replaceAll("/live/", "/values/"));
    await repository.change("table.csv", (table) => `${table}oven.temperature;Oven;raw;integer;;all\n`);
    for (const gateway of gateways) await gateway.update();
    await untilHeard("values");
    await until("all ovens have three metrics", () => {
      const full = reader.heard.filter(
        ({ kind, payload }) => kind === "values" && Object.keys(payload.values as object).length === 3,
      );
      return new Set(full.map(({ gateway }) => gateway)).size === COUNT;
    });
  });

  it("is asked by Prometheus, which knows each of them by its name", async function () {
    needs(this, "prometheus");
    const folder = join(directory, "prometheus");
    await cp(join(FLEET, "cluster"), folder, { recursive: true });
    await writeFile(join(folder, "scrape.token"), SCRAPE_TOKEN);
    await writeFile(join(folder, "plant-ca.crt"), authority.certificate);
    const targets = gateways.map(({ address }) => address);
    await writeFile(join(folder, "gateways.json"), JSON.stringify([{ targets }]));
    await run("promtool", ["check", "config", join(folder, "prometheus.yml")]);
    const prometheus = await Prometheus.startWith(join(folder, "prometheus.yml"));
    try {
      await until("all are up", async () => (await prometheus.value('sum(up{job="gateways"})')) === COUNT);
      const connected = "count(count by (name) (teamviewer_iot_connected == 1))";
      assert.equal(await prometheus.value(connected), COUNT);
    } finally {
      await prometheus.stop();
    }
  });

  it("hears of each of them, by its name, that its agent is gone", async () => {
    const from = Date.now();
    await simulator.stop();
    const told = (): Heard[] =>
      reader.heard.filter(({ kind, payload }) => kind === "errors" && Number(payload.time) >= from);
    await until("an error of each", () => new Set(told().map(({ gateway }) => gateway)).size === COUNT, told);
    for (const { gateway, payload } of told()) {
      assert.equal(payload.gateway, gateway);
      assert.match(String(payload.name), /^[A-Z]\w+$/);
      assert.equal(typeof payload.message, "string");
    }
  });

  function untilHeard(
    kind: string,
    isSo: (payload: Heard["payload"]) => boolean = () => true,
  ): Promise<unknown> {
    const missing = (): string[] => NAMES.filter((name) => !reader.gateways(kind, isSo).has(name));
    return until(
      `${kind} of all`,
      () => missing().length === 0,
      () => [missing(), reader.heard.length, gateways[0]?.log()],
    );
  }
});

function namesOf({ sensors }: Heard["payload"]): string[] {
  return (sensors as { name: string }[]).map(({ name }) => name).sort();
}

/** As the flow does it, through the gateway's own Mosquitto. */
async function burst({ name, broker }: Gateway): Promise<void> {
  const client = await connectAsync(broker);
  const publish = (number: number): Promise<unknown> => {
    const payload = JSON.stringify({ gateway: name, number: `${name} ${number}` });
    return client.publishAsync(`fleet/${name}/burst`, payload, { qos: 1 });
  };
  await Promise.all(Array.from({ length: BURST }, (_, number) => publish(number)));
  await client.endAsync();
}

/** The longest time between two messages since the kill. */
function silence(heard: readonly { time: number }[], from: number): number {
  const times = [from, ...heard.map(({ time }) => time).filter((time) => time >= from)];
  return Math.max(...times.slice(1).map((time, index) => time - times[index]!));
}
