/** What the agent may send, right and wrong: values, a BadReply, or one of its 28 errors by name. */
import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import {
  readCertificate,
  readDescription,
  readError,
  readLiveData,
  readSensor,
  readText,
} from "../../src/protocol/answers";
import { AGENT_ERRORS, IotError } from "../../src/protocol/errors";
import { OPERATIONS } from "../../src/protocol/operations";

const sentences = JSON.parse(
  readFileSync(join(__dirname, "../../locales/en-US/errors.json"), "utf8"),
) as Record<string, string>;

describe("an error answer", () => {
  it("has a name and the document's description for each of the 28 codes", () => {
    assert.equal(Object.keys(AGENT_ERRORS).length, 28);
    for (const [code, name] of Object.entries(AGENT_ERRORS)) {
      const error = readError(`{"errorMessage":"why","errorcode":${code}}`);
      assert.equal(error.name, name);
      assert.equal(error.code, Number(code));
      assert.equal(error.source, "agent");
      assert.equal(error.message, `The agent answered with error ${code} (${name}): why`);
      assert.equal(typeof sentences[name], "string");
    }
  });

  it("may be tried again only for codes 1 and 3", () => {
    const retryable = Object.keys(AGENT_ERRORS).filter(
      (code) => readError(`{"errorcode":${code}}`).retryable,
    );
    assert.deepEqual(retryable, ["1", "3"]);
  });

  it("passes an unknown code through with its number and text", () => {
    const error = readError('{"errorMessage":"new","errorcode":99}');
    assert.deepEqual([error.name, error.code, error.details.message], ["UnknownError", 99, "new"]);
  });

  it("names the metrics, as IDs or as objects with IDs", () => {
    const error = readError(
      '{"errorMessage":"","errorcode":27,"metrics":["a",{"metricId":"b"},{"matchingId":"c"},5]}',
    );
    assert.deepEqual(error.metrics, ["a", "b", "c"]);
  });

  it("that is no error answer is a BadReply", () => {
    for (const payload of ["", "{", "null", "[]", '{"errorMessage":"x"}', '{"errorcode":"27"}']) {
      assert.equal(readError(payload).name, "BadReply", payload);
    }
  });
});

describe("an answer", () => {
  it("is the same text with and without quotes", () => {
    assert.equal(readText('"Sensor was updated."'), "Sensor was updated.");
    assert.equal(readText("Sensor was updated."), "Sensor was updated.");
    assert.equal(readText('"open'), '"open');
  });

  it("gives the first certificate, with text and bytes around it and spaces for line ends", () => {
    const body = "QUJD".repeat(20);
    const expected = `-----BEGIN CERTIFICATE-----\n${body.slice(0, 64)}\n${body.slice(64)}\n-----END CERTIFICATE-----\n`;
    for (const noise of ["", "\0\0 hello "]) {
      const spaced = `${noise}-----BEGIN CERTIFICATE----- ${body.slice(0, 40)} ${body.slice(40)} -----END CERTIFICATE-----${noise}`;
      assert.equal(readCertificate(spaced), expected);
    }
  });

  it("gives a metric's time as a Date, and the agent's 'never' as null", () => {
    const describe = (lastUpdated: unknown) =>
      readDescription(JSON.stringify({ metricId: "m", name: "n", value: 1, lastUpdated })).lastUpdated;
    assert.deepEqual(describe(1590394246545000), new Date(1590394246545));
    assert.deepEqual(describe("1590394246545000"), new Date(1590394246545));
    assert.equal(
      readDescription('{"metricId":"m","name":"n","lastUpdated":9223372036854775}').lastUpdated,
      null,
    );
  });

  it("of live data has its timestamp beside the metrics or beside a value", () => {
    const metric = '{"metricId":"t","value":1';
    assert.equal(readLiveData(`{"metrics":[${metric}}],"timestamp":5}`).timestamp, 5);
    assert.equal(readLiveData(`{"metrics":[${metric},"timestamp":5}]}`).timestamp, 5);
  });

  it("that is anything else is a BadReply, for every operation, and leaves prototypes alone (fault 22)", () => {
    const garbage = fc.oneof(
      fc.string(),
      fc.json(),
      fc.constant(`${"[".repeat(50_000)}`),
      fc.constant('{"__proto__":{"x":1}}'),
    );
    fc.assert(
      fc.property(fc.constantFrom(...Object.values(OPERATIONS)), garbage, (row, payload) => {
        try {
          row.read(payload);
        } catch (error) {
          assert.ok(error instanceof IotError);
          assert.equal(error.name, "BadReply");
        }
        assert.ok(readError(payload) instanceof IotError);
        assert.equal(({} as Record<string, unknown>).x, undefined);
      }),
      { numRuns: 1000 },
    );
  });
});

describe("an answer that lacks something, or has something of another kind", () => {
  const isBad = (name: keyof typeof OPERATIONS, answer: unknown): void => {
    assert.throws(() => OPERATIONS[name].read(JSON.stringify(answer)), { name: "BadReply" }, String(answer));
  };

  it("is a BadReply that shows what came and keeps why it could not be read", () => {
    for (const read of [readSensor, readLiveData, readDescription]) {
      assert.throws(
        () => read("{"),
        (error: IotError) => {
          assert.deepEqual([error.name, error.details.value], ["BadReply", '"{"']);
          assert.ok(error.cause instanceof SyntaxError);
          return true;
        },
      );
    }
    const error = readError("{");
    assert.ok(error.cause instanceof SyntaxError);
    assert.equal(error.details.value, '"{"');
  });

  it("is refused of a ping, a sensor and a metric", () => {
    for (const answer of [{}, { answer: 1 }, { answer: null }, "text"]) isBad("ping", answer);
    for (const answer of [
      { sensorId: "s" },
      { name: "n" },
      { sensorId: 1, name: "n" },
      { sensorId: "s", name: 1 },
    ])
      isBad("createSensor", answer);
    for (const answer of [
      { metricId: "m" },
      { name: "n" },
      { metricId: 1, name: "n" },
      { metricId: "m", name: 1 },
    ])
      isBad("describeMetric", answer);
  });

  it("is refused of lists by any of their entries", () => {
    for (const entry of [
      { matchingId: "1" },
      { metricId: "m" },
      { matchingId: 1, metricId: "m" },
      { matchingId: "1", metricId: 1 },
      "text",
    ])
      isBad("createMetrics", [{ matchingId: "1", metricId: "m" }, entry]);
    for (const entry of [
      { sensorId: "s" },
      { name: "n" },
      { sensorId: 1, name: "n" },
      { sensorId: "s", name: 1 },
      { sensorId: "s", name: "n", metrics: ["m"] },
      { sensorId: "s", name: "n", metrics: [{ link: "l" }] },
      { sensorId: "s", name: "n", metrics: [{ metricId: 1 }] },
    ])
      isBad("listSensors", [entry]);
  });

  it("has of a list's sensor what is there, and an empty link where there is none", () => {
    const [sensor] = OPERATIONS.listSensors.read(
      '[{"sensorId":"s","name":"n","store":"yes","metrics":[{"metricId":"m","link":5}]}]',
    );
    assert.deepEqual(sensor, { sensorId: "s", name: "n", metrics: [{ metricId: "m", link: "" }] });
    assert.deepEqual(OPERATIONS.listSensors.read('[{"sensorId":"s","name":"n","metrics":5}]'), [
      { sensorId: "s", name: "n", metrics: [] },
    ]);
  });

  it("has of a description the texts and the value that are of their kinds, and no time that is none", () => {
    const described = readDescription(
      JSON.stringify({ metricId: "m", name: "n", value: { x: 1 }, valueUnit: 5, lastUpdated: "5 o'clock" }),
    );
    assert.deepEqual(described, { metricId: "m", name: "n", value: null, lastUpdated: null });
    for (const value of [true, "text", 1.5])
      assert.equal(readDescription(JSON.stringify({ metricId: "m", name: "n", value })).value, value);
    for (const lastUpdated of ["x1590394246545000", "1590394246545000x", [1590394246545000]]) {
      const { lastUpdated: time } = readDescription(
        JSON.stringify({ metricId: "m", name: "n", lastUpdated }),
      );
      assert.equal(time, null, String(lastUpdated));
    }
  });

  it("is refused of live data by any value, and has no timestamp that is no number", () => {
    const good = { metricId: "m", value: true };
    for (const message of [
      [],
      {},
      { metrics: {} },
      { metrics: [good, "text"] },
      { metrics: [good, { value: 1 }] },
      { metrics: [good, { metricId: 1, value: 1 }] },
      { metrics: [good, { metricId: "m" }] },
      { metrics: [good, { metricId: "m", value: null }] },
    ]) {
      assert.throws(
        () => readLiveData(JSON.stringify(message)),
        { name: "BadReply" },
        JSON.stringify(message),
      );
    }
    assert.deepEqual(readLiveData(JSON.stringify({ metrics: [good], timestamp: "now" })), {
      metrics: [good],
    });
  });

  it("is an error without a text where the agent's is none, and without metrics where there are none", () => {
    const error = readError('{"errorcode":15,"errorMessage":5}');
    assert.deepEqual([error.details.message, error.metrics], ["", undefined]);
    assert.equal(readError('{"errorCode":15}').code, 15);
  });

  it("tells its answer from another by all of its matching IDs, and no answer at all is another's", () => {
    const asked = {
      sensorId: "s",
      metrics: ["1", "2"].map((matchingId) => ({ matchingId, name: `n${matchingId}`, valueUnit: "u" })),
    };
    const answer = (...ids: string[]) => ids.map((matchingId) => ({ matchingId, metricId: "m" }));
    assert.deepEqual(
      [answer("1", "2"), answer("1"), answer("1", "3"), []].map((result) =>
        OPERATIONS.createMetrics.echoes?.(asked, result),
      ),
      [true, true, false, false],
    );
  });

  it("of an error can name the IDs of the request, and of metrics that are created their names", () => {
    const one = { sensorId: "s", metrics: [{ matchingId: "1", name: "n", valueUnit: "u" }] };
    assert.deepEqual(OPERATIONS.createMetrics.ids?.(one), ["1", "n"]);
    assert.deepEqual(OPERATIONS.deleteMetrics.ids?.({ sensorId: "s", metricIds: ["m"] }), ["m"]);
    assert.deepEqual(OPERATIONS.updateMetrics.ids?.({ sensorId: "s", metrics: [{ metricId: "m" }] }), ["m"]);
    assert.deepEqual(OPERATIONS.pushValues.ids?.({ sensorId: "s", metrics: [{ metricId: "m", value: 1 }] }), [
      "m",
    ]);
    assert.equal("ids" in OPERATIONS.ping, false);
  });
});
