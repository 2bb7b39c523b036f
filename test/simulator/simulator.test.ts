/** The simulator as the nodes use it: started and stopped in one process, with its files and faults. */
import assert from "node:assert/strict";
import { createHash, generateKeyPairSync } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectAsync, type MqttClient } from "mqtt";
import forge from "node-forge";
import { startSimulator, type Simulator, type SimulatorOptions } from "../../src/simulator";

const { publicKey, privateKey } = generateKeyPairSync("rsa", {
  modulusLength: 2048,
  publicKeyEncoding: { type: "spki", format: "pem" },
  privateKeyEncoding: { type: "pkcs1", format: "pem" },
});

function makeRequest(): string {
  const request = forge.pki.createCertificationRequest();
  request.publicKey = forge.pki.publicKeyFromPem(publicKey);
  request.setSubject([{ name: "commonName", value: "test" }]);
  request.sign(forge.pki.privateKeyFromPem(privateKey), forge.md.sha256.create());
  return forge.pki.certificationRequestToPem(request);
}

const CSR = makeRequest();

describe("startSimulator", function () {
  const directory = mkdtempSync(join(tmpdir(), "simulator-"));
  const home = join(directory, "home");
  const running: Simulator[] = [];
  const clients: MqttClient[] = [];
  const start = async (options: Partial<SimulatorOptions> = {}) => {
    const simulator = await startSimulator({ directory: home, ...options });
    running.push(simulator);
    return simulator;
  };
  afterEach(async () => {
    for (const client of clients.splice(0)) client.end(true);
    for (const simulator of running.splice(0)) await simulator.stop();
    rmSync(join(home, "faults.json"), { force: true });
  });
  after(() => rmSync(directory, { recursive: true, force: true }));

  const connect = async ({ port, ca }: { port: number; ca: string }, certificate?: string) => {
    const client = await connectAsync(`mqtts://localhost:${port}`, {
      ca: readFileSync(ca),
      cert: certificate,
      key: certificate && privateKey,
      reconnectPeriod: 0,
      connectTimeout: 5000,
    });
    client.on("error", () => undefined);
    clients.push(client);
    return client;
  };

  const nextMessage = (client: MqttClient) =>
    new Promise<[string, string]>((resolve) => {
      client.once("message", (topic, payload) => resolve([topic, payload.toString()]));
    });

  const closing = (client: MqttClient) => new Promise<void>((resolve) => client.once("close", resolve));

  const register = async (simulator: Simulator) => {
    const { registrationPort, ca } = simulator;
    const applicant = await connect({ port: registrationPort, ca });
    await applicant.subscribeAsync(`/certBack/${createHash("sha256").update(CSR).digest("hex")}`);
    applicant.publish("/v1.0/createClient", CSR);
    const [, certificate] = await nextMessage(applicant);
    const name = forge.pki.certificateFromPem(certificate).subject.getField("CN") as { value: string };
    return { certificate, own: `/v1.0/${name.value}` };
  };

  const ask = async (client: MqttClient, topic: string, message: string, filter: string) => {
    await client.subscribeAsync(filter);
    const answer = nextMessage(client);
    client.publish(topic, message);
    return answer;
  };

  it("keeps its authority, clients, sensors and values over a restart", async () => {
    const first = await start();
    const { certificate, own } = await register(first);
    const client = await connect(first, certificate);
    const push = '{"metrics":[{"metricId":"t","value":7}]}';
    await ask(client, `${own}/sensor/press/metric/pushValues`, push, `${own}/sensor/press/info/inbox`);
    assert.deepEqual(first.counts, { clients: 1, sensors: 1, metrics: 1, requests: 2, values: 1 });
    await first.stop();
    if (process.platform !== "win32") assert.equal(statSync(join(home, "state.json")).mode & 0o777, 0o600);

    const second = await start();
    assert.deepEqual(second.counts, { clients: 1, sensors: 1, metrics: 1, requests: 0, values: 0 });
    const again = await connect(second, certificate);
    const metric = `${own}/sensor/press/metric/t/inventory`;
    const [, description] = await ask(again, metric, "{}", `${metric}/inbox`);
    assert.equal((JSON.parse(description) as { value: number }).value, 7);
  });

  it("tells of every request with its answers", async () => {
    const simulator = await start();
    const { certificate, own } = await register(simulator);
    const client = await connect(simulator, certificate);
    const request = once(simulator, "request");
    client.publish(`${own}/ping`, '{"request":"x"}');
    const [told] = (await request) as [Record<string, unknown>];
    assert.deepEqual(
      { ...told, time: typeof told.time },
      {
        time: "number",
        clientId: own.slice("/v1.0/".length),
        topic: `${own}/ping`,
        payload: '{"request":"x"}',
        operation: "ping",
        answers: [{ topic: `${own}/ping/info/inbox`, payload: '{"answer":"x"}' }],
      },
    );
  });

  it("ends the connections while the agent is stopped by fault, and takes them again on the same ports", async () => {
    const simulator = await start();
    const { port } = simulator;
    const { certificate } = await register(simulator);
    const client = await connect(simulator, certificate);
    const closed = closing(client);
    simulator.setFaults({ stopped: true });
    await closed;
    await assert.rejects(connect(simulator, certificate), { code: "ECONNREFUSED" });
    simulator.setFaults({ stopped: false });
    assert.equal(simulator.port, port);
    for (;;) {
      try {
        await connect(simulator, certificate);
        break;
      } catch (error) {
        assert.equal((error as NodeJS.ErrnoException).code, "ECONNREFUSED");
      }
    }
  });

  it("signs certificates that end soon when told so", async () => {
    const simulator = await start({ faults: { certificateSeconds: 60 } });
    const { certificate } = await register(simulator);
    const { notBefore, notAfter } = forge.pki.certificateFromPem(certificate).validity;
    assert.equal(notAfter.getTime() - notBefore.getTime(), 60_000);
  });

  it("takes faults from faults.json, over those it was started with, and drops them with the file", async () => {
    const simulator = await start({ faults: { delay: 1 } });
    const changed = async (act: () => void) => {
      const faults = once(simulator, "faults");
      act();
      await faults;
    };
    const file = join(home, "faults.json");
    await changed(() => writeFileSync(file, '{"quoted":true}'));
    assert.equal(simulator.faults.quoted, true);
    assert.equal(simulator.faults.delay, 1);
    await changed(() => writeFileSync(file, '{"delay":2}'));
    assert.equal(simulator.faults.quoted, false);
    assert.equal(simulator.faults.delay, 2);
    await changed(() => rmSync(file));
    assert.equal(simulator.faults.delay, 1);
  });

  for (const [content, expected] of [
    ['{"lose":3}', /Fault lose is 3; allowed: a share/],
    ["{lose", /faults\.json is "\{lose"; allowed: a JSON object/],
  ] as const) {
    it(`goes on with a faults.json of ${content}, and says what is wrong`, async () => {
      const simulator = await start();
      const problem = once(simulator, "problem");
      writeFileSync(join(home, "faults.json"), content);
      const [error] = (await problem) as [Error];
      assert.match(error.message, expected);
      assert.equal(simulator.faults.lose, 0);
    });
  }

  it("refuses a wrong fault by setter and changes nothing", async () => {
    const simulator = await start();
    assert.throws(() => simulator.setFaults({ delay: 5, lose: 7 }), /Fault lose is 7/);
    assert.equal(simulator.faults.delay, 0);
  });

  it("says which port is in use, and leaves nothing behind", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await once(other, "listening");
    const { port } = other.address() as AddressInfo;
    await assert.rejects(start({ registrationPort: port, host: "127.0.0.1" }), {
      name: "PortInUse",
      message: new RegExp(`The port ${port} is in use`),
    });
    other.close();
  });

  it("says so when its directory cannot be made", async () => {
    const file = join(directory, "file");
    writeFileSync(file, "");
    await assert.rejects(start({ directory: file }), {
      name: "SimulatorFailed",
      message: /the directory .*file cannot be made or written \(EEXIST\)/,
    });
  });

  it("says so when its state is damaged, instead of beginning anew over it", async () => {
    const damaged = mkdtempSync(join(directory, "damaged-"));
    writeFileSync(join(damaged, "state.json"), "{");
    await assert.rejects(start({ directory: damaged }), { message: /state\.json is not valid JSON/ });
    assert.equal(readFileSync(join(damaged, "state.json"), "utf8"), "{");
  });

  it("can be stopped twice", async () => {
    const simulator = await start();
    await Promise.all([simulator.stop(), simulator.stop()]);
    assert.ok(existsSync(simulator.ca));
  });

  it("closes a connection whose packet is too long, and serves the next one", async () => {
    const simulator = await start();
    const { certificate, own } = await register(simulator);
    const client = await connect(simulator, certificate);
    const closed = closing(client);
    client.publish(`${own}/ping`, Buffer.alloc(2 * 1024 * 1024));
    await closed;
    const next = await connect(simulator, certificate);
    const [, answer] = await ask(next, `${own}/ping`, '{"request":"x"}', `${own}/ping/info/inbox`);
    assert.equal(answer, '{"answer":"x"}');
  });

  it("refuses MQTT 3.1 under the name of 3.1.1, as Mosquitto does", async () => {
    const simulator = await start();
    const client = connectAsync(`mqtts://localhost:${simulator.registrationPort}`, {
      ca: readFileSync(simulator.ca),
      protocolVersion: 3,
      protocolId: "MQTT",
      reconnectPeriod: 0,
    });
    await assert.rejects(client, /Unacceptable protocol version/);
  });
});
