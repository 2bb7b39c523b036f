/** What a flow is told about an error: `msg.error` on output 2, the cause of the error that a Catch node gets. */
import { AGENT_ERRORS, CLIENT_ERRORS, IotError } from "../../src/protocol/errors";
import { show } from "../../src/protocol/input";
import { isRecord } from "../../src/protocol/json";
import type { NodeAPI } from "./node-red";
import { errorPage } from "./texts";
import { description, sentence } from "./translate";

const ERROR_NAMES: ReadonlySet<unknown> = new Set([
  ...Object.values(AGENT_ERRORS),
  ...Object.keys(CLIENT_ERRORS),
]);

export interface ErrorReport {
  name: string;
  /** The agent's number. */
  code?: number;
  message: string;
  /** What the API document says about the agent's error. */
  description?: string;
  source: "agent" | "client";
  retryable: boolean;
  operation?: string;
  /** The code of Node.js, OpenSSL or the operating system behind it. */
  system?: string;
  /** The metrics that failed, where the agent names them: their IDs, or the names of those that were to be created. */
  metrics?: string[];
  /** The matching IDs of the metrics that could not be created. */
  matchingIds?: string[];
  /** What was done all the same: IDs of metrics or sensors, names of metrics that were to be created. */
  delivered?: string[];
  /** The metrics that were created all the same, as far as the agent tells their IDs. */
  created?: { matchingId: string; metricId: string; name: string }[];
  /** The sensors that failed, where several were asked for. */
  sensors?: string[];
  /** Rows of a table that could not make their value. */
  rows?: { row: number; column: string; message: string }[];
  /** The page about this error: what it says in every language, and what to do. */
  help?: string;
}

/** A request that failed in part. */
export class PartialFailure extends Error {
  constructor(
    readonly error: IotError,
    readonly parts: Pick<
      ErrorReport,
      "metrics" | "matchingIds" | "delivered" | "created" | "sensors" | "rows"
    >,
  ) {
    super(error.message, { cause: error });
  }
}

export function reportError(RED: NodeAPI, thrown: unknown): ErrorReport {
  const error = failureOf(thrown);
  const parts = thrown instanceof PartialFailure ? thrown.parts : {};
  const report: ErrorReport = {
    // First: a person reads it in the debug sidebar.
    message: sentence(RED, error),
    name: error.name,
    code: error.code,
    description: description(RED, error),
    source: error.source,
    retryable: error.retryable,
    operation: error.operation,
    system: systemCode(error),
    metrics: error.metrics?.slice(),
    ...parts,
    help: errorPage(error.name),
  };
  return withoutUndefined(report);
}

/** Whether a message's `error` is a report of ours; a Catch node's has none of these but the text. */
export function isReport(value: unknown): boolean {
  try {
    if (!isRecord(value)) return false;
    const { name, message, source, retryable } = value as Partial<ErrorReport>;
    return (
      ERROR_NAMES.has(name) &&
      typeof message === "string" &&
      (source === "agent" || source === "client") &&
      typeof retryable === "boolean"
    );
  } catch {
    // A getter or a Proxy that throws.
    return false;
  }
}

/**
 * The error for `done`. A Catch node copies `message`, `code`, `stack` and `cause` and clones them, and a clone of
 * an Error is empty: so the cause is the report, which is plain.
 */
export function throwable(report: ErrorReport): Error {
  // Node-RED's debug sidebar shows a cause as a text.
  const cause = asText({ ...report }, () => JSON.stringify(report));
  const error = new Error(report.message, { cause });
  error.name = report.name;
  // A Catch node calls `toString`: it gets the sentence, with no internal name before it. The log puts it into a text.
  asText(error, () => report.message);
  Object.defineProperty(error, Symbol.toPrimitive, { value: () => logLine(report) });
  return Object.assign(error, { code: report.code ?? report.name });
}

/** As the log shows it: its sentence, and its name, which finds it in docs/errors.md and among the metrics. */
export function logLine({ message, name }: Pick<ErrorReport, "message" | "name">): string {
  return `${message} (${name})`;
}

function asText<T extends object>(value: T, toString: () => string): T {
  return Object.defineProperty(value, "toString", { value: toString });
}

/**
 * What went wrong with a message. Reading it can run a flow's own code (a getter, a Proxy, an expression): what that
 * throws is bad input.
 */
export function failureOf(thrown: unknown): IotError {
  if (thrown instanceof IotError) return thrown;
  if (thrown instanceof PartialFailure) return thrown.error;
  return new IotError("InvalidInput", {
    reason: "expression",
    details: { field: "msg", value: show(messageOf(thrown)) },
    cause: thrown,
  });
}

const SYSTEM_CODE = /^[A-Z][A-Z0-9_]+$/;

function systemCode({ details }: IotError): string | undefined {
  return typeof details.code === "string" && SYSTEM_CODE.test(details.code) ? details.code : undefined;
}

function messageOf(thrown: unknown): unknown {
  try {
    return thrown instanceof Error ? thrown.message : thrown;
  } catch {
    return typeof thrown;
  }
}

export function withoutUndefined<T extends object>(record: T): T {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined)) as T;
}
