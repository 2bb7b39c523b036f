/** The properties of the simulator. */
import { NAME, type Table } from "../shared/properties";

/** 0: any free one. */
const PORT = { kind: "number", least: 0, most: 65_535, icon: "plug" } as const;

export const PROPERTIES = {
  name: NAME,
  directory: {
    kind: "text",
    value: "",
    icon: "folder-open-o",
    placeholder: "placeholder.directory",
    hint: "hint.authority",
  },
  host: { kind: "text", value: "localhost", check: "filled", icon: "globe", example: "localhost" },
  port: { ...PORT, value: "18884" },
  registrationPort: { ...PORT, value: "18883" },
  broker: {
    kind: "choice",
    value: "embedded",
    choices: ["embedded", "mosquitto"],
    icon: "server",
  },
} as const satisfies Table;
