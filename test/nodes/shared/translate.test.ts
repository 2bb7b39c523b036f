import assert from "node:assert/strict";
import type { NodeAPI } from "node-red";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { sentence, shortReason, translate } from "../../../nodes/shared/translate";
import { createMetrics } from "../../../nodes/metric/create";
import { readDefinitions, readUpdates } from "../../../nodes/metric/definitions";
import { readValues } from "../../../nodes/push/values";
import { readIds } from "../../../nodes/shared/lists";
import { LANGUAGES } from "../../../scripts/shared/languages.mjs";
import { projectRoot } from "../../../scripts/shared/project.mjs";
import { AGENT_ERRORS, agentError, IotError, type ClientErrorName } from "../../../src/protocol/errors";
import { invalid } from "../../../src/protocol/input";
import { checkId } from "../../../src/protocol/topics";
import { checkFaults } from "../../../src/simulator/faults";

/** Node-RED's `_` of a language, as i18next does it: a key that is not known comes back. */
function runtime(language: string): NodeAPI {
  const read = (name: string): object =>
    JSON.parse(readFileSync(join(projectRoot, "locales", language, `${name}.json`), "utf8")) as object;
  const catalogue = { ...read("agent"), errors: read("errors") };
  const translate = (key: string, values: Record<string, string | number> = {}): string => {
    let entry: unknown = catalogue;
    for (const step of key.slice(key.indexOf(":") + 1).split(".")) {
      entry = (entry as Record<string, unknown> | undefined)?.[step];
    }
    return typeof entry === "string"
      ? entry.replace(/__(\w+?)__/g, (blank, name: string) => String(values[name] ?? blank))
      : key;
  };
  return { _: translate } as unknown as NodeAPI;
}
const ENGLISH = runtime("en-US");
const GERMAN = runtime("de");

function thrownBy(work: () => unknown): IotError {
  try {
    work();
  } catch (error) {
    return error as IotError;
  }
  throw new Error("nothing was thrown");
}

/** What registering can end with, and so be shown on a badge while it waits to be tried again. */
const AGENT_CODES = [1, 3, 20, 21, 22, 25];
const OWN: readonly ClientErrorName[] = [
  "UnknownError",
  "BadReply",
  "ReplyTimeout",
  "Closed",
  "InvalidInput",
  "SettingMissing",
  "AlreadyRegistered",
  "RegistrationRunning",
  "CertificateRejected",
  "CertificateEnding",
  "IdentityUnreadable",
  "IdentityUnwritable",
  "CaMissing",
  "CaUnreadable",
  "HostNotFound",
  "HostUnreachable",
  "ConnectionRefused",
  "ConnectTimeout",
  "ConnectionLost",
  "AgentSilent",
  "NotTls",
  "TlsVersion",
  "TlsFailed",
  "ServerNotTrusted",
  "ServerNameMismatch",
  "ServerCertificateExpired",
  "ServerCertificateNotYetValid",
  "ProtocolViolation",
  "ClientCertificateMissing",
  "ClientCertificateNotTrusted",
  "ClientCertificateExpired",
  "ClientCertificateRevoked",
  "ClientCertificateRefused",
  "BrokerUnavailable",
  "BrokerRefused",
  "SubscriptionRefused",
  "SubscriptionTimeout",
  "IdentityInUse",
];

describe("A badge", () => {
  for (const language of LANGUAGES) {
    const RED = runtime(language);

    it(`has words in ${language} for whatever registering ends with`, () => {
      const errors = [
        ...AGENT_CODES.map((code) => agentError(code, "")),
        ...OWN.map((name) => new IotError(name)),
      ];
      for (const error of errors) {
        const words = shortReason(RED, error);
        assert.notEqual(words, error.name);
        assert.ok(words.length <= 30, words);
      }
    });

    it(`has words in ${language} for the errors of the agent, and the number of those that it does not know`, () => {
      for (const code of Object.keys(AGENT_ERRORS).map(Number)) {
        const words = shortReason(RED, agentError(code, ""));
        assert.ok(words.length <= 30 && !(words in AGENT_ERRORS), words);
      }
      assert.match(shortReason(RED, agentError(99, "")), /\b99$/);
      assert.match(shortReason(RED, agentError(2, "")), /\b2$/);
    });
  }

  for (const { language, RED, file, variable } of [
    { language: "English", RED: ENGLISH, file: "CA file missing", variable: "variable CA_FILE not set" },
    { language: "German", RED: GERMAN, file: "CA-Datei fehlt", variable: "Variable CA_FILE fehlt" },
  ]) {
    it(`names in ${language} the setting or the variable that is missing`, () => {
      const named = ({ reason, field, value }: Record<string, string>) =>
        shortReason(
          RED,
          new IotError("SettingMissing", { reason: reason!, details: { field: field!, value: value! } }),
        );
      assert.equal(named({ reason: "unset", field: "caFile", value: "" }), file);
      assert.equal(named({ reason: "environment", field: "caFile", value: "CA_FILE" }), variable);
      assert.match(named({ reason: "value", field: "port", value: "x" }), /^[pP]ort /);
    });
  }

  it("does not guess why nothing answers: the agent may run elsewhere, or at another port", () => {
    const refused = new IotError("ConnectionRefused");
    assert.equal(shortReason(ENGLISH, refused), "nothing answers");
    assert.equal(shortReason(GERMAN, refused), "keine Antwort am Port");
  });
});

describe("A sentence", () => {
  it("says in German what is allowed and what was wrong", async () => {
    const noAnswer = createMetrics("s", [{ matchingId: "m", name: "n", valueUnit: "u" }], () =>
      Promise.resolve([]),
    ).catch((error: unknown) => error as IotError);
    const told: readonly (readonly [error: IotError, text: RegExp])[] = [
      [thrownBy(() => checkFaults({ delay: -1 })), /ganze Millisekunden von 0 bis 3600000/],
      [thrownBy(() => checkFaults({ lose: 2 })), /ein Anteil von 0 bis 1 oder "next:N"/],
      [thrownBy(() => checkFaults({ answerWith: -1 })), /ein Fehlercode von 1 bis 9999 oder 0 für keinen/],
      [thrownBy(() => checkFaults({ certificateSeconds: 0 })), /ganze Sekunden von 1 bis 315360000/],
      [thrownBy(() => checkFaults(1)), /ein Objekt mit Störungen/],
      [(await noAnswer) as IotError, /keine metricId zur matchingId "m"/],
      [new IotError("SimulatorFailed", { reason: "stopped" }), /Der Simulator ist angehalten/],
    ];
    for (const [error, text] of told) assert.match(sentence(GERMAN, error), text);
  });

  /** What a new user meets first, in both languages, to the letter. */
  const TOLD: readonly (readonly [what: string, work: () => unknown, english: string, german: string])[] = [
    [
      "a field by its label, and the property of the message",
      () => checkId("sensor", undefined),
      "Sensor ID (by default msg.sensorId) is missing. Enter it in the node or set it in the message.",
      "„Sensor-ID“ (normalerweise msg.sensorId) fehlt. " +
        "Tragen Sie einen Wert im Node ein, oder setzen Sie ihn in der Nachricht.",
    ],
    [
      "a place within a field by its path",
      () => readValues([{ metricId: "a", value: 1 }, { value: 2 }], undefined, undefined),
      "Values (by default msg.payload): [1].metricId is missing. " +
        "Enter it in the node or set it in the message.",
      "„Werte“ (normalerweise msg.payload): [1].metricId fehlt. " +
        "Tragen Sie einen Wert im Node ein, oder setzen Sie ihn in der Nachricht.",
    ],
    [
      "the API's own form by its path",
      () => readValues({ metrics: [5] }, undefined, undefined),
      "Values (by default msg.payload): metrics[0] must be {metricId, value}, not 5.",
      "„Werte“ (normalerweise msg.payload): metrics[0] muss {metricId, value} sein, nicht 5.",
    ],
    [
      "an entry of a list of IDs",
      () => readIds("sensor", "sensorId", ["a", 5]),
      "Sensor ID (by default msg.sensorId): [1] must be text, not 5.",
      "„Sensor-ID“ (normalerweise msg.sensorId): [1] muss ein Text sein, nicht 5.",
    ],
    [
      "the characters of an ID, with the space in words",
      () => checkId("sensorId", "a/b"),
      'Sensor ID is "a/b"; only the characters a-z A-Z 0-9 _ - and space are allowed.',
      '„Sensor-ID“ ist "a/b"; erlaubt sind nur die Zeichen a-z A-Z 0-9 _ - und Leerzeichen.',
    ],
    [
      "what a single value lacks",
      () => readValues(21.5, undefined, undefined),
      "The single value 21.5 needs a metric. Enter the Metric ID in the node or set msg.metricId.",
      "Der einzelne Wert 21.5 braucht eine Metrik. " +
        "Tragen Sie die Metrik-ID im Node ein, oder setzen Sie msg.metricId.",
    ],
    [
      "a value that is an object as JSON",
      () => readValues({ temp: { value: 21.5, unit: "C" } }, undefined, undefined),
      'The value of metric temp is {"value":21.5,"unit":"C"}; it must be a number, text or true/false.',
      'Der Wert der Metrik temp ist {"value":21.5,"unit":"C"}; er muss eine Zahl, ein Text oder true/false sein.',
    ],
    [
      "a metric by its ID, also where a field has the same name",
      () => readValues({ state: null }, undefined, undefined),
      "The value of metric state is null; it must be a number, text or true/false.",
      "Der Wert der Metrik state ist null; er muss eine Zahl, ein Text oder true/false sein.",
    ],
    [
      "what a definition of a metric may be",
      () => readDefinitions(["temp"], () => "1"),
      "Metrics (by default msg.payload): [0] must be {name, valueUnit} or {name, valueType, valueAnnotation}, " +
        'not "temp".',
      "„Metriken“ (normalerweise msg.payload): [0] muss {name, valueUnit} oder " +
        '{name, valueType, valueAnnotation} sein, nicht "temp".',
    ],
    [
      "what a change of a metric may be",
      () => readUpdates(5, "temp"),
      "Metrics (by default msg.payload) must be the new name as text, or {metricId, name, valueAnnotation}, not 5.",
      "„Metriken“ (normalerweise msg.payload) muss der neue Name als Text oder {metricId, name, valueAnnotation} sein, nicht 5.",
    ],
    [
      "the metric that a new name lacks",
      () => readUpdates("new name", undefined),
      "Metric ID (by default msg.metricId) is missing. Enter it in the node or set it in the message.",
      "„Metrik-ID“ (normalerweise msg.metricId) fehlt. " +
        "Tragen Sie einen Wert im Node ein, oder setzen Sie ihn in der Nachricht.",
    ],
    [
      "a fault of the simulator",
      () => checkFaults({ backendGone: 1 }),
      "Fault backendGone is 1; allowed: true, false.",
      "Störung backendGone ist 1; erlaubt: true, false.",
    ],
    [
      "a name that no dialog has as it is",
      () => {
        throw invalid("confirm", "msg.confirm", undefined, { allowed: '"delete"' });
      },
      "Deleting a client cannot be undone, so it must be confirmed. " +
        'Tick the box in the node or set msg.confirm to "delete".',
      "Das Löschen eines Clients lässt sich nicht rückgängig machen und muss deshalb bestätigt werden. " +
        'Setzen Sie das Häkchen im Node oder msg.confirm auf "delete".',
    ],
  ];
  for (const [what, work, english, german] of TOLD) {
    it(`names ${what}`, () => {
      const error = thrownBy(work);
      assert.equal(error.message, english);
      assert.equal(sentence(ENGLISH, error), english);
      assert.equal(sentence(GERMAN, error), german);
    });
  }

  it("leaves the field's name to programs as it is", () => {
    const error = thrownBy(() => readIds("sensor", "sensorId", ["a", 5]));
    sentence(GERMAN, error);
    assert.equal(error.details.field, "sensor[1]");
  });
});

describe("A text that nothing is filled into", () => {
  it("is looked up once, and one with values each time", () => {
    const asked: string[] = [];
    const RED = {
      _: (key: string, { count = "" } = {}) => {
        asked.push(key.slice(key.lastIndexOf(":") + 1));
        return `text ${count}`;
      },
    } as unknown as NodeAPI;
    for (let again = 0; again < 3; again++) assert.equal(translate(RED, "status.connected"), "text ");
    assert.equal(translate(RED, "notice.stopped", { count: 1 }), "text 1");
    assert.equal(translate(RED, "notice.stopped", { count: 2 }), "text 2");
    assert.deepEqual(asked, ["status.connected", "notice.stopped", "notice.stopped"]);
  });
});
