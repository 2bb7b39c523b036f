import assert from "node:assert/strict";
import type { NodeAPI } from "node-red";
import germanTexts from "../../../locales/de/agent.json";
import germanErrors from "../../../locales/de/errors.json";
import englishTexts from "../../../locales/en-US/agent.json";
import englishErrors from "../../../locales/en-US/errors.json";
import { sentence, shortReason } from "../../../nodes/shared/translate";
import { createMetrics } from "../../../nodes/metric/create";
import { AGENT_ERRORS, agentError, IotError, type ClientErrorName } from "../../../src/protocol/errors";
import { checkFaults } from "../../../src/simulator/faults";

/** Node-RED's `_` of a language, as i18next does it: a key that is not known comes back. */
function runtime(catalogue: object): NodeAPI {
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
const LANGUAGES = {
  English: runtime({ ...englishTexts, errors: englishErrors }),
  German: runtime({ ...germanTexts, errors: germanErrors }),
};

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
  for (const [language, RED] of Object.entries(LANGUAGES)) {
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

    it(`tells any other error of the agent by its number in ${language}`, () => {
      for (const code of [...Object.keys(AGENT_ERRORS).map(Number), 99]) {
        if (!AGENT_CODES.includes(code))
          assert.match(shortReason(RED, agentError(code, "")), new RegExp(`\\b${code}$`));
      }
    });
  }
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
    for (const [error, text] of told) assert.match(sentence(LANGUAGES.German, error), text);
  });
});
