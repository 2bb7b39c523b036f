/** What a client, and whoever is on the registration port, can hear and reach of another client: nothing (both brokers). */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { IClientOptions, MqttClient } from "mqtt";
import { startSimulator, type Simulator } from "../../src/simulator";
import { needs } from "../support/needs";
import { connect, ping, register, type Registered } from "./client";

for (const broker of ["embedded", "mosquitto"] as const) {
  describe(`A neighbour of a client of a simulator with the broker ${broker}`, function () {
    const directory = mkdtempSync(join(tmpdir(), "access-"));
    let simulator: Simulator;
    let victim: Registered;
    let other: Registered;
    let client: MqttClient;
    let clients: MqttClient[];

    before(async function () {
      if (broker === "mosquitto") needs(this, "mosquitto");
      simulator = await startSimulator({ directory, broker });
      victim = await register(simulator);
      other = await register(simulator);
    });
    beforeEach(async () => {
      clients = [];
      client = await joined(victim);
    });
    afterEach(() => Promise.all(clients.map((each) => each.endAsync(true))));
    after(async () => {
      await simulator?.stop();
      rmSync(directory, { recursive: true, force: true });
    });

    async function joined(who: Registered | undefined, options: IClientOptions = {}): Promise<MqttClient> {
      const made = await connect(simulator, who?.certificate, options);
      clients.push(made);
      return made;
    }

    /** A registered client, and whoever has no certificate. */
    const NEIGHBOURS = [
      ["another client", () => other],
      ["somebody on the registration port", () => undefined],
    ] as const;

    for (const [who, neighbour] of NEIGHBOURS) {
      it(`hears nothing of it, whatever it subscribes to: ${who}`, async () => {
        const filters = ["#", "+/#", "/+/+/#", "/v1.0/#", "$share/a/#", `$share/a/${victim.own}/#`].concat([
          `${victim.own}/#`,
          `${victim.own}/ping/info/inbox`,
          "/v1.0/+/ping/info/inbox",
        ]);
        for (const filter of filters) {
          // A refusal may end the connection.
          const spy = await joined(neighbour());
          let heard = "";
          spy.on("message", (topic) => (heard = topic));
          await spy.subscribeAsync(filter).catch(() => undefined);
          assert.equal(await ping(client, victim.own), '{"answer":"x"}');
          assert.equal(await ping(await joined(other), other.own), '{"answer":"x"}');
          // What was published to it came before the answer to this, where it is connected still.
          if (spy.connected) await spy.unsubscribeAsync(filter).catch(() => undefined);
          assert.ok(!heard.startsWith(victim.own), `${filter} heard ${heard}`);
        }
      });

      it(`cannot ask for it, nor answer it, also not by its last will: ${who}`, async () => {
        const heard: string[] = [];
        await client.subscribeAsync(`${victim.own}/#`);
        client.on("message", (topic) => heard.push(topic));
        const forged = ["ping", "ping/info/inbox", "delete", "sensor/list", "sensor/s/livedata"];
        for (const topic of forged.map((path) => `${victim.own}/${path}`)) {
          const forger = await joined(neighbour());
          forger.publish(topic, '{"request":"forged"}', { qos: 1 });
          forger.publish(topic, '{"request":"forged"}', { retain: true });
          const dying = await joined(neighbour(), {
            will: { topic, payload: Buffer.from("{}"), qos: 0, retain: false },
          });
          // Without a farewell: the broker publishes the will.
          dying.stream.destroy();
        }
        const third = await register(simulator);
        assert.equal(await ping(await joined(third), third.own), '{"answer":"x"}');
        client.publish(`${victim.own}/ping`, '{"request":"last"}');
        while (!heard.includes(`${victim.own}/ping/info/inbox`)) await new Promise(setImmediate);
        // Its own request comes back, and its answer.
        assert.deepEqual(
          heard.filter((topic) => topic !== `${victim.own}/ping`),
          [`${victim.own}/ping/info/inbox`],
        );
      });
    }

    it("cannot forge a certificate for whoever registers", async () => {
      const listener = await joined(undefined);
      await listener.subscribeAsync("/certBack/abc");
      const heard: string[] = [];
      listener.on("message", (topic, payload) => heard.push(`${topic} ${payload.toString()}`));
      for (const [, neighbour] of NEIGHBOURS) {
        const will = {
          topic: "/certBack/abc",
          payload: Buffer.from("forged"),
          qos: 0 as const,
          retain: false,
        };
        const forger = await joined(neighbour(), { will });
        forger.publish("/certBack/abc", "forged", { qos: 1 });
        forger.stream.destroy();
      }
      // Whoever registers meanwhile gets an answer.
      await register(simulator);
      assert.deepEqual(heard, []);
    });
  });
}
