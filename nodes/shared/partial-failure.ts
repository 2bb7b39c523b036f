/** What the agent did in part: it names the metrics that failed, and the others were carried out. */
import { IotError, PARTIAL_CODES } from "../../src/protocol/errors";
import { PartialFailure } from "./error-report";

/** The error, with those of the metrics asked for that did not fail. */
export function splitFailure(error: unknown, asked: readonly string[]): unknown {
  const succeeded = succeededOf(error, asked);
  return succeeded === undefined ? error : new PartialFailure(error as IotError, { delivered: succeeded });
}

/** The same for metrics that were to be created: they have no IDs yet, so their names say which. */
export function splitCreateFailure(
  error: unknown,
  asked: readonly { matchingId: string; name: string }[],
): unknown {
  const names = new Map(asked.map(({ matchingId, name }) => [matchingId, name]));
  const succeeded = succeededOf(error, [...names.keys()]);
  if (succeeded === undefined) return error;
  const matchingIds = (error as IotError).metrics!.slice();
  const namesOf = (ids: readonly string[]): string[] => ids.map((id) => names.get(id)!);
  return new PartialFailure(error as IotError, {
    metrics: namesOf(matchingIds),
    matchingIds,
    delivered: namesOf(succeeded),
  });
}

/** `undefined` where the error does not tell: it is another one, or it names nothing that was asked for. */
function succeededOf(error: unknown, asked: readonly string[]): string[] | undefined {
  if (!(error instanceof IotError) || !PARTIAL_CODES.has(error.code ?? 0)) return undefined;
  const failed = new Set(error.metrics);
  const succeeded = asked.filter((id) => !failed.has(id));
  const areAllKnown = failed.size > 0 && succeeded.length + failed.size === new Set(asked).size;
  return areAllKnown ? succeeded : undefined;
}
