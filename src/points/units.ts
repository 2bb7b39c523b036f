/** What a table calls a unit or type, as the API has it ("Create Metric"). */
import { VALUE_TYPES, VALUE_UNITS, type ValueType } from "../protocol/units";
import type { Row } from "./columns";

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

/** `undefined` where the row does not say it. Any other unit is a double with that unit as its annotation. */
export function measureOf({ unit, annotation }: Pick<Row, "unit" | "annotation">): Measure | undefined {
  if (unit === undefined)
    return annotation === undefined ? undefined : { valueType: "double", valueAnnotation: annotation };
  const type = VALUE_TYPES.find((known) => known === unit.toLowerCase());
  if (type !== undefined) return { valueType: type, valueAnnotation: annotation ?? "" };
  const predefined = predefinedUnit(unit);
  if (predefined !== undefined) return { valueUnit: predefined };
  return { valueType: "double", valueAnnotation: annotation ?? unit };
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

function predefinedUnit(unit: string): string | undefined {
  if (Object.hasOwn(SYMBOLS, unit)) return SYMBOLS[unit];
  if (LIKE_PREDEFINED.test(unit)) return unit;
  const word = unit.toUpperCase().replaceAll(" ", "_");
  return VALUE_UNITS.find((known) => known.endsWith(`.${word}`));
}
