/** When the node reports values, as its dialog says it. Throws `InvalidInput` naming the field. */
import { invalid } from "../../src/protocol/input";
import { EVERYTHING, isEverything, type Strategy } from "../../src/points/strategy";
import { unsetVariable } from "../shared/fields";
import type { Config } from "../shared/properties";
import { PROPERTIES } from "./properties";

type PushConfig = Config<typeof PROPERTIES>;
type NumberName = "band" | "atMost" | "atLeast" | "together";

const SECOND = 1000;

/** A node that uses neither the table nor a strategy sends what it gets, as it comes. */
export function usesPoints(config: PushConfig): boolean {
  return (
    config.tableType !== "none" ||
    Number(config.together) !== 0 ||
    !isEverything(config.report, config.atMost, config.atLeast)
  );
}

export function readStrategy(config: PushConfig): Strategy {
  const strategy: Strategy = {
    ...EVERYTHING,
    report: oneOf("report", config.report),
    band: readNumber(config, "band"),
    atMost: readNumber(config, "atMost") * SECOND,
    window: oneOf("window", config.window),
    atLeast: readNumber(config, "atLeast") * SECOND,
    repeat: config.repeat === true,
  };
  if (strategy.atLeast > 0 && strategy.atLeast < strategy.atMost)
    throw invalid("range", "atLeast", config.atLeast, { allowed: "words.afterAtMost" });
  return strategy;
}

/** Milliseconds. */
export const readTogether = (config: PushConfig): number => readNumber(config, "together");

function readNumber(config: PushConfig, field: NumberName): number {
  const { least, most } = PROPERTIES[field];
  const text = String(config[field]).trim();
  const unset = unsetVariable(text);
  if (unset !== undefined) throw invalid("environment", field, unset);
  const value = text === "" ? NaN : Number(text);
  if (value >= least && value <= most) return value;
  throw invalid("range", field, text, { allowed: "words.numberFrom", least, most });
}

function oneOf<F extends "report" | "window">(field: F, value: PushConfig[F]): PushConfig[F] {
  const choices: readonly string[] = PROPERTIES[field].choices;
  if (choices.includes(value)) return value;
  throw invalid("value", field, value, { allowed: choices.join(", ") });
}
