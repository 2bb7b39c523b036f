/** Text of a spreadsheet or of a CSV file (RFC 4180) as cells, and back. The delimiter is found by itself. */

export type Delimiter = "\t" | ";" | ",";

/** What stands between two ends of lines, with the line on which it begins; the first is 1. */
interface Line {
  line: number;
  cells: string[];
}

export interface Delimited {
  delimiter: Delimiter;
  /** Without empty lines. */
  records: Line[];
  /** A quote that nobody closes: where it is opened. `column` counts cells from 1. */
  unclosed?: { line: number; column: number };
}

const DELIMITERS: readonly Delimiter[] = ["\t", ";", ","];
/** As many records say which delimiter it is. */
const SAMPLE = 20;
const BYTE_ORDER_MARK = /^\ufeff/;

export function readDelimited(text: string, delimiter?: Delimiter): Delimited {
  const bare = text.replace(BYTE_ORDER_MARK, "");
  // Excel's own way to say it, before the header.
  const [said, declared] = /^sep=([,;\t])\r?\n/i.exec(bare) ?? [];
  const chosen = delimiter ?? (declared as Delimiter | undefined) ?? findDelimiter(bare);
  if (said === undefined) return { delimiter: chosen, ...parse(bare, chosen, Infinity) };
  const parsed = parse(bare.slice(said.length), chosen, Infinity);
  for (const record of parsed.records) record.line++;
  if (parsed.unclosed !== undefined) parsed.unclosed.line++;
  return { delimiter: chosen, ...parsed };
}

/** One line for each record, without an end of line. */
export function writeRecord(cells: readonly string[], delimiter: Delimiter): string {
  return cells.map((cell) => writeCell(cell, delimiter)).join(delimiter);
}

function writeCell(cell: string, delimiter: Delimiter): string {
  const isPlain = !cell.includes(delimiter) && !/["\r\n]|^\s|\s$/.test(cell);
  return isPlain ? cell : `"${cell.replaceAll('"', '""')}"`;
}

/** The one that cuts most records into as many cells as the first, and that into more than one. */
function findDelimiter(text: string): Delimiter {
  let best: { delimiter: Delimiter; fitting: number } = { delimiter: ",", fitting: 0 };
  for (const delimiter of DELIMITERS) {
    const { records } = parse(text, delimiter, SAMPLE);
    const width = records[0]?.cells.length ?? 0;
    if (width < 2) continue;
    const fitting = records.filter(({ cells }) => cells.length === width).length;
    if (fitting > best.fitting) best = { delimiter, fitting };
  }
  return best.delimiter;
}

function parse(text: string, delimiter: Delimiter, most: number): Omit<Delimited, "delimiter"> {
  const records: Line[] = [];
  let [line, at] = [1, 0];
  while (at < text.length && records.length < most) {
    const record: Line = { line, cells: [] };
    for (;;) {
      const cell = text[at] === '"' ? quoted(text, at) : plain(text, at, delimiter);
      if (cell === undefined) {
        records.push(record);
        return { records, unclosed: { line, column: record.cells.length + 1 } };
      }
      record.cells.push(cell.text);
      line += cell.lines;
      // Behind a closing quote nothing but the delimiter is to follow; what does belongs to the cell.
      const rest = plain(text, cell.end, delimiter);
      if (rest.text !== "") record.cells.push(record.cells.pop()! + rest.text);
      at = rest.end;
      if (text[at] !== delimiter) break;
      at++;
    }
    if (text[at] === "\r") at++;
    if (text[at] === "\n") at++;
    line++;
    if (record.cells.some((cell) => cell.trim() !== "")) records.push(record);
  }
  return { records };
}

interface Cell {
  text: string;
  end: number;
  /** Ends of lines in it. */
  lines: number;
}

function plain(text: string, start: number, delimiter: Delimiter): Cell {
  let end = start;
  while (end < text.length && text[end] !== delimiter && text[end] !== "\n" && text[end] !== "\r") end++;
  return { text: text.slice(start, end), end, lines: 0 };
}

/** `undefined` where the quote is not closed. */
function quoted(text: string, start: number): Cell | undefined {
  for (let end = text.indexOf('"', start + 1); end >= 0; end = text.indexOf('"', end + 2)) {
    if (text[end + 1] === '"') continue;
    const inner = text.slice(start + 1, end).replaceAll('""', '"');
    return { text: inner, end: end + 1, lines: inner.split("\n").length - 1 };
  }
  return undefined;
}
