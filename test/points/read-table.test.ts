/** Tables of points as people have them: spreadsheets, CSV of any kind, JSON; and what is wrong with them, by its place. */
import assert from "node:assert/strict";
import { COLUMN_NAMES, COLUMNS, readReport, readTexts, type Row } from "../../src/points/columns";
import { decimalsOf } from "../../src/points/conversion";
import { decode } from "../../src/points/decode";
import { readDelimited } from "../../src/points/delimited";
import { proposeColumns, readTable, readText, writeLines, writeTable } from "../../src/points/read-table";
import { EVERYTHING, strategyOf } from "../../src/points/strategy";
import { measureOf } from "../../src/points/units";

const ROWS: Row[] = [
  { source: "[0]", sensor: "Boiler", metric: "temp", unit: "°C", scale: 0.1, offset: -40, decimals: 1 },
  { source: "a,b", sensorId: "s1", metricId: "m1", texts: '0=off; 1="on"', report: "2 %", atMost: 5 },
  { source: 'say "x"', metric: "two\nlines", bit: 3, window: "mean", atLeast: 60 },
];

describe("A table of points in text", () => {
  for (const [name, delimiter] of [
    ["commas", ","],
    ["semicolons", ";"],
    ["tabs", "\t"],
  ] as const) {
    it(`is found to be cut by ${name}, with quotes, line ends and decimal commas in it`, () => {
      for (const comma of [false, true]) {
        const lines = writeTable(ROWS, COLUMN_NAMES, { delimiter, comma });
        for (const text of [
          lines.join("\n"),
          `\ufeff${lines.join("\r\n")}\r\n\r\n`,
          `sep=${delimiter}\n${lines.join("\n")}`,
        ]) {
          const { rows, problems } = readTable(text);
          assert.deepEqual(problems, []);
          assert.deepEqual(rows, ROWS);
        }
      }
    });
  }

  it("is not cut by what stands within cells", () => {
    assert.equal(readDelimited("source;scale\na;0,1\nb;0,2").delimiter, ";");
    assert.equal(readDelimited("source\tmetric\ta\n1,2\t3;4\t").delimiter, "\t");
    assert.equal(readDelimited('source,texts\na,"0=x;1=y"').delimiter, ",");
  });

  it("may have a title above the line that names the columns", () => {
    const title = "Registerliste Presse 12;;\r\nStand: 6.5.;;\r\n;;\r\n";
    const { rows, places } = readText(`\ufeff${title}Register;Metrik;Faktor\r\n[3];Druck;0,1\u00a0\r\n`);
    assert.deepEqual(rows, [{ source: "[3]", metric: "Druck", scale: 0.1 }]);
    assert.deepEqual(places, [5]);
  });

  it("is read in the encodings in which spreadsheets save it", () => {
    const text = "Quelle;Größe\r\n";
    for (const bytes of [
      Buffer.from(text),
      Buffer.from(text, "latin1"),
      Buffer.from(`\ufeff${text}`, "utf16le"),
    ])
      assert.equal(decode(bytes), text);
    const japanese = "8ee693be8cb32c91aa92e88d8096da2c925088ca0a5b305d2c837b83438389815b89b793782c818e0a";
    assert.equal(decode(Buffer.from(japanese, "hex")), "取得元,測定項目,単位\n[0],ボイラー温度,℃\n");
    const chinese = "cafdbeddc0b4d4b42cd6b8b1ea2cb5a5cebb0a5b305d2cb9f8c2afcec2b6c82ca1e60a";
    assert.equal(decode(Buffer.from(chinese, "hex")), "数据来源,指标,单位\n[0],锅炉温度,℃\n");
    const western = "Größe;débit élevé à 80 °C;naïve;ÄÖÜ;«é»;Übergröße";
    assert.equal(decode(Buffer.from(western, "latin1")), western);
  });

  it("has its columns found by their names in every language, each once, and others left out", () => {
    assert.deepEqual(
      proposeColumns(["Quelle", "Gerät", "Sensor-ID", "Messwert", "Einheit", "Faktor", "Bezeichnung"]),
      ["source", "sensor", "sensorId", "metric", "unit", "scale", undefined],
    );
    assert.deepEqual(proposeColumns(["Register [hex]", "at most (s)", "Text map", "colour"]), [
      "source",
      "atMost",
      "texts",
      undefined,
    ]);
    assert.deepEqual(
      proposeColumns(["デバイス", "設備", "項目名", "センサＩＤ", "係数", "最大間隔（秒）", "備考"]),
      ["source", "sensor", "metric", "sensorId", "scale", "atLeast", undefined],
    );
    assert.deepEqual(proposeColumns(["寄存器地址", "设备名称", "测点", "系数", "小数位", "死区", "备注"]), [
      "source",
      "sensor",
      "metric",
      "scale",
      "decimals",
      "report",
      undefined,
    ]);
    for (const column of COLUMN_NAMES) assert.deepEqual(proposeColumns([column]), [column]);
  });

  it("takes wide digits and signs, as a Japanese or Chinese keyboard makes them, for those that are meant", () => {
    const { rows, problems } = readText(
      "取得元,測定項目ID,倍率,表示テキスト,送信条件\na,m,０．１,０＝停止；１＝運転,２％",
    );
    assert.deepEqual(problems, []);
    const [row] = rows;
    assert.equal(row?.scale, 0.1);
    assert.deepEqual(
      [...(readTexts(row?.texts ?? "") ?? [])],
      [
        ["0", "停止"],
        ["1", "運転"],
      ],
    );
    assert.deepEqual(readReport(row?.report ?? ""), { report: "percent", band: 2 });
  });

  it("has no name that means two columns", () => {
    const names = COLUMN_NAMES.flatMap((column) => COLUMNS[column].names);
    assert.equal(new Set(names).size, names.length);
  });

  it("tells each mistake by its line and column, and gives the other rows", () => {
    const { rows, problems } = readText(
      [
        "source;metricId;scale;bit;report;window;texts;atMost;atLeast",
        "a;m1;zwei;;;;;;",
        "b;m/2;;;;;;;",
        "c;m3;;64;;;;;",
        ";m4;;;;;;;",
        "e;;;;;;;;",
        "f;m6;;;sometimes;;;;",
        "g;m7;;;;median;;;",
        'h;m8;;;;;"0,1";;',
        "i;m9;;;;;;60;10",
        "j;m10;1.234,5;;;;;;",
        "k;m11;0,5;3;1,5 %;mean;0=a;1;60",
      ].join("\n"),
    );
    assert.deepEqual(
      problems.map(({ row, column, words }) => [row, column, words]),
      [
        [2, "scale", "words.rowNumber"],
        [3, "metricId", "words.rowId"],
        [3, "metric", "words.rowMetric"],
        [4, "bit", "words.rowWhole"],
        [5, "source", "words.rowSource"],
        [6, "metric", "words.rowMetric"],
        [7, "report", "words.rowReport"],
        [8, "window", "words.rowWindow"],
        [9, "texts", "words.rowTexts"],
        [10, "atLeast", "words.rowIntervals"],
        [11, "scale", "words.rowNumber"],
      ],
    );
    assert.equal(rows.length, 11);
    assert.equal(rows[10]!.scale, 0.5);
  });

  it("tells a quote that nobody closes, and a header without a source", () => {
    assert.deepEqual(readText('source,metric\na,"b\nc,d').problems[0], {
      row: 2,
      column: "2",
      words: "words.rowQuote",
    });
    assert.equal(readText("eins;zwei\n1;2").problems[0]!.words, "words.rowHeader");
  });

  it("keeps lines of cells that have ends of lines in them apart", () => {
    const { places } = readText('source,metric\n"a","x\ny"\n\nb,z\n');
    assert.deepEqual(places, [2, 5]);
  });

  it("is no formula to a spreadsheet, and the same when it comes back", () => {
    const rows: Row[] = [{ source: "jsonata: -a", metric: "=1+1", sensor: "@x", scale: -1 }];
    const lines = writeTable(rows, ["source", "sensor", "metric", "scale"], { delimiter: ";", comma: true });
    assert.equal(lines[1], "jsonata: -a;'@x;'=1+1;-1");
    assert.deepEqual(readTable(lines.join("\n")).rows, rows);
  });
});

describe("A table of points", () => {
  it("is read from the node's lines, from rows, and from JSON, and its places count rows then", () => {
    const lines = writeLines(ROWS);
    assert.equal(lines.length, 4);
    for (const given of [lines, ROWS, JSON.stringify(ROWS)]) {
      const { rows, places, problems } = readTable(given);
      assert.deepEqual(problems, []);
      assert.deepEqual(rows, ROWS);
      assert.deepEqual(places, [1, 2, 3]);
    }
    assert.equal(readTable(["source,metric", "a,b", ",c"]).problems[0]!.row, 2);
    assert.deepEqual(writeLines([]), []);
    assert.deepEqual(readTable([]).rows, []);
  });

  it("takes maps and lists of another kind for what they are", () => {
    assert.equal(
      readTable([{ source: "a", metric: "b", texts: { 0: "off", 1: "on" } }]).rows[0]!.texts,
      "0=off; 1=on",
    );
    for (const given of [7, null, "[1", [1], '[{"source":'])
      assert.equal(readTable(given).problems.length, 1);
  });

  it("takes the words of other languages for when a value is reported", () => {
    const words = ["Änderung", "Mittelwert"];
    const { rows, problems } = readTable([{ source: "a", metric: "b", report: words[0], window: words[1] }]);
    assert.deepEqual(problems, []);
    const { report, window } = strategyOf(EVERYTHING, rows[0]!);
    assert.deepEqual([report, window], ["change", "mean"]);
  });

  it("calls units what people call them", () => {
    assert.deepEqual(measureOf({ unit: "°C" }), { valueUnit: "SI.Temperature.CELSIUS" });
    assert.deepEqual(measureOf({ unit: "Celsius" }), { valueUnit: "SI.Temperature.CELSIUS" });
    assert.deepEqual(measureOf({ unit: "SI.New.UNIT" }), { valueUnit: "SI.New.UNIT" });
    assert.deepEqual(measureOf({ unit: "bar" }), { valueType: "double", valueAnnotation: "bar" });
    assert.deepEqual(measureOf({ unit: "Integer", annotation: "pcs" }), {
      valueType: "integer",
      valueAnnotation: "pcs",
    });
    assert.equal(measureOf({}), undefined);
  });

  it("may have a type in one column and a unit in another: the unit says more", () => {
    const { rows, problems } = readText("Quelle;Name;Datentyp;Einheit\na;x;REAL;bar\nb;y;INT;\nc;z;;°C");
    assert.deepEqual(problems, []);
    assert.deepEqual(
      rows.map(({ unit }) => unit),
      ["bar", "INT", "°C"],
    );
  });

  it("takes a controller's type for that of the raw value", () => {
    const typeOf = (row: Parameters<typeof measureOf>[0]): string | undefined => measureOf(row)?.valueType;
    assert.deepEqual(
      ["INT", "DWORD", "REAL", "Boolean", "Text"].map((unit) => typeOf({ unit })),
      ["integer", "integer", "double", "bool", "string"],
    );
    assert.equal(typeOf({ unit: "UINT16", scale: 0.1 }), "double");
    assert.equal(typeOf({ unit: "UINT16", scale: 0.1, decimals: 0 }), "integer");
    assert.equal(typeOf({ unit: "WORD", bit: 3 }), "bool");
    assert.equal(typeOf({ unit: "WORD", texts: "0=off" }), "string");
    assert.equal(typeOf({ bit: 3 }), "bool");
    assert.equal(typeOf({ texts: "0=off" }), "string");
    assert.equal(decimalsOf({ source: "a", unit: "INT" }), 0);
  });
});
