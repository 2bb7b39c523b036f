/** How a message ends whose values went as pushes: its answer, or the error that says what of it went all the same. Pure. */
import type { PointPush } from "../../src/points/pushes";
import type { Problem } from "../../src/points/read-table";
import { IotError, PARTIAL_CODES } from "../../src/protocol/errors";
import { PartialFailure } from "../shared/error-report";
import type { NodeAPI } from "../shared/node-red";
import { FailureWith, reasonOf, type Answer } from "../shared/outputs";
import { splitFailure } from "../shared/partial-failure";
import { rowsFailure } from "./row-problems";

/** How a push ended well. */
export interface Sent {
  payload: unknown;
  maybeDuplicate: true | undefined;
}

/** `results`: of each push. `problems`: what rows could not make. Throws what failed. */
export function answerOf(
  RED: NodeAPI,
  pushes: readonly PointPush[],
  results: readonly PromiseSettledResult<Sent>[],
  problems: readonly Problem[],
  counts: { sent: number; held: number },
): Answer {
  const set: Record<string, unknown> = {};
  const [first] = pushes;
  if (pushes.length === 1) Object.assign(set, { sensorId: first!.sensorId, metricIds: idsOf(first!) });
  const endings = pushes.map((push, index) => endingOf(push, results[index]!));
  if (endings.some(({ maybeDuplicate }) => maybeDuplicate)) set.maybeDuplicate = true;
  const failures = endings.flatMap(({ error }) => (error === undefined ? [] : [error]));
  if (failures.length > 0 || problems.length > 0) {
    const { maybeDuplicate } = set;
    throw new FailureWith(failureOf(RED, pushes, endings, failures, problems), { maybeDuplicate });
  }
  const answers = pushes.map((push, index) => ({
    sensorId: push.sensorId,
    metricIds: idsOf(push),
    answer: endings[index]!.payload,
  }));
  return { payload: { ...counts, pushes: answers }, set };
}

/** The first thing that failed; the parts say what went all the same, as `sensorId/metricId` where there are several sensors. */
function failureOf(
  RED: NodeAPI,
  pushes: readonly PointPush[],
  endings: readonly Ending[],
  failures: readonly unknown[],
  problems: readonly Problem[],
): unknown {
  if (pushes.length === 1 && problems.length === 0) return splitFailure(failures[0], idsOf(pushes[0]!));
  const delivered = pushes.flatMap(({ sensorId }, index) =>
    endings[index]!.delivered.map((metricId) => `${sensorId}/${metricId}`),
  );
  if (failures.length === 0) return rowsFailure(RED, problems, delivered);
  const rows = problems.length > 0 ? rowsFailure(RED, problems).parts : {};
  return new PartialFailure(reasonOf(failures[0]), { ...rows, delivered });
}

interface Ending {
  payload?: unknown;
  error?: unknown;
  maybeDuplicate?: unknown;
  delivered: string[];
}

/** How the values of a message ended: others may have gone with them in one push. */
function endingOf(push: PointPush, result: PromiseSettledResult<Sent>): Ending {
  const asked = idsOf(push);
  if (result.status === "fulfilled") return { ...result.value, delivered: asked };
  const thrown: unknown = result.reason;
  const { maybeDuplicate } = thrown instanceof FailureWith ? thrown.set : {};
  const error = thrown instanceof FailureWith ? thrown.cause : thrown;
  const failed = new Set(failedOf(error, push.metrics));
  const delivered = asked.filter((metricId) => !failed.has(metricId));
  return failed.size === 0
    ? { payload: "", maybeDuplicate, delivered }
    : { error, maybeDuplicate, delivered };
}

/** The metrics of a push that the agent does not have; all, where it does not say which. */
export function failedOf(error: unknown, metrics: readonly { metricId: string }[]): string[] {
  const all = metrics.map(({ metricId }) => metricId);
  if (!(error instanceof IotError) || !PARTIAL_CODES.has(error.code ?? 0)) return all;
  const named = new Set(error.metrics);
  return named.size === 0 ? all : all.filter((metricId) => named.has(metricId));
}

export function idsOf({ metrics }: PointPush): string[] {
  return metrics.map(({ metricId }) => metricId);
}
