/** How a client is called where nobody has given it a name. */
import { hostname } from "node:os";
import { CLIENT_NAME } from "../../src/protocol/limits";

/** This machine's name with what the agent allows of it. */
export function machineName(name = hostname()): string {
  const allowed = [...name].map((character) => (CLIENT_NAME.pattern.test(character) ? character : "-"));
  return (
    allowed
      .join("")
      .slice(0, CLIENT_NAME.maxLength)
      .replace(/^-+|-+$/g, "") || "node-red"
  );
}
