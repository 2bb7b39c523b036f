/** Where this package keeps its files: below `teamviewer-iot` in Node-RED's user directory. */
import { createHash } from "node:crypto";
import { join, resolve } from "node:path";
import type { NodeAPI } from "./node-red";

export function userDirectory(RED: NodeAPI): string {
  return resolve(RED.settings.userDir ?? ".");
}

/** A folder for one configuration node; its ID is hashed, since a flow file may hold any text as an ID. */
export function identityDirectory(userDir: string, nodeId: string): string {
  return join(userDir, "teamviewer-iot", createHash("sha256").update(nodeId).digest("hex").slice(0, 16));
}

export function simulatorDirectory(userDir: string, directory: string): string {
  return directory === "" ? join(userDir, "teamviewer-iot", "simulator") : resolve(userDir, directory);
}
