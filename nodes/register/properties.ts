/** The properties of register. */
import { AGENT, FIXED_FIRST, NAME, type Table } from "../shared/properties";

export const PROPERTIES = {
  name: NAME,
  agent: AGENT,
  clientName: {
    kind: "typed",
    value: "",
    type: "str",
    sources: FIXED_FIRST,
    check: "clientName",
    icon: "industry",
    placeholder: "placeholder.clientName",
    hint: "hint.replace",
  },
} as const satisfies Table;
