/** What a table calls a unit or type, as the API has it ("Create Metric"). */
import { VALUE_TYPES, VALUE_UNITS, type ValueType } from "../protocol/units";
import type { Row } from "./columns";

/** What of a row says what its metric is. */
type Measured = Pick<Row, "unit" | "annotation" | "texts" | "bit" | "scale" | "offset" | "decimals">;

export type Measure =
  | { valueUnit: string; valueType?: undefined; valueAnnotation?: undefined }
  | { valueType: ValueType; valueAnnotation: string; valueUnit?: undefined };

const SYMBOLS: Readonly<Record<string, (typeof VALUE_UNITS)[number]>> = {
  A: "SI.ElectricCurrent.AMPERE",
  bit: "SI.DataAmount.BIT",
  cd: "SI.LuminousIntensity.CANDELA",
  "°C": "SI.Temperature.CELSIUS",
  C: "SI.Temperature.CELSIUS",
  dB: "NoSI.Dimensionless.DECIBEL",
  F: "SI.ElectricCapacitance.FARAD",
  Hz: "SI.Frequency.HERTZ",
  J: "SI.Energy.JOULE",
  kg: "SI.Mass.KILOGRAM",
  m: "SI.Length.METER",
  "m/s": "SI.Velocity.METERS_PER_SECOND",
  "m/s²": "SI.Acceleration.METERS_PER_SQUARE_SECOND",
  "m/s2": "SI.Acceleration.METERS_PER_SQUARE_SECOND",
  mol: "SI.AmountOfSubstance.MOLE",
  N: "SI.Force.NEWTON",
  Ω: "SI.ElectricResistance.OHM",
  Ohm: "SI.ElectricResistance.OHM",
  Pa: "SI.Pressure.PASCAL",
  "%": "NoSI.Dimensionless.PERCENT",
  rad: "SI.Angle.RADIAN",
  s: "SI.Duration.SECOND",
  "m²": "SI.Area.SQUARE_METRE",
  m2: "SI.Area.SQUARE_METRE",
  V: "SI.ElectricPotential.VOLT",
  W: "SI.Power.WATT",
};
/** What the agent knows and this list does not: the agent judges it. */
const LIKE_PREDEFINED = /^(?:No)?SI[._]/;

/** What controllers call their types, which are those of the raw value. */
const RAW_WHOLE = /^(?:u?[sdl]?int(?:8|16|32|64)?|[dl]?word|byte)$/i;
const RAW_TYPES: Readonly<Record<string, ValueType>> = {
  boolean: "bool",
  number: "double",
  real: "double",
  lreal: "double",
  float: "double",
  float32: "double",
  float64: "double",
  text: "string",
};

/** `undefined` where the row does not say it. Any other unit is a double with that unit as its annotation. */
export function measureOf(row: Measured): Measure | undefined {
  const { unit, annotation } = row;
  if (unit === undefined) return unsaid(row);
  const type = VALUE_TYPES.find((known) => known === unit.toLowerCase()) ?? typeOfRaw(unit, row);
  if (type !== undefined) return { valueType: type, valueAnnotation: annotation ?? "" };
  const predefined = predefinedUnit(unit);
  if (predefined !== undefined) return { valueUnit: predefined };
  return { valueType: "double", valueAnnotation: annotation ?? unit };
}

/** Whether it names a type and no unit. */
export function isTypeName(text: string): boolean {
  const word = text.toLowerCase();
  return VALUE_TYPES.some((type) => type === word) || RAW_WHOLE.test(word) || Object.hasOwn(RAW_TYPES, word);
}

/** Whether a metric of the agent is what a row says. */
export function isSameMeasure(
  one: {
    valueUnit?: string | undefined;
    valueType?: string | undefined;
    valueAnnotation?: string | undefined;
  },
  other: Measure,
): boolean {
  if (other.valueUnit !== undefined) return one.valueUnit === other.valueUnit;
  return one.valueType === other.valueType && (one.valueAnnotation ?? "") === other.valueAnnotation;
}

/** Texts are texts, and a bit is yes or no, where nobody says otherwise. */
function unsaid({ annotation, texts, bit, scale }: Measured): Measure | undefined {
  const own = texts !== undefined ? "string" : bit !== undefined && scale === undefined ? "bool" : undefined;
  if (own !== undefined) return { valueType: own, valueAnnotation: annotation ?? "" };
  return annotation === undefined ? undefined : { valueType: "double", valueAnnotation: annotation };
}

/** What becomes of a raw value of this type: a word of which a bit is taken is yes or no, a scaled one has decimals. */
function typeOfRaw(
  name: string,
  { texts, bit, scale = 1, offset = 0, decimals }: Measured,
): ValueType | undefined {
  const raw = RAW_WHOLE.test(name) ? "integer" : RAW_TYPES[name.toLowerCase()];
  if (raw === undefined) return undefined;
  if (texts !== undefined) return "string";
  if (bit !== undefined) return "bool";
  const isWhole = decimals === 0 || (Number.isInteger(scale) && Number.isInteger(offset));
  return raw === "integer" && !isWhole ? "double" : raw;
}

function predefinedUnit(unit: string): string | undefined {
  if (Object.hasOwn(SYMBOLS, unit)) return SYMBOLS[unit];
  if (LIKE_PREDEFINED.test(unit)) return unit;
  const word = unit.toUpperCase().replaceAll(" ", "_");
  return VALUE_UNITS.find((known) => known.endsWith(`.${word}`));
}
