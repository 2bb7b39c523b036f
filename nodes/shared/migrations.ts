/**
 * Flow files are a public contract: a flow of any earlier version loads. A node's definition carries the `version`
 * that wrote it; the steps from there to today's stand here, and defaults fill what a flow made by hand leaves out.
 */
import type { NodeDef } from "./node-red";

type Definition = NodeDef & Record<string, unknown>;
export type Migration = (definition: Definition) => Definition;

/** For each node type, the step from version 1 to 2, from 2 to 3, … None so far: every node is at version 1. */
const MIGRATIONS: Readonly<Record<string, readonly Migration[]>> = {};

export function upgrade<D extends object>(
  definition: NodeDef,
  defaults: D,
  migrations: readonly Migration[] = MIGRATIONS[definition.type] ?? [],
): NodeDef & D {
  let current = definition as Definition;
  const version = typeof current.version === "number" ? current.version : 1;
  for (const migration of migrations.slice(version - 1)) current = migration(current);
  const given = Object.entries(current).filter(([, value]) => value !== undefined && value !== null);
  return { ...defaults, ...Object.fromEntries(given) } as NodeDef & D;
}
