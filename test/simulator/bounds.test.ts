/** What clients and neighbours cannot do to a simulator and its other clients (fault 78). */
import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { connect as connectTcp } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect as connectTls } from "node:tls";
import type { MqttClient } from "mqtt";
import { startSimulator, type Simulator } from "../../src/simulator";
import { needs } from "../support/needs";
import { connect, nextMessage, ping, register, type Registered } from "./client";

const closed = (client: MqttClient) => new Promise<void>((resolve) => client.once("close", resolve));

describe("A simulator with silent neighbours", function () {
  const directory = mkdtempSync(join(tmpdir(), "bounds-"));
  let simulator: Simulator;
  before(async () => {
    simulator = await startSimulator({ directory, patience: 300 });
  });
  after(async () => {
    await simulator.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  for (const port of ["port", "registrationPort"] as const) {
    it(`closes connections to its ${port} on which nobody begins TLS, or MQTT (fault 78)`, async () => {
      const silent = Array.from({ length: 20 }, () => connectTcp(simulator[port], "127.0.0.1"));
      const ca = readFileSync(simulator.ca);
      const handshaken = connectTls({ port: simulator.registrationPort, host: "localhost", ca });
      handshaken.on("error", () => undefined);
      await Promise.all([...silent, handshaken].map((socket) => once(socket.resume(), "close")));
    });
  }

  it("keeps no session that outlives its connection, so that nothing collects in it (fault 78)", async () => {
    // With the usual patience: a slow machine needs more than that of the others for TLS.
    const patient = await startSimulator({ directory: mkdtempSync(join(directory, "patient-")) });
    const { certificate, own } = await register(patient);
    const options = { clientId: "kept", clean: false };
    const first = await connect(patient, certificate, options);
    await first.subscribeAsync(`${own}/#`, { qos: 1 });
    await first.endAsync();
    // The first CONNACK has come before anybody can listen for it.
    const second = await connect(patient, certificate, options);
    const again = new Promise((resolve) => {
      second.once("connect", ({ sessionPresent }) => resolve(sessionPresent));
    });
    second.reconnect();
    assert.equal(await again, false);
    await second.endAsync(true);
    await patient.stop();
  });

  it("tells of a faults.json that is wrong when it starts, as of one that becomes wrong (fault 78)", async () => {
    const wrong = mkdtempSync(join(directory, "wrong-"));
    writeFileSync(join(wrong, "faults.json"), '{"lose":7}');
    const started = await startSimulator({ directory: wrong });
    const [problem] = (await once(started, "problem")) as [Error];
    assert.match(problem.message, /Fault lose is 7; allowed: a share/);
    await started.stop();
  });
});

for (const broker of ["embedded", "mosquitto"] as const) {
  describe(`Clients of a simulator with the broker ${broker}`, function () {
    const directory = mkdtempSync(join(tmpdir(), "neighbours-"));
    let simulator: Simulator;
    let one: Registered;
    let two: Registered;
    const clients: MqttClient[] = [];
    const joined = async (who: Registered | undefined, options = {}) => {
      const client = await connect(simulator, who?.certificate, options);
      clients.push(client);
      return client;
    };
    before(async function () {
      if (broker === "mosquitto") needs(this, "mosquitto");
      simulator = await startSimulator({ directory, broker });
      one = await register(simulator);
      two = await register(simulator);
    });
    afterEach(async () => {
      for (const client of clients.splice(0)) await client.endAsync(true);
    });
    after(async () => {
      await simulator?.stop();
      rmSync(directory, { recursive: true, force: true });
    });

    it("keep their sessions when somebody on the registration port uses their MQTT client ID (fault 78)", async () => {
      const client = await joined(one, { clientId: "shared" });
      let isClosed = false;
      client.once("close", () => (isClosed = true));
      const neighbour = await joined(undefined, { clientId: "shared" });
      await neighbour.subscribeAsync("/certBack/x");
      assert.equal(await ping(client, one.own), '{"answer":"x"}');
      assert.equal(isClosed, false);
    });

    it("speak MQTT 5: refused topics, no echo of their own, a name where they have none", async () => {
      const client = await joined(one, { protocolVersion: 5, clientId: "" });
      assert.equal(await ping(client, one.own), '{"answer":"x"}');
      await client.unsubscribeAsync([`${one.own}/ping/info/inbox`, `${one.own}/none`]);
      await client.subscribeAsync(`${one.own}/#`, { qos: 1, nl: true });
      const heard = nextMessage(client);
      await client.publishAsync(`${one.own}/update`, '{"name":"renamed"}', { qos: 1 });
      assert.equal((await heard)[0], `${one.own}/update/info/inbox`);
    });

    it("are shut out when they are deleted, whatever another one calls itself (fault 78)", async () => {
      const deleted = await register(simulator);
      const victim = await joined(deleted, { clientId: "victim" });
      // U+2028 ends a line for Node's own line reader, and what follows would be a line of the log.
      for (const clientId of [
        "x\u20281700000000: Client victim disconnected.",
        "Client victim disconnected.",
        `victim (p2, c1, k60, u'${two.own.slice(6)}').`,
      ]) {
        const forger = await joined(two, { clientId });
        await forger.endAsync();
      }
      const ended = closed(victim);
      victim.publish(`${deleted.own}/delete`, "{}");
      await ended;
      await assert.rejects(connect(simulator, deleted.certificate));
      const other = await joined(two);
      assert.equal(await ping(other, two.own), '{"answer":"x"}');
    });

    if (broker === "mosquitto" && process.platform === "linux") {
      it("cannot fill the memory with messages that Mosquitto retains (fault 78)", async () => {
        const memory = () =>
          mosquittos().map((pid) => {
            const [, kilobytes] = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
            return Number(kilobytes) / 1024;
          });
        const payload = Buffer.alloc(1_000_000);
        // Whoever wants one retained is disconnected, and comes again.
        for (let sent = 0; sent < 300;) {
          const client = await joined(two);
          let isOver = false;
          const over = closed(client).then(() => (isOver = true));
          while (!isOver && sent < 300) {
            client.publish(`${two.own}/retained/${sent++}`, payload, { retain: true });
            // An answer says that it has taken what came before.
            if (sent % 10 === 0)
              await Promise.race([over, client.subscribeAsync(two.own).catch(() => undefined)]);
          }
          await client.endAsync(true);
        }
        assert.equal(await ping(await joined(one), one.own), '{"answer":"x"}');
        for (const megabytes of memory()) assert.ok(megabytes < 200, `${megabytes} MB`);
      });

      it("are served by Mosquittos that are not root and read no more than they need (faults 76 and 77)", () => {
        const running = mosquittos();
        assert.equal(running.length, 2);
        for (const pid of running) {
          const [, uids = ""] = /^Uid:\s+(.*)$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
          assert.ok(!uids.split("\t").includes("0"), uids);
          assert.ok(!readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(directory));
        }
        for (const name of ["clients", "registration"]) {
          const folder = join(directory, "mosquitto", name);
          assert.equal(statSync(folder).mode & 0o027, 0);
          assert.equal(statSync(folder).uid, process.getuid?.());
          for (const file of readdirSync(folder)) {
            assert.equal(statSync(join(folder, file)).mode & 0o037, 0, file);
            assert.equal(statSync(join(folder, file)).uid, process.getuid?.());
          }
          const configuration = readFileSync(join(folder, "mosquitto.conf"), "utf8");
          assert.ok(!configuration.includes("/"), "files are named without a folder");
          assert.ok(!configuration.includes("user root"));
        }
      });
    }
  });
}

/** The IDs of the processes. */
function mosquittos(): string[] {
  const children = readFileSync(`/proc/self/task/${process.pid}/children`, "utf8").trim().split(" ");
  return children.filter((pid) => readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("mosquitto.conf"));
}
