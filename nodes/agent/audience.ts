/**
 * Node-RED hands what a configuration node tells to the flow of each node that uses it: a Catch node beside eight of
 * them would hear of one outage eight times. Here are those of them that let everybody hear once. Pure.
 */

/** A node that uses the agent. */
interface User {
  readonly id: string;
  /** Its flow, and its group. */
  readonly z?: string | undefined;
  readonly g?: string | undefined;
}

/** What of a flow file says who listens. */
export interface Definition extends User {
  readonly type: string;
  /** Of Catch and Status nodes: every node of the flow, those of the group, or these. */
  readonly scope?: string | readonly string[] | null;
}

/** The users whose flow has to be told, so that each listener of this type hears it; mostly once. */
export function audience<U extends User>(
  users: readonly U[],
  definitions: readonly Definition[],
  listener: "catch" | "status",
): U[] {
  const byId = new Map(definitions.map((definition) => [definition.id, definition]));
  const isInGroup = (user: User, group: string | undefined): boolean =>
    user.g !== undefined && (user.g === group || isInGroup(byId.get(user.g) ?? { id: "" }, group));
  const hears = ({ z, g, scope }: Definition, user: User): boolean => {
    if (user.z !== z) return false;
    if (Array.isArray(scope)) return scope.includes(user.id);
    return scope !== "group" || isInGroup(user, g);
  };

  // Of what is in a subflow the definitions know only the template: its instances all hear it.
  const chosen = new Set(users.filter(({ z }) => byId.get(z ?? "")?.type !== "tab"));
  for (const definition of definitions) {
    if (definition.type !== listener || [...chosen].some((user) => hears(definition, user))) continue;
    const first = users.find((user) => hears(definition, user));
    if (first !== undefined) chosen.add(first);
  }
  return users.filter((user) => chosen.has(user));
}
