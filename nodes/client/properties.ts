/** The properties of client. */
import { AGENT, ANY_SOURCE, NAME, type Table } from "../shared/properties";

export const PROPERTIES = {
  name: NAME,
  agent: AGENT,
  operation: {
    kind: "choice",
    value: "update",
    choices: ["update", "delete"],
    icon: "bolt",
    hints: true,
  },
  clientName: {
    kind: "typed",
    value: "payload",
    type: "msg",
    sources: ANY_SOURCE,
    check: "clientName",
    icon: "industry",
    when: { operation: ["update"] },
  },
  confirmDelete: {
    kind: "tick",
    value: false,
    when: { operation: ["delete"] },
    hint: "hint.confirmDelete",
  },
} as const satisfies Table;
