/** The simulator node's properties, checked. Throws `InvalidInput` naming the field. */
import { invalid } from "../../src/protocol/input";
import { unsetVariable } from "../shared/fields";

export interface SimulatorSettings {
  directory: string;
  host: string;
  port: number;
  registrationPort: number;
  broker: "embedded" | "mosquitto";
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
    if (Number.isInteger(value) && value >= 0 && value <= 65_535) return value;
    throw invalid("range", field, text(field), { allowed: "words.anyPort" });
  };
  const host = text("host");
  if (host === "") throw invalid("missing", "host");
  const broker = text("broker");
  if (broker !== "embedded" && broker !== "mosquitto") {
    throw invalid("value", "broker", broker, { allowed: "embedded, mosquitto" });
  }
  return {
    directory: text("directory"),
    host,
    port: port("port"),
    registrationPort: port("registrationPort"),
    broker,
  };
}
