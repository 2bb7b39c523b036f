/** The API document's examples and errors, run with Mosquitto's commands against the simulator on both brokers. */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Agent, Client, type Listener } from "./agent";
import { ACCEPTED } from "./accepted";
import { DOCUMENT, EXAMPLES } from "./examples";
import { REFUSED, REFUSED_REQUESTS } from "./refusals";
import { titleOfAccepted, titleOfExample, titleOfRefused, titleOfRefusedRequest } from "./titles";
import { needs } from "../support/needs";

for (const broker of ["embedded", "mosquitto"]) {
  describe(`conformance with the API document, broker ${broker}`, function () {
    before(function () {
      needs(this, "mosquitto", "mosquitto-clients", "openssl");
    });
    const agent = new Agent(broker);
    before(() => agent.start());
    after(() => agent.dispose());

    for (const version of ["mqttv31", "mqttv311", "mqttv5"]) {
      describe(`the document's command lines over ${version}`, () => {
        let client: Client;
        before(async () => {
          client = new Client(agent, `-V ${version}`);
          await client.register();
        });

        it("createClient answers a certificate that names a client ID", () => {
          assert.match(client.clientId, /^[0-9a-f]{32}$/);
        });

        for (const example of EXAMPLES.filter(({ subscribe }) => subscribe !== undefined)) {
          it(titleOfExample(example), async () => {
            const { publish, subscribe = "", answer = "", operation } = example;
            const heard = (await client.ask(publish, subscribe)).trimEnd();
            learn(client, operation, heard);
            compare(heard, client.substitute(answer));
          });
        }

        it(titleOfExample({ operation: "deleteClient" }), async () => {
          const example = EXAMPLES.find(({ operation }) => operation === "deleteClient");
          const listener = await client.listen(`/v1.0/${client.clientId}/#`);
          await client.run(example?.publish ?? "");
          await listener.ended();
          const own = `/v1.0/${client.clientId}/delete`;
          assert.deepEqual(
            listener.heard.map(({ topic }) => topic),
            [own],
            "nothing is answered",
          );
          await assert.rejects(client.run(EXAMPLES[0]?.publish ?? ""), /refused|lost|error/i);
        });
      });
    }

    describe("what the agent takes and refuses", () => {
      let client: Client;
      let listener: Listener;
      const ids: [string, string][] = [];
      /** How many messages of a topic have been looked at. */
      const counts = new Map<string, number>();
      const fill = (text: string) => ids.reduce((result, [from, to]) => result.replaceAll(from, to), text);

      before(async () => {
        client = new Client(agent);
        await client.register();
        const own = `/v1.0/${client.clientId}`;
        listener = await client.listen(`${own}/#`);
        await client.publish(`${own}/sensor/create`, '{"name":"conformance"}');
        const { sensorId } = JSON.parse(await listener.wait(`${own}/sensor/inbox`)) as { sensorId: string };
        await client.publish(
          `${own}/sensor/${sensorId}/metric/create`,
          '{"metrics":[{"matchingId":"METRIC","name":"load","valueUnit":"NoSI.Dimensionless.PERCENT"},{"matchingId":"COUNT","name":"count","valueType":"integer","valueAnnotation":"pieces"}]}',
        );
        const created = JSON.parse(await listener.wait(`${own}/sensor/${sensorId}/metric/inbox`)) as {
          matchingId: string;
          metricId: string;
        }[];
        await client.publish(
          `${own}/sensor/taken/metric/pushValues`,
          '{"metrics":[{"metricId":"x","value":1}]}',
        );
        await listener.wait(`${own}/sensor/taken/livedata`);
        await client.publish(
          `${own}/sensor/deleted/metric/pushValues`,
          '{"metrics":[{"metricId":"x","value":1}]}',
        );
        await client.publish(`${own}/sensor/deleted/delete`, "{}");
        await listener.wait(`${own}/sensor/deleted/delete/info/inbox`);
        for (const { matchingId, metricId } of created) ids.push([matchingId, metricId]);
        ids.push(["SENSOR", sensorId]);
        counts.set(`${own}/sensor/${sensorId}/metric/inbox`, 1);
      });
      after(() => listener.close());

      const topicOf = (text: string) => fill(text.replace(/^P\//, `/v1.0/${client.clientId}/`));
      const next = (topic: string) => {
        counts.set(topic, (counts.get(topic) ?? 0) + 1);
        return listener.wait(topic, counts.get(topic));
      };

      /** The control file takes effect a moment after it is written: until a harmless request is answered so. */
      const switchFaults = async (faults: Record<string, unknown>, code: number | undefined) => {
        agent.setFaults(faults);
        const list = topicOf("P/sensor/list");
        const answer = topicOf(code === undefined ? "P/inventory/inbox" : "P/inventory/error/inbox");
        const isInForce = () =>
          listener.heard
            .slice(heardBefore)
            .some(
              ({ topic, payload }) =>
                topic === answer && (code === undefined || payload.includes(`"errorcode":${code}`)),
            );
        const heardBefore = listener.heard.length;
        while (!isInForce()) await client.publish(list, "{}");
        const errors = topicOf("P/inventory/error/inbox");
        counts.set(errors, listener.heard.filter(({ topic }) => topic === errors).length);
      };

      for (const row of ACCEPTED) {
        it(titleOfAccepted(row), async () => {
          await client.publish(topicOf(row.topic), fill(row.message));
          assert.match(await next(topicOf(row.answerTopic)), row.answer);
        });
      }

      for (const row of REFUSED) {
        it(titleOfRefused(row), async () => {
          if (row.faults) await switchFaults(row.faults, row.code);
          await client.publish(topicOf(row.topic), fill(row.message));
          const answer = JSON.parse(await next(topicOf(row.errorTopic))) as Record<string, unknown>;
          assert.equal(answer.errorcode, row.code, JSON.stringify(answer));
          assert.ok(typeof answer.errorMessage === "string" && answer.errorMessage !== "");
          assert.deepEqual(answer.metrics, row.metrics?.map(fill));
          if (row.faults) await switchFaults({}, undefined);
        });
      }

      for (const row of REFUSED_REQUESTS) {
        it(titleOfRefusedRequest(row), async () => {
          const applicant = new Client(agent);
          const file = join(applicant.directory, "csr.pem");
          if (row.subject === undefined) writeFileSync(file, row.content ?? "");
          else {
            const key = row.key ?? "rsa:2048";
            const make = `openssl req -utf8 -nodes -new -newkey ${key} -out csr.pem -subj '${row.subject}'`;
            await applicant.run(make);
          }
          const hash = (await applicant.run("openssl dgst -sha256 csr.pem")).trim().split("= ")[1] ?? "";
          const login = `-h localhost -p ${agent.registrationPort} --cafile ${agent.ca}`;
          const payload = row.content === "" ? "-n" : "-f csr.pem";
          const answer = await applicant.ask(
            `mosquitto_pub ${login} -t /v1.0/createClient ${payload}`,
            `mosquitto_sub ${login} -t /certBack/${hash}/error`,
          );
          assert.equal((JSON.parse(answer) as { errorcode: number }).errorcode, row.code, answer);
        });
      }

      for (const [form, hashed] of [
        ["the file", "cat csr.pem"],
        ["what was sent", 'printf %s "$(cat csr.pem)"'],
      ]) {
        it(`answers a signing request whose last newline a shell took away on the hash of ${form}`, async () => {
          const applicant = new Client(agent);
          await applicant.run(
            "openssl req -nodes -new -newkey rsa:2048 -keyout privkey.pem -out csr.pem -subj /CN=shell",
          );
          const digest = await applicant.run(`${hashed} | openssl dgst -sha256`);
          const hash = digest.trim().split("= ")[1] ?? "";
          const login = `-h localhost -p ${agent.registrationPort} --cafile ${agent.ca}`;
          const answer = await applicant.ask(
            `mosquitto_pub ${login} -t /v1.0/createClient -m "$(cat csr.pem)"`,
            `mosquitto_sub ${login} -t /certBack/${hash}`,
          );
          assert.match(answer, /^-----BEGIN CERTIFICATE-----/);
        });
      }

      it("answers every one of 1,000 malformed requests", async () => {
        const topic = topicOf("P/sensor/create");
        const messages = Array.from(
          { length: 1000 },
          (_, index) => MALFORMED[index % MALFORMED.length] ?? "",
        );
        const errors = topicOf("P/sensor/error/inbox");
        const before = counts.get(errors) ?? 0;
        await client.publishLines(topic, messages);
        await listener.wait(errors, before + 1000);
        counts.set(errors, before + 1000);
      });
    });

    describe("who may do what", () => {
      let one: Client;
      let two: Client;
      before(async () => {
        one = new Client(agent);
        two = new Client(agent);
        await one.register();
        await two.register();
      });

      it("a client hears nothing of another one and cannot send in its name", async () => {
        const hearing = await one.listen(`/v1.0/${one.clientId}/#`);
        const spying = await one.listen(`/v1.0/${one.clientId}/x' -t '/v1.0/${two.clientId}/#`);
        await one.publish(`/v1.0/${two.clientId}/sensor/create`, '{"name":"forged"}');
        const other = await two.listen(`/v1.0/${two.clientId}/#`);
        await two.publish(`/v1.0/${two.clientId}/sensor/list`, "{}");
        assert.equal(await other.wait(`/v1.0/${two.clientId}/inventory/inbox`), "[]");
        // What was said to the other one has been delivered by now, to whom it may concern.
        await one.publish(`/v1.0/${one.clientId}/ping`, '{"request":"x"}');
        await hearing.wait(`/v1.0/${one.clientId}/ping/info/inbox`);
        assert.deepEqual(spying.heard, []);
        for (const listener of [hearing, spying, other]) await listener.close();
      });

      it("the registration port takes nothing but registrations, under any name", async () => {
        const heard = await one.listen(`/v1.0/${one.clientId}/#`);
        const login = `-h localhost -p ${agent.registrationPort} --cafile ${agent.ca}`;
        for (const user of ["", `-u ${one.clientId}`]) {
          await one
            .run(`mosquitto_pub ${login} ${user} -t /v1.0/${one.clientId}/ping -m '{"request":"forged"}'`)
            .catch(() => undefined);
        }
        await one.publish(`/v1.0/${one.clientId}/ping`, '{"request":"own"}');
        await heard.wait(`/v1.0/${one.clientId}/ping/info/inbox`);
        const answers = heard.heard.filter(({ topic }) => topic.endsWith("/inbox"));
        assert.deepEqual(answers, [
          { topic: `/v1.0/${one.clientId}/ping/info/inbox`, payload: '{"answer":"own"}' },
        ]);
        await heard.close();
      });

      it("the client port takes nobody without a certificate, nor with one of another authority", async () => {
        const ping = `-t /v1.0/${one.clientId}/ping -m '{"request":"x"}'`;
        const none = `mosquitto_pub -h localhost -p ${agent.port} --cafile ${agent.ca} ${ping}`;
        await assert.rejects(one.run(none), /ended with/);
        await one.run(
          `openssl req -x509 -nodes -newkey rsa:2048 -keyout other.key -out other.crt -subj /CN=${one.clientId} 2>/dev/null`,
        );
        const other = `mosquitto_pub -h localhost -p ${agent.port} --cert other.crt --key other.key --cafile ${agent.ca} ${ping}`;
        await assert.rejects(one.run(other), /ended with/);
      });

      it("a deleted client's sessions end, its certificate is refused, and others go on", async () => {
        const own = await two.listen(`/v1.0/${two.clientId}/#`);
        const other = await one.listen(`/v1.0/${one.clientId}/#`);
        await two.publish(`/v1.0/${two.clientId}/delete`, "{}");
        await own.ended();
        await assert.rejects(two.publish(`/v1.0/${two.clientId}/ping`, '{"request":"x"}'), /ended with/);
        await one.publish(`/v1.0/${one.clientId}/ping`, '{"request":"x"}');
        await other.wait(`/v1.0/${one.clientId}/ping/info/inbox`);
        await other.close();
      });
    });
  });
}

/** What is wrong in some way or other, one line each. */
const MALFORMED = [
  "{",
  "[]",
  "null",
  '"text"',
  "12",
  "{}",
  '{"name":null}',
  '{"name":[]}',
  '{"name":""}',
  '{"__proto__":{"name":"x"}}',
  "\u0001",
  `${"[".repeat(500)}`,
  '{"name":"\\ud800',
  "\ufeff{}",
  "NaN",
];

/** Puts the IDs that the agent made in place of those that the document prints. */
function learn(client: Client, operation: string, answer: string): void {
  if (operation === "createSensor") {
    const { sensorId } = JSON.parse(answer) as { sensorId: string };
    client.substitutes.push([DOCUMENT.sensorId, sensorId], [DOCUMENT.otherSensorId, sensorId]);
    // The document's list calls the sensor otherwise than the example that made it.
    client.substitutes.push(["unispeed6", "SensorName"]);
  }
  if (operation === "createMetrics") {
    const created = JSON.parse(answer) as { metricId: string }[];
    for (const [index, { metricId }] of created.entries()) {
      client.substitutes.push([DOCUMENT.metricIds[index] ?? "", metricId]);
    }
  }
}

/** JSON must be equal as JSON, digit by digit where a number is too large; a text may stand without its quotes. */
function compare(heard: string, printed: string): void {
  if (printed.startsWith('"')) return assert.equal(heard, printed.slice(1, -1));
  const exact = (text: string) =>
    JSON.parse(text.replace(/\b\d{16,}\b/g, (digits) => `"${digits}"`)) as unknown;
  assert.deepEqual(exact(heard), exact(printed));
}
