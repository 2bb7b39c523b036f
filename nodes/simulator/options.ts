/** The simulator node's properties, checked. Throws `InvalidInput` naming the field. */
import { invalid } from "../../src/protocol/input";
import { unsetVariable } from "../shared/fields";
import type { Config } from "../shared/properties";
import { PROPERTIES } from "./properties";

export interface SimulatorSettings {
  directory: string;
  host: string;
  port: number;
  registrationPort: number;
  broker: Config<typeof PROPERTIES>["broker"];
}

export function readSimulatorOptions(
  config: Readonly<Record<keyof SimulatorSettings, unknown>>,
): SimulatorSettings {
  const text = (field: keyof SimulatorSettings): string => {
    const value = String(config[field]).trim();
    const unset = unsetVariable(value);
    if (unset !== undefined) throw invalid("environment", field, unset);
    return value;
  };
  const port = (field: "port" | "registrationPort"): number => {
    const value = text(field) === "" ? NaN : Number(text(field));
    const { least, most } = PROPERTIES[field];
    if (Number.isInteger(value) && value >= least && value <= most) return value;
    throw invalid("range", field, text(field), { allowed: "words.anyPort" });
  };
  const host = text("host");
  if (host === "") throw invalid("missing", "host");
  const { choices } = PROPERTIES.broker;
  const broker = choices.find((choice) => choice === text("broker"));
  if (broker === undefined) {
    throw invalid("value", "broker", text("broker"), { allowed: choices.join(", ") });
  }
  return {
    directory: text("directory"),
    host,
    port: port("port"),
    registrationPort: port("registrationPort"),
    broker,
  };
}
