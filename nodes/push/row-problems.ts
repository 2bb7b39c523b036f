/** What is wrong with rows of a table, as an error that names them. */
import type { Problem } from "../../src/points/read-table";
import { IotError } from "../../src/protocol/errors";
import { PartialFailure } from "../shared/error-report";
import type { NodeAPI } from "../shared/node-red";
import { sentence } from "../shared/translate";

/** As many are told one by one. */
const MOST_TOLD = 100;

/** The first of them; `rows` of the report has the others. `delivered`: what went all the same. */
export function rowsFailure(
  RED: NodeAPI,
  problems: readonly Problem[],
  delivered?: string[],
): PartialFailure {
  const rows = problems.slice(0, MOST_TOLD).map((problem) => ({
    row: problem.row,
    column: problem.column,
    message: sentence(RED, rowError(problem)),
  }));
  return new PartialFailure(rowError(problems[0]!, problems.length), {
    rows,
    ...(delivered === undefined ? {} : { delivered }),
  });
}

function rowError({ row, column, words, value = "", ...range }: Problem, count = 1): IotError {
  const reason = column === "" ? "table" : count > 1 ? "rows" : "row";
  const details = { field: "table", row, column, value, allowed: words, count: count - 1, ...range };
  return new IotError("InvalidInput", { reason, details });
}
