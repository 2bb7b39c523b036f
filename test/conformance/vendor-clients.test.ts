/**
 * The topics on which the vendor's own SDKs publish and listen, which are not all the document's: Node SDK 1.0.5 and
 * Python SDK 1.1.0, both MQTT 3.1.1. Run with Mosquitto's commands, subscribed only to what each SDK listens to.
 */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Agent, Client } from "./agent";
import { needs } from "../support/needs";

interface Step {
  operation: string;
  publish: string;
  message: string;
  /** Where the SDK listens for the answer; none where it does not. */
  answer?: string;
  expect?: RegExp;
  /** The same request with something wrong, and where the SDK listens for the error. */
  wrong?: { publish?: string; message: string; error: string; code: number };
}

interface Sdk {
  name: string;
  provision: { publish: string; subscribe: string[] };
  steps: Step[];
}

const CREATED = '{"metrics":[{"matchingId":"1","name":"n","valueType":"string","valueAnnotation":"unit1"}]}';

/** What both do alike. P is "/v1.0/<client ID>", S the sensor's ID, M the metric's. */
const ping: Step = {
  operation: "ping",
  publish: "P/ping",
  message: '{"request":"This is a ping!"}',
  answer: "P/ping/info/inbox",
  expect: /^\{"answer":"This is a ping!"\}$/,
};
const createSensor: Step = {
  operation: "create sensor",
  publish: "P/sensor/create",
  message: '{ "name" : "my_sensor" }',
  answer: "P/sensor/inbox",
  expect: /"sensorId":"[0-9a-f]{32}"/,
  wrong: { message: "{}", error: "P/sensor/error/inbox", code: 6 },
};
const createMetrics: Step = {
  operation: "create metrics",
  publish: "P/sensor/S/metric",
  message: CREATED,
  answer: "P/sensor/S/metric/inbox",
  expect: /"metricId":"[0-9a-f]{32}"/,
  wrong: { message: "{}", error: "P/sensor/S/metric/error/inbox", code: 6 },
};
const listSensors: Step = {
  operation: "list",
  publish: "P/inventory",
  message: "{}",
  answer: "P/inventory/inbox",
  expect: /"metricId":"M"/,
  wrong: { message: "x", error: "P/inventory/error/inbox", code: 4 },
};
const updateMetrics: Step = {
  operation: "update metrics",
  publish: "P/sensor/S/metric/update",
  message: '{"metrics":[{"metricId":"M","name":"new"}]}',
  answer: "P/sensor/S/metric/update/info/inbox",
  expect: /^All metrics were successfully modified\.$/,
  wrong: { message: "{}", error: "P/sensor/S/metric/update/error/inbox", code: 6 },
};
const describeMetric: Step = {
  operation: "describe metric",
  publish: "P/sensor/S/metric/M/inventory",
  message: "{}",
  answer: "P/sensor/S/metric/M/inventory/inbox",
  expect: /"name":"new"/,
  wrong: {
    publish: "P/sensor/S/metric/unknown/inventory",
    message: "{}",
    error: "P/sensor/S/inventory/error/inbox",
    code: 16,
  },
};
/** It tells the API of an error of its own. */
const announceErrors: Step[] = [
  { operation: "announce an error of the client", publish: "P/error", answer: "P/error/inbox" },
  {
    operation: "announce an error of a sensor",
    publish: "P/sensor/S/error",
    answer: "P/sensor/S/error/inbox",
    wrong: {
      publish: "P/sensor/unknown/error",
      message: "hot",
      error: "P/sensor/unknown/error/inbox",
      code: 15,
    },
  },
  {
    operation: "announce an error of a metric",
    publish: "P/sensor/S/metric/M/error",
    answer: "P/sensor/S/metric/M/error/inbox",
    wrong: {
      publish: "P/sensor/S/metric/unknown/error",
      message: "hot",
      error: "P/sensor/S/metric/unknown/error/inbox",
      code: 16,
    },
  },
].map((step) => ({ ...step, message: "hot", expect: /^Error was announced\.$/ }));
const deleteSensor: Step = {
  operation: "delete sensor",
  publish: "P/sensor/S/delete",
  message: "{}",
  answer: "P/sensor/S/delete/info/inbox",
  expect: /^Sensor was deleted\.$/,
};
const values = '{"metrics":[{"value":"20.5","metricId":"M"}]}';
const deletion = '{"metrics":[{"metricId":"M"}]}';

const SDKS: Sdk[] = [
  {
    name: "Node SDK",
    provision: { publish: "/createConnector", subscribe: ["/certBack/HASH", "/certBack/HASH/+"] },
    steps: [
      ping,
      createSensor,
      createMetrics,
      listSensors,
      {
        operation: "push",
        publish: "P/sensor/S",
        message: values,
        answer: "P/sensor/S/info/inbox",
        expect: /^Sensor was updated\.$/,
        wrong: { message: "{}", error: "P/sensor/S/error/inbox", code: 6 },
      },
      {
        operation: "update sensor",
        publish: "P/sensor/S/update",
        message: '{ "name" : "renamed" }',
        answer: "P/sensor/S/update/info/inbox",
        expect: /^Sensor was changed\.$/,
        wrong: { message: "{}", error: "P/sensor/S/update/error/inbox", code: 6 },
      },
      updateMetrics,
      describeMetric,
      ...announceErrors,
      {
        operation: "delete metrics",
        publish: "P/sensor/S/metric/delete",
        message: deletion,
        answer: "P/sensor/S/metric/delete/inbox",
        expect: /^All metrics were successfully deleted\.$/,
        wrong: { message: deletion, error: "P/sensor/S/metric/delete/error/inbox", code: 23 },
      },
      deleteSensor,
    ],
  },
  {
    name: "Python SDK",
    provision: { publish: "/createConnector", subscribe: ["/certBack/HASH", "/certBack/HASH/error"] },
    steps: [
      ping,
      createSensor,
      createMetrics,
      listSensors,
      {
        operation: "push",
        publish: "P/sensor/S/metric/pushValues",
        message: values,
        answer: "P/sensor/S/info/inbox",
        expect: /^Sensor was updated\.$/,
        wrong: { message: "{}", error: "P/sensor/S/error/inbox", code: 6 },
      },
      {
        operation: "update sensor",
        publish: "P/sensor/S/update",
        message: '{"name" : "renamed"}',
        wrong: { message: "{}", error: "P/sensor/S/update/error/inbox", code: 6 },
      },
      updateMetrics,
      describeMetric,
      {
        operation: "delete metrics",
        publish: "P/sensor/S/metric/delete",
        message: deletion,
        answer: "P/sensor/S/delete/info/inbox",
        expect: /^All metrics were successfully deleted\.$/,
        wrong: { message: deletion, error: "P/sensor/S/delete/error/inbox", code: 23 },
      },
      deleteSensor,
    ],
  },
];

for (const broker of ["embedded", "mosquitto"]) {
  describe(`the vendor's SDKs by their topics, broker ${broker}`, function () {
    before(function () {
      needs(this, "mosquitto", "mosquitto-clients", "openssl");
    });
    const agent = new Agent(broker);
    before(() => agent.start());
    after(() => agent.dispose());

    for (const { name, provision, steps } of SDKS) {
      describe(name, () => {
        const client = new Client(agent, "-V mqttv311");
        const ids: [string, string][] = [];
        const fill = (text: string) =>
          ids.reduce(
            (result, [from, to]) => result.replace(from, to),
            text.replaceAll("P/", `${ids[0]?.[1]}/`),
          );

        it("provisions", async () => {
          await client.run(
            "openssl req -nodes -new -newkey rsa:2048 -keyout privkey.pem -out csr.pem -subj /CN=localhost",
          );
          const hash = (await client.run("openssl dgst -sha256 csr.pem")).trim().split("= ")[1] ?? "";
          const login = () => `-h localhost -p ${agent.registrationPort} --cafile ${agent.ca}`;
          const topics = provision.subscribe.map((topic) => `-t ${topic.replace("HASH", hash)}`).join(" ");
          const certificate = await client.ask(
            `mosquitto_pub ${login()} -t ${provision.publish} -f csr.pem -q 1`,
            `mosquitto_sub ${login()} ${topics} -q 1`,
          );
          assert.match(certificate, /^-----BEGIN CERTIFICATE-----/);
          writeFileSync(join(client.directory, "clientCert.crt"), certificate);
          const text = await client.run("openssl x509 -noout -subject -in clientCert.crt -nameopt multiline");
          const clientId = /commonName\s+= (\w+)/.exec(text)?.[1] ?? "";
          assert.match(clientId, /^[0-9a-f]{32}$/);
          ids.push(["P/", `/v1.0/${clientId}`]);
        });

        for (const step of steps) {
          it(`${step.operation}, with its answer and its error`, async () => {
            const topics = [step.answer, step.wrong?.error].filter((topic) => topic !== undefined);
            const listener = await client.listen(topics.map(fill).join("' -q 1 -t '"));
            await client.publish(fill(step.publish), fill(step.message));
            if (step.answer !== undefined) {
              const answer = await listener.wait(fill(step.answer));
              const expected = new RegExp(fill(step.expect?.source ?? ""));
              assert.match(answer, expected);
              const [, sensorId] = /"sensorId":"(\w+)"/.exec(answer) ?? [];
              const [, metricId] = /"metricId":"(\w+)"/.exec(answer) ?? [];
              if (step === createSensor) ids.push(["/S", `/${sensorId}`]);
              if (step === createMetrics) ids.push(["/M/", `/${metricId}/`], ['"M"', `"${metricId}"`]);
            }
            if (step.wrong !== undefined) {
              await client.publish(fill(step.wrong.publish ?? step.publish), fill(step.wrong.message));
              const error = JSON.parse(await listener.wait(fill(step.wrong.error))) as Record<
                string,
                unknown
              >;
              assert.equal(error.errorcode, step.wrong.code);
              assert.equal(typeof error.errorMessage, "string");
            }
            await listener.close();
          });
        }

        it("deprovisions: the certificate is of no use any more", async () => {
          const listener = await client.listen(fill("P/#"));
          await client.publish(fill("P/delete"), "{}");
          await listener.ended();
          await assert.rejects(client.publish(fill("P/ping"), '{"request":"x"}'));
          assert.match(readFileSync(join(client.directory, "clientCert.crt"), "utf8"), /BEGIN CERTIFICATE/);
        });
      });
    }
  });
}
