#!/usr/bin/env node
/** The command `teamviewer-iot-identity`: which identities a Node-RED has, and one of them as an encrypted file and back. */
import { readdir, readFile, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { writePrivateFile } from "../files/private-file";
import { IotError } from "../protocol/errors";
import { cleanText } from "../protocol/text";
import { BackupError, describeBackup, makeBackup, readBackup } from "./backup";
import { FolderIdentity } from "./folder-identity";
import type { Identity } from "./identity";
import { pemBlocks } from "./pem";

/** What the dialog of the agent node does, and this command does not. */
const SWAP_ONLY = `Only keys and certificates are
exchanged. The new client's sensors and metrics have other IDs, and the old IDs are not translated in flows, messages and
stored values, as they are after "New client beside the old" in the agent node's dialog: use that where flows name IDs, or
enter the new ones.`;

const USAGE = `Usage: teamviewer-iot-identity list    [--user-directory DIR]
       teamviewer-iot-identity backup  [--user-directory DIR] [--folder FOLDER] FILE
       teamviewer-iot-identity restore [--user-directory DIR] FILE
       teamviewer-iot-identity swap    [--user-directory DIR] FOLDER OTHER

The identities (private key and certificate) that Node-RED's agent nodes keep, one of them as an
encrypted file, and two of them exchanged.

  --user-directory DIR   Node-RED's (default: ~/.node-red)
  --folder FOLDER        which identity, as "list" names it; needed where there are several

The passphrase, of 12 characters at least, is asked for, or is the first line of standard input. Nobody can read the file
without it. "restore" writes over no identity that is there. End the Node-RED that an identity is taken from before
another one uses it: two programs with one identity get each other's answers.

"swap" gives each of two agent nodes the identity of the other, when a new client takes the place of an old one; to swap
once more goes back. Node-RED uses them after a restart, or a full deploy. ${SWAP_ONLY}
`;

class UsageError extends Error {}

interface Found {
  folder: string;
  path: string;
  identity: Identity;
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      "user-directory": { type: "string", default: join(homedir(), ".node-red") },
      folder: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  const [command = "", file, ...more] = positionals;
  const [other] = more;
  if (values.help) return void process.stdout.write(USAGE);
  const home = join(resolve(values["user-directory"]), "teamviewer-iot");
  if (command === "list" && file === undefined) return list(home);
  if (command === "swap" && file !== undefined && other !== undefined && more.length === 1)
    return swap(home, file, other);
  if (file === undefined || more.length > 0) throw new UsageError(USAGE);
  if (command === "backup") return backUp(home, values.folder, resolve(file));
  if (command === "restore") return restore(home, resolve(file));
  throw new UsageError(USAGE);
}

async function list(home: string): Promise<void> {
  const found = await findAll(home);
  if (found.length === 0) throw new UsageError(`There is no identity below ${home}.`);
  for (const { folder, identity } of found) console.log(lineOf(folder, identity));
}

async function backUp(home: string, wanted: string | undefined, file: string): Promise<void> {
  const found = await findAll(home);
  const suitable = found.filter(({ folder }) => wanted === undefined || folder === wanted);
  const [only, ...others] = suitable;
  if (only === undefined) throw new UsageError(`There is no such identity below ${home}.`);
  if (others.length > 0)
    throw new UsageError(
      `There are several identities; name one with --folder:\n${suitable.map(({ folder, identity }) => lineOf(folder, identity)).join("\n")}`,
    );
  if (await isThere(file))
    throw new UsageError(`${file} is there already. Choose another name, or remove it.`);
  const { folder, identity } = only;
  const { clientId, validTo, key, certificate } = identity;
  const passphrase = await askPassphrase();
  const text = makeBackup(
    { folder, clientId, validTo: validTo.toISOString() },
    `${key.trimEnd()}\n${certificate}`,
    passphrase,
  );
  await writePrivateFile(file, text);
  console.log(lineOf(folder, identity));
}

async function restore(home: string, file: string): Promise<void> {
  const text = await readFile(file, "utf8");
  const { folder } = describeBackup(text);
  const target = new FolderIdentity(join(home, folder));
  if (await isThere(join(home, folder, "identity.pem")))
    throw new UsageError(
      `There is an identity in ${join(home, folder)} already. Move it away first, if it is not to be used any more.`,
    );
  const { pem } = readBackup(text, await askPassphrase());
  const [key = "", ...certificates] = pemBlocks(pem).map(({ pem: block }) => block);
  const identity = await target.save({ key, certificate: certificates.join("") });
  console.log(lineOf(folder, identity));
}

/** Each save keeps what was there before under its date, so nothing is lost wherever this ends. */
async function swap(home: string, one: string, other: string): Promise<void> {
  const found = await findAll(home);
  const [first, second] = [one, other].map((name) => found.find(({ folder }) => folder === name));
  if (first === undefined || second === undefined || first === second)
    throw new UsageError(
      `Name two different identities of these:\n${found.map(({ folder, identity }) => lineOf(folder, identity)).join("\n")}`,
    );
  await new FolderIdentity(first.path).save(second.identity);
  await new FolderIdentity(second.path).save(first.identity);
  console.log(lineOf(first.folder, second.identity));
  console.log(lineOf(second.folder, first.identity));
  console.log(`\nRestart Node-RED, or do a full deploy. ${SWAP_ONLY}`);
}

/** What is no identity, or cannot be read, is told and left out. */
async function findAll(home: string): Promise<Found[]> {
  const names = await readdir(home).catch(() => []);
  const found: Found[] = [];
  for (const folder of names.filter((name) => /^[0-9a-f]{16}$/.test(name)).sort()) {
    const path = join(home, folder);
    try {
      const identity = await new FolderIdentity(path).load();
      if (identity !== undefined) found.push({ folder, path, identity });
    } catch (error) {
      console.error(sentenceOf(error));
    }
  }
  return found;
}

const lineOf = (folder: string, { clientId, validTo }: Identity): string =>
  `${folder}  client ${clientId}  valid to ${validTo.toISOString().slice(0, 10)}`;

const isThere = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

/** A terminal does not show what is typed. */
function askPassphrase(): Promise<string> {
  const { stdin, stderr } = process;
  const isTerminal = stdin.isTTY;
  if (isTerminal) stderr.write("Passphrase: ");
  const lines = createInterface({ input: stdin, terminal: isTerminal });
  return new Promise((done, failed) => {
    lines.once("line", (line) => {
      done(line);
      lines.close();
      if (isTerminal) stderr.write("\n");
    });
    lines.once("close", () => failed(new UsageError("No passphrase came.")));
  });
}

function sentenceOf(error: unknown): string {
  if (error instanceof UsageError || error instanceof BackupError || error instanceof IotError)
    return error.message.trimEnd();
  const { code, message } = error as NodeJS.ErrnoException;
  return code?.startsWith("ERR_PARSE_ARGS") ? `${message}\n\n${USAGE.trimEnd()}` : cleanText(message);
}

main().catch((error: unknown) => {
  console.error(sentenceOf(error));
  process.exitCode = 1;
});
