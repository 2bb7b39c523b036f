/** The agent node's properties, checked, as what the client library wants. Throws `SettingMissing` naming the field. */
import { join, resolve } from "node:path";
import type { AgentSettings } from "../../src/client/agent-client";
import { watchFiles } from "../../src/files/file-watch";
import { readCa } from "../../src/identity/ca";
import { FileIdentity } from "../../src/identity/file-identity";
import { FolderIdentity } from "../../src/identity/folder-identity";
import type { IdentitySource } from "../../src/identity/identity";
import { TextIdentity } from "../../src/identity/text-identity";
import type { OutboxSettings } from "../../src/outbox/outbox";
import { IotError } from "../../src/protocol/errors";
import { show } from "../../src/protocol/input";
import { unsetVariable } from "../shared/fields";
import { machineName } from "../shared/machine-name";
import { identityDirectory } from "../shared/paths";
import { defaultsOf, type ChoiceRow, type NameOf, type NumberRow } from "../shared/properties";
import type { AgentCredentials } from "./credentials";
import { PROPERTIES } from "./properties";

export const DEFAULTS = defaultsOf(PROPERTIES);
/** As a flow file has it, which somebody may have written by hand. */
export type AgentDefinition = typeof DEFAULTS;

export interface Configuration {
  client: AgentSettings;
  /** Where what belongs to the node is kept. */
  directory: string;
  /** What people find the node by: its name, if it has one, and its ID. */
  label: string;
  /** Where and how values wait that must not be lost. */
  outbox: OutboxSettings;
  /** Where it is kept what the agent had when somebody looked. */
  inventoryFile: string;
  /** Where to register. */
  registration: AgentSettings["endpoint"];
  /** The identity that we keep ourselves, where it is so. */
  folder?: FolderIdentity;
  clientName: string;
  autoRegister: boolean;
  /** The connector's own sensor, where one is wanted: its name, and milliseconds. */
  healthSensor?: { name: string; interval: number };
}

const CONNECT_TIMEOUT = 10_000;
/** More in flight brings no more throughput, and an agent that stumbles would lose more. */
const IN_FLIGHT = 128;

type Properties = typeof PROPERTIES;
type Choice<N extends NameOf<Properties, ChoiceRow>> = Properties[N]["choices"][number];

interface Place {
  userDir: string;
  nodeId: string;
  /** Node-RED's `tlsConfigDisableLocalFiles`: who edits flows must not choose files of this machine. */
  noLocalFiles: boolean;
}

export function readConfiguration(
  definition: AgentDefinition,
  credentials: AgentCredentials,
  place: Place,
): Configuration {
  const text = (field: keyof AgentDefinition): string => readText(field, definition[field]);
  const number = (field: NameOf<Properties, NumberRow>): number => readNumber(field, text(field));
  const choice = <N extends NameOf<Properties, ChoiceRow>>(field: N): Choice<N> =>
    oneOf<Choice<N>>(field, text(field), PROPERTIES[field].choices);

  const host = filled("host", text("host"));
  const serverName = text("serverName");
  const caSource =
    choice("caSource") === "text"
      ? { text: text("caText") }
      : { file: localFile("caFile", text("caFile"), "caSource", place) };
  const endpoint =
    (port: number): AgentSettings["endpoint"] =>
    async () => ({
      host,
      port,
      ...(serverName === "" ? {} : { serverName }),
      // Read anew for each attempt: an authority that was replaced is seen without a deploy (fault 26).
      ca: await readCa(caSource),
    });

  const healthSensor = { name: text("healthSensor"), interval: number("healthInterval") * 1000 };
  const identity = readIdentitySource(choice("identity"), definition, credentials, place);
  const namedFiles = [
    ...(caSource.file === undefined ? [] : [caSource.file]),
    ...(identity instanceof FileIdentity ? [text("certificateFile"), text("keyFile")] : []),
  ].map((file) => resolve(place.userDir, file));
  const directory = identityDirectory(place.userDir, place.nodeId);
  return {
    client: {
      endpoint: endpoint(number("port")),
      identity,
      keepalive: number("keepalive"),
      requestTimeout: number("requestTimeout") * 1000,
      connectTimeout: CONNECT_TIMEOUT,
      // Somebody who mends a file wants to see that it is mended (fault 49).
      watch: (onChange) => watchFiles(namedFiles, onChange),
      queue: {
        count: number("queueCount"),
        bytes: number("queueBytes"),
        age: number("queueAge") * 1000,
        whenFull: choice("queueFull"),
      },
      inFlight: IN_FLIGHT,
    },
    directory,
    label: labelOf(String(definition.name), place.nodeId),
    outbox: {
      directory: join(directory, "outbox"),
      count: number("outboxCount"),
      bytes: number("outboxBytes"),
      age: number("outboxAge") * 1000,
      whenFull: choice("outboxFull"),
      replay: {
        records: number("replayRecords"),
        bytes: number("replayBytes"),
        order: choice("replayOrder"),
      },
    },
    inventoryFile: join(identityDirectory(place.userDir, place.nodeId), "inventory.jsonl"),
    registration: endpoint(number("registrationPort")),
    ...(identity instanceof FolderIdentity ? { folder: identity } : {}),
    ...(healthSensor.name === "" ? {} : { healthSensor }),
    clientName: text("clientName") || machineName(),
    // A variable of the environment comes as text.
    autoRegister: oneOf("autoRegister", text("autoRegister"), ["true", "false"]) === "true",
  };
}

function readIdentitySource(
  kind: AgentDefinition["identity"],
  definition: AgentDefinition,
  credentials: AgentCredentials,
  place: Place,
): IdentitySource {
  const secret = (field: "key" | "passphrase"): string => readSecret(field, credentials[field] ?? "");
  const file = (field: "certificateFile" | "keyFile"): string =>
    localFile(field, readText(field, definition[field]), "identity", place);
  switch (kind) {
    case "managed":
      return new FolderIdentity(identityDirectory(place.userDir, place.nodeId));
    case "files":
      return new FileIdentity(file("certificateFile"), file("keyFile"), secret("passphrase"));
    case "credentials":
      return new TextIdentity(
        filled("certificate", readText("certificate", credentials.certificate ?? "")),
        filled("key", secret("key")),
        secret("passphrase"),
      );
  }
}

/** The ID alone can be searched for in the editor. */
function labelOf(name: string, id: string): string {
  return name === "" ? show(id) : `${show(name)} (${show(id)})`;
}

function readText(field: string, value: unknown): string {
  const text = typeof value === "string" ? value.trim() : String(value);
  const unset = unsetVariable(text);
  if (unset !== undefined) {
    throw new IotError("SettingMissing", { reason: "environment", details: { field, value: show(unset) } });
  }
  return text;
}

/** Spaces may belong to it, and what it is must never be shown: not even what looks like the name of a variable. */
function readSecret(field: string, secret: string): string {
  if (unsetVariable(secret) !== undefined) {
    throw new IotError("SettingMissing", { reason: "secret", details: { field } });
  }
  return secret;
}

/** `choice` is the field that asks for a file. */
function localFile(field: string, path: string, choice: string, { userDir, noLocalFiles }: Place): string {
  if (noLocalFiles) {
    throw new IotError("SettingMissing", { reason: "localFiles", details: { field: choice } });
  }
  return resolve(userDir, filled(field, path));
}

function readNumber(field: NameOf<Properties, NumberRow>, text: string): number {
  const row: NumberRow = PROPERTIES[field];
  const { least, most, isDecimal = false } = row;
  const value = text === "" ? NaN : Number(text);
  if (value >= least && value <= most && (isDecimal || Number.isInteger(value))) return value;
  throw notAllowed(field, text, isDecimal ? "words.numberFrom" : "words.integerFrom", { least, most });
}

function oneOf<const T extends string>(field: string, value: string, allowed: readonly T[]): T {
  const known = allowed.find((choice) => choice === value);
  if (known === undefined) throw notAllowed(field, value, allowed.join(", "));
  return known;
}

function filled(field: string, value: string): string {
  if (value.trim() === "") throw new IotError("SettingMissing", { reason: "unset", details: { field } });
  return value;
}

function notAllowed(
  field: string,
  value: unknown,
  allowed: string,
  range: Record<string, number> = {},
): IotError {
  const details = { field, value: show(value), allowed, ...range };
  return new IotError("SettingMissing", { reason: "value", details });
}
