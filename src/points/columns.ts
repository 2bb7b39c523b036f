/** The columns of a table of points: what may stand in each, and by which names people call them. Data before code. */
import { ID } from "../protocol/limits";
import { readSource } from "./source";

/** A point: where a value stands in a message, whose it is, how it is made, and when it is reported. */
export interface Row {
  /** A key or path in the values, an index, `msg.…`, or `jsonata: …`. */
  source: string;
  /** Of sensor and metric, the ID goes before the name. */
  sensor?: string;
  sensorId?: string;
  metric?: string;
  metricId?: string;
  /** A predefined unit, its symbol or last word, a value type, or a unit of one's own. */
  unit?: string;
  annotation?: string;
  /** value = raw × scale + offset, rounded to `decimals`. */
  scale?: number;
  offset?: number;
  decimals?: number;
  /** The bit of a word that is the value; 0 is the lowest. */
  bit?: number;
  /** `0=off; 1=on; *=other` */
  texts?: string;
  /** `all`, `change`, a dead-band such as `0.5` or `2 %`. */
  report?: string;
  /** Seconds. */
  atMost?: number;
  window?: string;
  /** Seconds. */
  atLeast?: number;
}

export type Column = keyof Row;

/** What is wrong with a cell: the key of a sentence (`words` of the errors), and what fills it. */
export interface Fault {
  words: string;
  least?: number;
  most?: number;
}

interface ColumnRow {
  /** As people write it, in any of our languages: in small letters and digits, without accents. */
  names: readonly string[];
  kind: "text" | "number";
  fault?: (value: never) => Fault | undefined;
}

export const WINDOWS = ["latest", "mean", "min", "max", "last"] as const;
export type Window = (typeof WINDOWS)[number];
/** Seconds: a week. */
const LONGEST_S = 604_800;
const MOST_DECIMALS = 12;
const MOST_BIT = 63;
/** `0=off`; what stands for all others is `*`. A Japanese or Chinese keyboard makes wide signs: `０＝停止；１＝運転`. */
const TEXT_ENTRY = /^([^=＝]+)[=＝](.*)$/s;
const DEAD_BAND = /^(\d+(?:[.,]\d+)?)\s*(%?)$/;

export const COLUMNS: Readonly<Record<Column, ColumnRow>> = {
  source: {
    names: names(
      "source path property register index address tag value",
      "quelle pfad adresse wert",
      "origen ruta direccion registro valor",
      "chemin registre valeur",
      "取得元 パス アドレス デバイス レジスタ タグ タグ名 値",
      "数据来源 来源 路径 变量 变量名 地址 寄存器 寄存器地址 标签",
    ),
    kind: "text",
    fault: sourceFault,
  },
  sensor: {
    names: names(
      "sensor sensorname device machine",
      "gerat maschine",
      "nombredelsensor dispositivo maquina equipo",
      "capteur nomducapteur appareil",
      "センサ センサー センサ名 センサの名前 機器 装置 設備 機械",
      "传感器 传感器名称 设备 设备名称 机器",
    ),
    kind: "text",
  },
  sensorId: {
    names: names(
      "sensorid",
      "iddelsensor idsensor",
      "idducapteur idcapteur",
      "センサid センサーid",
      "传感器id",
    ),
    kind: "text",
    fault: idFault,
  },
  metric: {
    names: names(
      "metric metricname name point",
      "metrik metrikname messwert messpunkt bezeichnung",
      "metrica nombredelametrica nombre medida puntodemedida designacion",
      "metrique nomdelametrique nom mesure pointdemesure designation",
      "測定項目 測定項目名 測定項目の名前 項目 項目名 名前 名称 測定点 信号名 ポイント",
      "指标 指标名称 测点 测点名称 点名 信号名称",
    ),
    kind: "text",
  },
  metricId: {
    names: names(
      "metricid",
      "metrikid",
      "iddelametrica idmetrica",
      "iddelametrique idmetrique",
      "測定項目id 項目id",
      "指标id 测点id",
    ),
    kind: "text",
    fault: idFault,
  },
  unit: {
    names: names(
      "unit unitortype type valueunit valuetype datatype",
      "einheit einheitodertyp typ datentyp",
      "unidad unidadotipo tipo tipodedatos",
      "unite uniteoutype typededonnees",
      "単位 単位または型 型 データ型",
      "单位 单位或类型 类型 数据类型 工程单位",
    ),
    kind: "text",
  },
  annotation: {
    names: names(
      "annotation valueannotation ownunit",
      "anmerkung eigeneeinheit",
      "anotacion unidadpropia",
      "unitelibre",
      "注記 独自の単位",
      "标注 自定义单位",
    ),
    kind: "text",
  },
  scale: {
    names: names(
      "scale factor gain multiplier",
      "faktor skalierung",
      "escala multiplicador",
      "facteur echelle multiplicateur",
      "倍率 係数 スケール ゲイン",
      "系数 缩放 比例 增益",
    ),
    kind: "number",
  },
  offset: {
    names: names("offset", "versatz verschiebung", "desplazamiento", "decalage", "オフセット", "偏移量 偏移"),
    kind: "number",
  },
  decimals: {
    names: names(
      "decimals decimalplaces digits precision",
      "nachkommastellen dezimalstellen",
      "decimales",
      "chiffresdecimaux",
      "小数点以下の桁数 小数桁数 小数点以下桁数 桁数",
      "小数位数 小数位 精度",
    ),
    kind: "number",
    fault: whole(0, MOST_DECIMALS),
  },
  bit: {
    names: names("bit bitnumber", "bitnummer", "ビット ビット番号", "位 位号 比特"),
    kind: "number",
    fault: whole(0, MOST_BIT),
  },
  texts: {
    names: names(
      "texts textmap map mapping enum states",
      "texte zuordnung zustande",
      "textos correspondencia estados",
      "textes correspondance etats",
      "表示テキスト テキスト 表示文字列 状態",
      "状态文本 文本 枚举 文本映射",
    ),
    kind: "text",
    fault: textsFault,
  },
  report: {
    names: names(
      "report reporting deadband band",
      "melden meldung totband",
      "transmitir transmision informe bandamuerta",
      "transmettre transmission bandemorte",
      "送信条件 不感帯",
      "上报方式 上报条件 上报 死区",
    ),
    kind: "text",
    fault: reportFault,
  },
  atMost: {
    names: names(
      "atmost atmostevery mininterval throttle",
      "hochstens hochstensalle",
      "comomaximo comomaximocada",
      "auplus auplustoutesles",
      "最短送信間隔 最短間隔 最小間隔",
      "最小上报间隔 最短上报间隔 最小间隔",
    ),
    kind: "number",
    fault: seconds,
  },
  window: {
    names: names(
      "window aggregate aggregation",
      "fenster zusammenfassung",
      "ventana agregacion",
      "fenetre agregation",
      "集約 集計",
      "统计取值 统计 聚合 取值",
    ),
    kind: "text",
    fault: windowFault,
  },
  atLeast: {
    names: names(
      "atleast atleastevery maxinterval heartbeat",
      "mindestens mindestensalle lebenszeichen",
      "almenos almenoscada senaldevida",
      "aumoins aumoinstoutesles signaldevie",
      "最長送信間隔 最長間隔 最大間隔 ハートビート",
      "最大上报间隔 最长上报间隔 最大间隔 心跳",
    ),
    kind: "number",
    fault: seconds,
  },
};
export const COLUMN_NAMES = Object.keys(COLUMNS) as Column[];

/** As people write them, in small letters; the first is the one that is written. */
const REPORT_WORDS = {
  all: [
    "all",
    "alle",
    "alles",
    "todo",
    "todos",
    "tout",
    "tous",
    "すべて",
    "すべての値",
    "全て",
    "全部",
    "每个值",
  ],
  change: [
    "change",
    "on change",
    "änderung",
    "bei änderung",
    "cambio",
    "al cambiar",
    "changement",
    "変化時",
    "変化したとき",
    "变化时",
    "变化上报",
  ],
} as const;
const WINDOW_WORDS: Readonly<Record<Window, readonly string[]>> = {
  latest: [
    "latest",
    "neuester",
    "neuester wert",
    "más reciente",
    "plus récent",
    "最新",
    "最新値",
    "最新の値",
    "最新值",
  ],
  mean: [
    "mean",
    "average",
    "avg",
    "mittel",
    "mittelwert",
    "durchschnitt",
    "media",
    "promedio",
    "moyenne",
    "平均",
    "平均値",
    "平均值",
  ],
  min: ["min", "minimum", "lowest", "mínimo", "最小", "最小値", "最小值"],
  max: ["max", "maximum", "highest", "máximo", "最大", "最大値", "最大值"],
  last: [
    "last",
    "letzter",
    "letzter wert",
    "último",
    "dernier",
    "dernière",
    "最後",
    "最後の値",
    "最后",
    "最后一个值",
  ],
};

/** What a cell says is sent of a window: `undefined` where it is nothing that is known. */
export function readWindow(text: string): Window | undefined {
  const word = text.trim().toLowerCase();
  return WINDOWS.find((window) => WINDOW_WORDS[window].includes(word));
}

/** When a value is reported, as a cell or a setting says it: `undefined` where it says nothing that is known. */
export function readReport(text: string): { report: Report; band: number } | undefined {
  const word = narrow(text).trim().toLowerCase();
  for (const report of ["all", "change"] as const)
    if ((REPORT_WORDS[report] as readonly string[]).includes(word)) return { report, band: 0 };
  const [, number, percent] = DEAD_BAND.exec(word) ?? [];
  if (number === undefined) return undefined;
  return { report: percent === "%" ? "percent" : "absolute", band: Number(number.replace(",", ".")) };
}
export type Report = "all" | "change" | "absolute" | "percent";

/** The texts of a map, by what stands for them. */
export function readTexts(cell: string): Map<string, string> | undefined {
  const entries = cell
    .split(/[;；|\n]/)
    .filter((entry) => entry.trim() !== "")
    .map((entry) => TEXT_ENTRY.exec(entry));
  if (entries.length === 0 || entries.includes(null)) return undefined;
  return new Map(entries.map((entry) => [narrow(entry![1]!).trim(), entry![2]!.trim()]));
}

/** Wide digits and signs, as a Japanese or Chinese keyboard makes them, as those that are meant: `１．５％` is `1.5%`. */
export function narrow(text: string): string {
  return text.normalize("NFKC");
}

/** A line of words for each language. */
function names(...lines: readonly string[]): string[] {
  return lines.flatMap((line) => line.split(" "));
}

function sourceFault(value: string): Fault | undefined {
  return readSource(value) === undefined ? { words: "words.rowPath" } : undefined;
}

function idFault(value: string): Fault | undefined {
  return ID.pattern.test(value) ? undefined : { words: "words.rowId", most: ID.maxLength };
}

function textsFault(value: string): Fault | undefined {
  return readTexts(value) === undefined ? { words: "words.rowTexts" } : undefined;
}

function reportFault(value: string): Fault | undefined {
  return readReport(value) === undefined ? { words: "words.rowReport" } : undefined;
}

function windowFault(value: string): Fault | undefined {
  return readWindow(value) === undefined ? { words: "words.rowWindow" } : undefined;
}

function seconds(value: number): Fault | undefined {
  return value >= 0 && value <= LONGEST_S
    ? undefined
    : { words: "words.rowRange", least: 0, most: LONGEST_S };
}

function whole(least: number, most: number): (value: number) => Fault | undefined {
  return (value) =>
    Number.isInteger(value) && value >= least && value <= most
      ? undefined
      : { words: "words.rowWhole", least, most };
}
