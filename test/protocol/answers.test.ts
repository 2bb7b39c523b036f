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
