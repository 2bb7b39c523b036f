/**
 * A line of presses with 200 registers: the spreadsheet that somebody has of them, what a Modbus node reads, and plain
 * code that says what is to be sent of it. It shares nothing with the package.
 */

export const REGISTERS = 200;

type Cells = Record<string, string>;
type Value = number | string | boolean;

interface Kind {
  metric: string;
  cells: Cells;
  make: (raw: number) => Value;
  /** Whether a value is to be sent after the one that was sent last. */
  isNews: (value: Value, sent: Value) => boolean;
  /** Of the values of a window. */
  window?: (values: number[]) => number;
  isLatest?: true;
}

const MAP: Record<number, string> = { 0: "aus", 1: "ein" };
const differs = (value: Value, sent: Value): boolean => value !== sent;
const last = (values: number[]): number => values.at(-1)!;

const KINDS: readonly Kind[] = [
  {
    metric: "Temperatur",
    cells: {
      Datentyp: "REAL",
      Einheit: "°C",
      Faktor: "0,1",
      Versatz: "-40",
      Nachkommastellen: "1",
      Melden: "0,5\u00a0",
    },
    make: (raw) => (raw - 400) / 10,
    isNews: (value, sent) => Math.round(Math.abs(Number(value) - Number(sent)) * 10) > 5,
  },
  {
    metric: "Druck",
    cells: { Einheit: "bar", Faktor: " 0,01", Melden: "2\u00a0%" },
    make: (raw) => raw / 100,
    // In whole numbers: hundredths, and percent of them.
    isNews: (value, sent) => {
      const [one, other] = [Math.round(Number(value) * 100), Math.round(Number(sent) * 100)];
      return Math.abs(one - other) * 100 > 2 * Math.abs(other);
    },
  },
  {
    metric: "Bereit",
    cells: { Datentyp: "WORD", Bit: "3", Melden: "Änderung" },
    make: (raw) => Math.floor(raw / 8) % 2 === 1,
    isNews: differs,
  },
  {
    metric: "Zustand",
    cells: { Texte: "0=aus; 1=ein; *=Störung", Melden: "Änderung" },
    make: (raw) => MAP[raw] ?? "Störung",
    isNews: differs,
  },
  ...(
    [
      ["Mittelwert", (values) => Math.round(values.reduce((sum, value) => sum + value, 0) / values.length)],
      ["min", (values) => Math.min(...values)],
      ["max", (values) => Math.max(...values)],
      ["last", last],
      ["latest", last],
    ] satisfies [string, (values: number[]) => number][]
  ).map(([word, window]): Kind => ({
    metric: `Teile ${word}`,
    cells: { Datentyp: "INT", Melden: "alle", "Höchstens alle (s)": "10", Fenster: word },
    make: (raw) => raw,
    isNews: () => true,
    window,
    ...(word === "latest" ? { isLatest: true } : {}),
  })),
];

interface Point {
  register: number;
  sensor: string;
  metric: string;
  kind: Kind;
  /** Milliseconds; 0: none. */
  atMost: number;
  atLeast: number;
}

export const POINTS: readonly Point[] = Array.from({ length: REGISTERS }, (_, register) => {
  const kind = KINDS[register % KINDS.length]!;
  return {
    register,
    sensor: `Presse ${(register % 8) + 1}`,
    metric: `${kind.metric} ${register}`,
    kind,
    atMost: kind.window === undefined ? 0 : 10_000,
    atLeast: register % 3 === 0 ? 60_000 : 0,
  };
});

const HEADS = [
  ...["Register", "Sensor", "Metrik", "Datentyp", "Einheit", "Faktor", "Versatz", "Nachkommastellen"],
  ...["Bit", "Texte", "Melden", "Höchstens alle (s)", "Fenster", "Mindestens alle (s)", "Bemerkung"],
];

/** The rows of some points as somebody types them into a spreadsheet. */
function spreadsheet(points: readonly Point[]): string[][] {
  const rows = points.map(({ register, sensor, metric, kind, atLeast }) => {
    const cells: Cells = {
      ...kind.cells,
      ...{ Register: `[${register}]`, Sensor: sensor, Metrik: metric },
      "Mindestens alle (s)": atLeast === 0 ? "" : "60",
      Bemerkung: register % 7 === 0 ? 'Schrank "A";\nlinks' : "",
    };
    return HEADS.map((head) => cells[head] ?? "");
  });
  return [HEADS, ...rows];
}

const quoted = (cell: string, delimiter: string): string =>
  cell.includes(delimiter) || /["\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;

/** What a spreadsheet puts on the clipboard. */
export function clipboard(points: readonly Point[]): string {
  return `${spreadsheet(points)
    .map((cells) => cells.map((cell) => quoted(cell, "\t")).join("\t"))
    .join("\r\n")}\r\n`;
}

/** "CSV UTF-8" of a German Excel: a title, semicolons, CRLF, a byte order mark. */
export function germanCsv(points: readonly Point[]): string {
  const title = ["Registerliste der Linie 4", ...HEADS.slice(1).map(() => "")];
  return `\ufeff${[title, ...spreadsheet(points)]
    .map((cells) => cells.map((cell) => quoted(cell, ";")).join(";"))
    .join("\r\n")}\r\n`;
}

/** The same numbers in each run. */
export function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return state / 2 ** 31;
  };
}

/** What a Modbus node reads, again and again: most registers waver, some stand still. */
export function* readings(seed: number): Generator<number[]> {
  const random = generator(seed);
  const registers = Array.from({ length: REGISTERS }, () => Math.floor(500 + random() * 1000));
  for (;;) {
    // A state is a small number.
    yield registers.map((value, index) => (POINTS[index]!.kind.metric === "Zustand" ? value % 4 : value));
    for (const [index, value] of registers.entries())
      if (index % 11 !== 0 && random() < 0.7)
        registers[index] = Math.max(0, value + Math.floor(random() * 9) - 4);
  }
}

interface Series {
  point: Point;
  sent?: Value | undefined;
  sentAt: number;
  isFirst: boolean;
  latest: Value;
  window?: { values: number[]; due: number } | undefined;
}

/** The same in plain code: a series for each point, and a list of all that was sent, by `sensor/metric`. */
export class PlainCode {
  readonly sent = new Map<string, Value[]>();
  count = 0;
  private readonly series = new Map<Point, Series>();

  /** Registers are read at this time (ms). A register that is none (`null`) is told, and nothing else. */
  read(now: number, registers: readonly (number | null | undefined)[], isForced = false): void {
    this.pass(now);
    for (const point of POINTS) {
      const raw = registers[point.register];
      if (raw === null || raw === undefined) continue;
      const value = point.kind.make(raw);
      const series = this.series.get(point) ?? { point, sentAt: -Infinity, isFirst: true, latest: value };
      this.series.set(point, series);
      series.latest = value;
      this.take(series, value, now, isForced);
    }
  }

  private take(series: Series, value: Value, now: number, isForced: boolean): void {
    const { point, sent, sentAt, window } = series;
    if (isForced || series.isFirst) return this.send(series, value, now);
    if (point.atMost === 0) {
      if (point.kind.isNews(value, sent!)) this.send(series, value, now);
      return;
    }
    if (window !== undefined) return void window.values.push(Number(value));
    const opens = sentAt + point.atMost;
    if (opens <= now && point.kind.isLatest) return this.send(series, value, now);
    series.window = { values: [Number(value)], due: opens > now ? opens : now + point.atMost };
  }

  /** What time alone sends until now. */
  private pass(now: number): void {
    for (const series of this.series.values()) {
      for (let due = dueOf(series); due <= now; due = dueOf(series)) {
        const { sent } = series;
        const before = this.count;
        if (series.window !== undefined) this.end(series, due);
        if (this.count === before && sent !== undefined) this.send(series, series.latest, due);
      }
    }
  }

  private end(series: Series, now: number): void {
    const { window, point } = series;
    series.window = undefined;
    this.send(series, point.kind.window!(window!.values), now);
  }

  private send(series: Series, value: Value, now: number): void {
    const { sensor, metric } = series.point;
    const key = `${sensor}/${metric}`;
    const all = this.sent.get(key);
    if (all === undefined) this.sent.set(key, [value]);
    else all.push(value);
    this.count++;
    Object.assign(series, { sent: value, sentAt: now, isFirst: false, window: undefined });
  }

  /** What waits is sent, and the next value is a first one. */
  deploy(now: number): void {
    this.pass(now);
    for (const series of this.series.values()) if (series.window !== undefined) this.end(series, now);
    this.series.clear();
  }

  /** Another client has nothing yet, and none of the sensors for which a value waits. */
  otherClient(now: number): void {
    this.pass(now);
    this.series.clear();
  }

  deleteSensor(now: number, sensor: string): void {
    this.pass(now);
    for (const point of this.series.keys()) if (point.sensor === sensor) this.series.delete(point);
  }
}

function dueOf({ window, sent, sentAt, point }: Series): number {
  const beat = sent === undefined || point.atLeast === 0 ? Infinity : sentAt + point.atLeast;
  return Math.min(window?.due ?? Infinity, beat);
}
