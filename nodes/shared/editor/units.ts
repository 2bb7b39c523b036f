/** Values and units as people read them. Pure. */

export type Value = number | string | boolean | null;

/** The unit of a metric, as the agent describes it. */
export interface Unit {
  valueUnit?: string;
  valueType?: string;
  valueAnnotation?: string;
}

/** Symbols of the predefined units ("Create Metric"), the same in every language; a unit of one's own is shown as it is. */
const SYMBOLS: Readonly<Record<string, string>> = {
  AMPERE: "A",
  BIT: "bit",
  CANDELA: "cd",
  CELSIUS: "°C",
  DECIBEL: "dB",
  FARAD: "F",
  HERTZ: "Hz",
  JOULE: "J",
  KILOGRAM: "kg",
  GRAM: "g",
  LATITUDE: "°",
  LONGITUDE: "°",
  METER: "m",
  METERS_PER_SECOND: "m/s",
  METERS_PER_SQUARE_SECOND: "m/s²",
  MOLE: "mol",
  NEWTON: "N",
  OHM: "Ω",
  PASCAL: "Pa",
  PERCENT: "%",
  RADIAN: "rad",
  SECOND: "s",
  SQUARE_METRE: "m²",
  VOLT: "V",
  WATT: "W",
};

export function unitOf({ valueUnit, valueAnnotation }: Unit): string {
  if (valueUnit === undefined) return valueAnnotation ?? "";
  return SYMBOLS[valueUnit.split(".").at(-1) ?? ""] ?? valueUnit;
}

/** `21.5 °C`; numbers with as many digits as a person reads. */
export function withUnit(value: Value, metric: Unit): string {
  const text = typeof value === "number" ? String(Number(value.toPrecision(7))) : String(value);
  const unit = unitOf(metric);
  return unit === "" ? text : `${text} ${unit}`;
}
