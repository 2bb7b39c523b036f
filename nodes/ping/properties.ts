/** The properties of ping. */
import { AGENT, ANY_SOURCE, NAME, type Table } from "../shared/properties";

export const PROPERTIES = {
  name: NAME,
  agent: AGENT,
  request: {
    kind: "typed",
    value: "payload",
    type: "msg",
    sources: ANY_SOURCE,
    icon: "commenting-o",
    hint: "hint.request",
  },
} as const satisfies Table;
