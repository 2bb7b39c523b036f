/**
 * Every error that the agent or this package can report, as data.
 * The sentences for people stand in `locales/<language>/errors.json`, one entry a name.
 */
import sentences from "../../locales/en-US/errors.json";
import { fill, fillWords, type ErrorDetails } from "./words";
import { cleanText } from "./text";

/** The agent's errors: code and name as in the API document, section "Error Codes". */
export const AGENT_ERRORS = {
  1: "NoBackendConnection",
  2: "Reserved",
  3: "InternalError",
  4: "InvalidJson",
  5: "JsonIsNotAnObject",
  6: "MissingParameter",
  7: "ParameterIsNotAString",
  8: "ParameterIsNotADouble",
  9: "ParameterIsNotABool",
  10: "ParameterIsNotAnArray",
  11: "ParameterIsNotAnInteger",
  12: "UnknownValueUnit",
  13: "UnknownMetricType",
  14: "ValueUnitOrValueTypeHasToBeProvided",
  15: "UnknownSensorId",
  16: "UnknownMetricId",
  17: "NoMetricsUpdated",
  18: "ForbiddenAccess",
  19: "OutOfRange",
  20: "CertificateFormatError",
  21: "CertificateIsEmptyError",
  22: "CertificateWithoutCommonName",
  23: "DeleteMetricsFailed",
  24: "ChangeMetricsFailed",
  25: "InvalidClientName",
  26: "CreateMetricsFailed",
  27: "PushValuesFailed",
  28: "SensorNameExistsError",
} as const;

export type AgentErrorCode = keyof typeof AGENT_ERRORS;
export type AgentErrorName = (typeof AGENT_ERRORS)[AgentErrorCode];

/** Codes that say nothing about the request itself: the same request may succeed later. */
const PASSING_CODES: ReadonlySet<number> = new Set([1, 3]);

/** Codes of what failed in part: the error names the metrics that failed, and the others were carried out. */
export const PARTIAL_CODES: ReadonlySet<number> = new Set([23, 24, 26, 27]);

/** What becomes of a request or of a connection that ended with one of our own errors. */
interface ErrorKind {
  /** The same request, or the next attempt to connect, can succeed without anybody changing anything. */
  readonly retryable: boolean;
  /** The request was never sent: the agent cannot have carried it out. */
  readonly isUnsent?: true;
  /** The agent's broker does not know the client (any more). */
  readonly isClientUnknown?: true;
}
const PASSING = { retryable: true };
const PERMANENT = { retryable: false };
const UNSENT = { isUnsent: true } as const;
const CLIENT_UNKNOWN = { ...PERMANENT, isClientUnknown: true } as const;

/** Our own errors: what the API document has no name for. */
export const CLIENT_ERRORS = {
  // a request
  InvalidInput: PERMANENT,
  UnknownError: PERMANENT,
  Unexpected: PASSING,
  ReplyTimeout: PASSING,
  BadReply: PERMANENT,
  RequestBreaksConnection: PERMANENT,
  NotDeleted: PERMANENT,
  BadLiveData: PERMANENT,
  AnswerTooLarge: PERMANENT,
  NotConnected: { ...PERMANENT, ...UNSENT },
  NotRegistered: { ...PERMANENT, ...UNSENT },
  QueueFull: { ...PASSING, ...UNSENT },
  QueueExpired: { ...PASSING, ...UNSENT },
  QueueDropped: { ...PASSING, ...UNSENT },
  Closed: PASSING,
  // store and forward
  OutboxFull: PASSING,
  OutboxLocked: PERMANENT,
  OutboxUnwritable: PASSING,
  OutboxDamaged: PERMANENT,
  OutboxExposed: PERMANENT,
  RecordExpired: PERMANENT,
  RecordDropped: PERMANENT,
  DeliveryGivenUp: PERMANENT,
  // registering, and the identity
  AlreadyRegistered: PERMANENT,
  RegistrationRunning: PASSING,
  CertificateRejected: PERMANENT,
  CertificateEnding: PERMANENT,
  CertificateClock: PERMANENT,
  FormerId: PERMANENT,
  NoNewClient: PERMANENT,
  KeyExposed: PERMANENT,
  IdentityLocked: PERMANENT,
  IdentityUnreadable: PERMANENT,
  IdentityUnwritable: PERMANENT,
  CertificateUnreadable: PERMANENT,
  KeyUnreadable: PERMANENT,
  KeyMismatch: PERMANENT,
  CaMissing: PERMANENT,
  CaUnreadable: PERMANENT,
  SettingMissing: PERMANENT,
  // the connection
  HostNotFound: PASSING,
  HostUnreachable: PASSING,
  ConnectionRefused: PASSING,
  ConnectTimeout: PASSING,
  ConnectionLost: PASSING,
  AgentSilent: PASSING,
  AgentAway: PASSING,
  ClosedAtOnce: PASSING,
  NotTls: PERMANENT,
  PortsSwapped: PERMANENT,
  TlsVersion: PERMANENT,
  TlsFailed: PERMANENT,
  ServerNotTrusted: PERMANENT,
  ServerCertificateRefused: PERMANENT,
  ServerNameMismatch: PERMANENT,
  ServerCertificateExpired: PERMANENT,
  ServerCertificateNotYetValid: PERMANENT,
  ClientCertificateMissing: CLIENT_UNKNOWN,
  ClientCertificateNotTrusted: CLIENT_UNKNOWN,
  ClientCertificateExpired: PERMANENT,
  ClientCertificateRevoked: CLIENT_UNKNOWN,
  ClientCertificateRefused: CLIENT_UNKNOWN,
  BrokerUnavailable: PASSING,
  BrokerRefused: CLIENT_UNKNOWN,
  SubscriptionRefused: CLIENT_UNKNOWN,
  SubscriptionTimeout: PASSING,
  ProtocolViolation: PERMANENT,
  IdentityInUse: PASSING,
  Disconnected: { ...PERMANENT, ...UNSENT },
  // the editor
  NotAllowed: PERMANENT,
  EditorOffline: PASSING,
  NoSuchAgent: PERMANENT,
  TooManyCalls: PASSING,
  // the simulator
  PortInUse: PERMANENT,
  SimulatorFailed: PERMANENT,
} as const satisfies Record<string, ErrorKind>;

export type ClientErrorName = keyof typeof CLIENT_ERRORS;
export type ErrorName = AgentErrorName | ClientErrorName;

interface ErrorFacts {
  /** Which of several sentences of this name fits: `InvalidInput` has one a reason. */
  reason?: string;
  details?: ErrorDetails;
  /** The agent's number, where the error is the agent's. */
  code?: number;
  /** A name of `OPERATIONS`. */
  operation?: string;
  /** The metric IDs that the agent named (codes 23, 24, 26, 27). */
  metrics?: readonly string[];
  cause?: unknown;
}

/**
 * The one error class of this package. `name` is of a closed list; `message` is a sentence in English;
 * a node that speaks to a person looks up the same sentence in that person's language by
 * `textKey` and `details`. The document's description of an agent's error stands there under its name.
 * The texts of `details` can come from the agent, a file or a setting: they are cleaned here, wherever the error is told
 * then. `metrics` are the agent's IDs as they came: they are data.
 */
export class IotError extends Error {
  override readonly name: ErrorName;
  /** Where this error's sentence stands in `errors.json`. */
  readonly textKey: string;
  readonly reason: string | undefined;
  readonly details: ErrorDetails;
  readonly code: number | undefined;
  readonly source: "agent" | "client";
  readonly retryable: boolean;
  /** The request was never sent: the agent cannot have carried it out. */
  readonly isUnsent: boolean;
  /** The agent's broker does not know the client (any more). */
  readonly isClientUnknown: boolean;
  readonly metrics: readonly string[] | undefined;
  /** A name of `OPERATIONS`, where there was one. */
  operation: string | undefined;

  constructor(name: ErrorName, facts: ErrorFacts = {}) {
    const details = cleaned(facts.details ?? {});
    const textKey =
      facts.code !== undefined
        ? "AgentAnswer"
        : facts.reason !== undefined
          ? `${name}.${facts.reason}`
          : name;
    super(englishSentence(textKey, details), { cause: facts.cause });
    this.name = name;
    this.textKey = textKey;
    this.reason = facts.reason;
    this.details = details;
    this.code = facts.code;
    this.operation = facts.operation;
    this.metrics = facts.metrics;
    this.source = facts.code === undefined ? "client" : "agent";
    const kind: ErrorKind = facts.code === undefined ? kindOf(name) : agentKind(facts.code);
    this.retryable = kind.retryable;
    this.isUnsent = kind.isUnsent === true;
    this.isClientUnknown = kind.isClientUnknown === true;
  }
}

function kindOf(name: ErrorName): ErrorKind {
  return name in CLIENT_ERRORS ? CLIENT_ERRORS[name as ClientErrorName] : PERMANENT;
}

function agentKind(code: number): ErrorKind {
  return PASSING_CODES.has(code) ? PASSING : PERMANENT;
}

/** An error that the agent answered (section "Error Response Structure"); an unknown code passes through. */
export function agentError(
  code: number,
  message: string,
  facts: Pick<ErrorFacts, "operation" | "metrics"> = {},
): IotError {
  const name = AGENT_ERRORS[code as AgentErrorCode] ?? "UnknownError";
  return new IotError(name, { ...facts, code, details: { name, code, message } });
}

/** Whatever was thrown as an error of ours: what is none comes of a mistake, or of what nobody foresaw. */
export function toIotError(thrown: unknown): IotError {
  if (thrown instanceof IotError) return thrown;
  return new IotError("Unexpected", { details: { why: String(thrown) }, cause: thrown });
}

function cleaned(details: ErrorDetails): ErrorDetails {
  return Object.fromEntries(
    Object.entries(details).map(([name, value]) => [
      name,
      typeof value === "string" ? cleanText(value) : value,
    ]),
  );
}

function englishSentence(key: string, details: ErrorDetails): string {
  return fill(englishText(key) ?? key, inEnglish(details));
}

export function inEnglish(details: ErrorDetails): ErrorDetails {
  return fillWords(details, englishText);
}

function englishText(key: string): string | undefined {
  let entry: unknown = sentences;
  for (const step of key.split(".")) {
    entry =
      typeof entry === "object" && entry !== null ? (entry as Record<string, unknown>)[step] : undefined;
  }
  return typeof entry === "string" ? entry : undefined;
}
