/** Nodes that do several operations have a table of them; this finds the one that a node is set to. */
import { invalid } from "../../src/protocol/input";

export function chosenOperation<T>(operations: Readonly<Record<string, T>>, name: string): T {
  const operation = Object.hasOwn(operations, name) ? operations[name] : undefined;
  if (operation === undefined) {
    throw invalid("value", "operation", name, { allowed: Object.keys(operations).join(", ") });
  }
  return operation;
}
