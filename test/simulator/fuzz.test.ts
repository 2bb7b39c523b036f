/** Anything at all on any topic: the agent answers, and never throws. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { handleRequest } from "../../src/simulator/agent";
import { readClientRequest } from "../../src/simulator/authority";
import { NO_FAULTS } from "../../src/simulator/faults";
import { Model } from "../../src/simulator/model";
import { Refusal } from "../../src/simulator/refusal";

const CLIENT = "c".repeat(32);

function makeModel(): Model {
  let ids = 0;
  const model = new Model({ now: () => 0, newId: () => (ids++ === 0 ? CLIENT : String(ids)) });
  model.createClient("fuzz");
  model.pushValues(CLIENT, "s", [{ metricId: "m", value: 1 }]);
  return model;
}

const REQUESTS = [
  "ping",
  "error",
  "sensor/s/error",
  "sensor/s/metric/m/error",
  "update",
  "delete",
  "inventory",
  "sensor/create",
  "sensor/list",
  "sensor/s",
  "sensor/s/update",
  "sensor/s/delete",
  "sensor/s/metric",
  "sensor/s/metric/create",
  "sensor/s/metric/update",
  "sensor/s/metric/delete",
  "sensor/s/metric/pushValues",
  "sensor/s/metric/m/inventory",
  "sensor/s/metric/m/describe",
];

/** Messages near to good ones: the right keys with anything in them. */
const nearly = fc
  .record(
    {
      request: fc.jsonValue(),
      name: fc.jsonValue(),
      state: fc.jsonValue(),
      timestamp: fc.jsonValue(),
      metrics: fc.oneof(
        fc.jsonValue(),
        fc.array(
          fc.record(
            {
              metricId: fc.oneof(fc.constant("m"), fc.jsonValue()),
              matchingId: fc.jsonValue(),
              name: fc.jsonValue(),
              value: fc.jsonValue(),
              valueUnit: fc.jsonValue(),
              valueType: fc.oneof(fc.constant("bool"), fc.jsonValue()),
              valueAnnotation: fc.jsonValue(),
            },
            { requiredKeys: [] },
          ),
        ),
      ),
    },
    { requiredKeys: [] },
  )
  .map((message) => Buffer.from(JSON.stringify(message)));

const anything = fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes));
const topics = fc.oneof(fc.constantFrom(...REQUESTS), fc.string());

describe("the simulated agent with anything at all", () => {
  it("gives each of 1,000 requests an answer, and an error is one of the document's structure", () => {
    fc.assert(
      fc.property(topics, fc.oneof(nearly, anything), (topic, payload) => {
        const model = makeModel();
        const { answers, deletedClient } = handleRequest(
          model,
          `/v1.0/${CLIENT}/${topic}`,
          payload,
          NO_FAULTS,
        );
        const isAnswerTopic = /(^|\/)(inbox|livedata)$/.test(topic);
        assert.equal(answers.length > 0 || deletedClient !== undefined, !isAnswerTopic);
        // Where a client told of an error of its own, the answer that this was done has such a topic too.
        const errors = answers.filter(
          ({ topic: to, payload: text }) => to.endsWith("error/inbox") && text !== "Error was announced.",
        );
        for (const answer of errors) {
          const error = JSON.parse(answer.payload) as Record<string, unknown>;
          assert.ok(Number.isInteger(error.errorcode) && error.errorcode !== 3, answer.payload);
          assert.ok(typeof error.errorMessage === "string" && error.errorMessage !== "");
        }
        assert.equal(({} as Record<string, unknown>).name, undefined, "no prototype was touched");
      }),
      { numRuns: 1000 },
    );
  });

  it("refuses any bytes that are no signing request with 20 or 21", () => {
    const pem = anything.map((bytes) =>
      Buffer.from(
        `-----BEGIN CERTIFICATE REQUEST-----\n${bytes.toString("base64")}\n-----END CERTIFICATE REQUEST-----\n`,
      ),
    );
    fc.assert(
      fc.property(fc.oneof(anything, pem), (payload) => {
        assert.throws(
          () => readClientRequest(payload),
          (error) => error instanceof Refusal && [20, 21].includes(error.code),
        );
      }),
      { numRuns: 1000 },
    );
  });
});
