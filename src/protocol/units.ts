/** The predefined units and the value types of metrics ("Create Metric"). */

/** Predefined units; a metric with one of them is a double. The agent may know others: any text may be sent. */
export const VALUE_UNITS = [
  "SI.ElectricCurrent.AMPERE",
  "SI.DataAmount.BIT",
  "SI.LuminousIntensity.CANDELA",
  "SI.Temperature.CELSIUS",
  "NoSI.Dimensionless.DECIBEL",
  "SI.ElectricCapacitance.FARAD",
  "SI.Frequency.HERTZ",
  "SI.Energy.JOULE",
  "SI.Mass.KILOGRAM",
  "NoSI.Location.LATITUDE",
  "NoSI.Location.LONGITUDE",
  "SI.Length.METER",
  "SI.Velocity.METERS_PER_SECOND",
  "SI.Acceleration.METERS_PER_SQUARE_SECOND",
  "SI.AmountOfSubstance.MOLE",
  "SI.Force.NEWTON",
  "SI.ElectricResistance.OHM",
  "SI.Pressure.PASCAL",
  "NoSI.Dimensionless.PERCENT",
  "SI.Angle.RADIAN",
  "SI.Duration.SECOND",
  "SI.Area.SQUARE_METRE",
  "SI.ElectricPotential.VOLT",
  "SI.Power.WATT",
] as const;

/** Types of metrics with a custom unit. */
export const VALUE_TYPES = ["bool", "string", "double", "integer"] as const;
export type ValueType = (typeof VALUE_TYPES)[number];

/** What a metric can hold. An integer beyond ±(2^53 − 1) that came is a text of its digits: see `exact-json.ts`. */
export type MetricValue = number | string | boolean;
