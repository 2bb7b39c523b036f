/** A table of points, from JSON or text to rows, and back to text. What is wrong is told by its place; nothing throws. */
import { COLUMN_NAMES, COLUMNS, narrow, type Column, type Fault, type Row } from "./columns";
import { readDelimited, writeRecord, type Delimited, type Delimiter } from "./delimited";
import { isTypeName } from "./units";

/** What is wrong with a row. `words` is a key of the errors' sentences. */
export interface Problem extends Fault {
  /** Of the table: the first is 1. Of a text: the line, from 1. */
  row: number;
  column: string;
  value?: string;
}

export interface ReadTable {
  rows: Row[];
  /** How problems name each of the rows. */
  places: number[];
  problems: Problem[];
}

/** A row as somebody writes it, right or wrong. */
export type Cells = Partial<Record<Column, string | number>>;

/** More rows are not read: each is a metric that the agent has to serve. */
const MOST_ROWS = 20_000;

/** The line that names the columns is one of so many, and names so many of them. */
const MOST_ABOVE = 10;
const LEAST_NAMES = 2;

/** Which column of a table each column of a text is; `undefined`: none. */
export type Assignment = readonly (Column | undefined)[];

/** What a node or a message has as a table: rows, lines of text, one text. A text that begins like JSON is JSON. */
export function readTable(given: unknown): ReadTable {
  if (typeof given === "string") return /^\s*[[{]/.test(given) ? readJson(given) : readText(given);
  if (!Array.isArray(given)) return wrong(1, "", "words.rowTable");
  const list = given as unknown[];
  const areLines = list.length > 0 && list.every((entry) => typeof entry === "string");
  return areLines ? readLines(list) : readRecords(list);
}

/** The rows as `writeLines` has written them: their places count rows, for nobody sees the lines. */
function readLines(lines: readonly string[]): ReadTable {
  const { rows, places, problems } = readText(lines.join("\n"));
  return {
    rows,
    places: places.map((_, index) => index + 1),
    problems: problems.map((problem) => ({ ...problem, row: places.indexOf(problem.row) + 1 })),
  };
}

/** The text of a file or of a spreadsheet: its first line names the columns. */
export function readText(text: string): ReadTable {
  const delimited = fromHeader(readDelimited(text));
  const columns = proposeColumns(delimited.records[0]?.cells ?? []);
  if (delimited.records.length > 0 && !columns.includes("source"))
    return wrong(delimited.records[0]!.line, "source", "words.rowHeader");
  return readAssigned(delimited, columns);
}

/** The same with the columns as somebody has assigned them; `hasHeader`: the first line is none of the rows. */
export function readAssigned(
  { records, unclosed }: Delimited,
  columns: Assignment,
  hasHeader = true,
): ReadTable {
  const problems: Problem[] = [];
  if (unclosed !== undefined)
    problems.push({ row: unclosed.line, column: String(unclosed.column), words: "words.rowQuote" });
  const lines = records.slice(hasHeader ? 1 : 0);
  const rows = lines.map(({ line, cells }) => readRow(assigned(cells, columns), line, problems));
  const places = lines.map(({ line }) => line);
  return bounded({ rows, places, problems });
}

/** The cells of a line by the columns that they are; empty ones are left out. */
export function assigned(cells: readonly string[], columns: Assignment): Cells {
  const found: Cells = {};
  for (const [index, column] of columns.entries()) {
    const cell = cells[index]?.trim() ?? "";
    if (column === undefined || cell === "") continue;
    // Of a column of types and one of units, the unit says more.
    if (column === "unit" && found.unit !== undefined && isTypeName(cell)) continue;
    found[column] = unguarded(cell);
  }
  return found;
}

/** What each name of a header most likely means; but for the unit, each column is proposed once: for the name that fits best. */
export function proposeColumns(header: readonly string[]): (Column | undefined)[] {
  const bare = header.map(bareName);
  const proposed: (Column | undefined)[] = header.map(() => undefined);
  for (const column of COLUMN_NAMES) {
    const name = COLUMNS[column].names.find((known) => bare.includes(known));
    if (name !== undefined) proposed[bare.indexOf(name)] ??= column;
  }
  // Lists of controllers have the type in one column and the unit in another.
  for (const [index, name] of bare.entries())
    if (COLUMNS.unit.names.includes(name)) proposed[index] ??= "unit";
  return proposed;
}

/** Without what stands above the line that names the columns: a title, a date. */
export function fromHeader(delimited: Delimited): Delimited {
  const { records } = delimited;
  const count = (cells: readonly string[]): number => proposeColumns(cells).filter(Boolean).length;
  const header = records.slice(0, MOST_ABOVE).findIndex(({ cells }) => count(cells) >= LEAST_NAMES);
  return header > 0 ? { ...delimited, records: records.slice(header) } : delimited;
}

/** Rows whose metric another row before them has. */
export function twice(rows: readonly Row[], places: readonly number[]): Problem[] {
  const taken = new Set<string>();
  return rows.flatMap((row, index) => {
    if (row.metric === undefined && row.metricId === undefined) return [];
    const key = keyOf(row);
    const isTaken = taken.has(key);
    taken.add(key);
    const value = row.metricId ?? row.metric!;
    return isTaken ? [{ row: places[index]!, column: "metric", words: "words.rowTwice", value }] : [];
  });
}

/** What two rows of one metric have in common. */
export function keyOf({ sensor, sensorId, metric, metricId }: Cells): string {
  return JSON.stringify([sensorId ?? [sensor], metricId ?? [metric]]);
}

/** The rows as the node keeps them: a line of CSV each, below one that names the columns that are used. */
export function writeLines(rows: readonly Cells[]): string[] {
  if (rows.length === 0) return [];
  return writeTable(rows, usedColumns(rows), { delimiter: ",", comma: false });
}

/** The rows for a spreadsheet; `heads`: what its first line calls the columns. */
export function writeTable(
  rows: readonly Cells[],
  columns: readonly Column[],
  { delimiter, comma, heads = columns }: { delimiter: Delimiter; comma: boolean; heads?: readonly string[] },
): string[] {
  const lines = rows.map((row) =>
    writeRecord(
      columns.map((column) => writeCell(column, row[column], comma)),
      delimiter,
    ),
  );
  return [writeRecord(heads, delimiter), ...lines];
}

export function usedColumns(rows: readonly Cells[]): Column[] {
  const used = COLUMN_NAMES.filter((column) =>
    rows.some((row) => row[column] !== undefined && row[column] !== ""),
  );
  return used.includes("source") ? used : ["source", ...used];
}

/** One row; what is wrong with it is added to `problems`. */
export function readRow(given: Partial<Record<Column, unknown>>, row: number, problems: Problem[]): Row {
  const read: Record<string, unknown> = { source: "" };
  const wrong = new Set<Column>();
  for (const column of COLUMN_NAMES) {
    const cell = readCell(column, given[column]);
    if (cell === undefined) continue;
    if ("fault" in cell) problems.push({ row, column, value: cell.value, ...cell.fault });
    if ("fault" in cell) wrong.add(column);
    else read[column] = cell.value;
  }
  const whole = read as unknown as Row;
  const found = missing(whole).filter(({ column }) => !wrong.has(column));
  problems.push(...found.map((problem) => ({ row, ...problem })));
  return whole;
}

function missing(row: Row): { column: Column; words: string }[] {
  const found: { column: Column; words: string }[] = [];
  if (row.source === "") found.push({ column: "source", words: "words.rowSource" });
  if (row.metric === undefined && row.metricId === undefined)
    found.push({ column: "metric", words: "words.rowMetric" });
  if (row.atMost !== undefined && row.atLeast !== undefined && row.atLeast > 0 && row.atLeast < row.atMost)
    found.push({ column: "atLeast", words: "words.rowIntervals" });
  return found;
}

type CellRead = { value: string | number } | { value: string; fault: Fault };

/** `undefined` for an empty cell. */
function readCell(column: Column, given: unknown): CellRead | undefined {
  if (given === undefined || given === null) return undefined;
  const { kind, fault: faultOf } = COLUMNS[column];
  const text = textOf(given).trim();
  if (text === "") return undefined;
  const value = kind === "number" ? readNumber(text) : unguarded(text);
  if (value === undefined) return { value: text, fault: { words: "words.rowNumber" } };
  const fault = (faultOf as ((value: unknown) => Fault | undefined) | undefined)?.(value);
  return fault === undefined ? { value } : { value: text, fault };
}

/** Maps and dead-bands may stand in JSON as what they are. */
function textOf(given: unknown): string {
  if (typeof given !== "object" || given === null) return String(given);
  return Object.entries(given)
    .map(([key, text]) => `${key}=${String(text)}`)
    .join("; ");
}

/** A number with a point or a comma; no signs between thousands, which would make 1,234 two numbers. */
function readNumber(given: string): number | undefined {
  const text = narrow(given);
  if (!/^[-+]?(?:\d+(?:[.,]\d*)?|[.,]\d+)(?:e[-+]?\d+)?$/i.test(text)) return undefined;
  const number = Number(text.replace(",", "."));
  return Number.isFinite(number) ? number : undefined;
}

/** A spreadsheet takes a cell that begins so for a formula: written, it has an apostrophe before it. */
const FORMULA = /^[=+\-@\t]/;

function writeCell(column: Column, value: string | number | undefined, comma: boolean): string {
  if (value === undefined) return "";
  if (COLUMNS[column].kind === "number" && typeof value === "string") return value;
  if (typeof value === "number") return comma ? String(value).replace(".", ",") : String(value);
  return FORMULA.test(value) ? `'${value}` : value;
}

function unguarded(text: string): string {
  return text.startsWith("'") && FORMULA.test(text.slice(1)) ? text.slice(1) : text;
}

function readJson(text: string): ReadTable {
  try {
    const parsed: unknown = JSON.parse(text);
    return readTable(Array.isArray(parsed) ? parsed : [parsed]);
  } catch (error) {
    return wrong(1, "", "words.rowJson", String(error));
  }
}

function readRecords(list: readonly unknown[]): ReadTable {
  const problems: Problem[] = [];
  const rows: Row[] = [];
  const places: number[] = [];
  for (const [index, entry] of list.entries()) {
    if (typeof entry !== "object" || entry === null || Array.isArray(entry)) {
      problems.push({ row: index + 1, column: "", words: "words.rowTable" });
      continue;
    }
    rows.push(readRow(ownCells(entry), index + 1, problems));
    places.push(index + 1);
  }
  return bounded({ rows, places, problems });
}

function ownCells(entry: object): Partial<Record<Column, unknown>> {
  const own = Object.entries(entry).filter(([name]) => Object.hasOwn(COLUMNS, name));
  return Object.fromEntries(own);
}

function bounded({ rows, places, problems }: ReadTable): ReadTable {
  if (rows.length <= MOST_ROWS) return { rows, places, problems };
  const problem = { row: places[MOST_ROWS]!, column: "", words: "words.rowMany", most: MOST_ROWS };
  return {
    rows: rows.slice(0, MOST_ROWS),
    places: places.slice(0, MOST_ROWS),
    problems: [...problems, problem],
  };
}

function wrong(row: number, column: string, words: string, value?: string): ReadTable {
  const problem = { row, column, words, ...(value === undefined ? {} : { value }) };
  return { rows: [], places: [], problems: [problem] };
}

/** The letters and digits of a name, without accents; what stands in brackets is left out. */
function bareName(name: string): string {
  return narrow(name)
    .replace(/\(.*?\)|\[.*?\]/g, "")
    .normalize("NFD")
    .replace(/[\u0300-\u036f]/g, "")
    .normalize("NFC")
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, "");
}
