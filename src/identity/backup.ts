/**
 * An identity as one encrypted file: key and certificate under a passphrase (scrypt, AES-256-GCM), and in clear only
 * whose it is, which nobody can change without the passphrase. Pure but for chance.
 */
import { createCipheriv, createDecipheriv, randomBytes, scryptSync } from "node:crypto";
import { isClientId } from "./certificate";

export interface Backup {
  /** The folder's name below `teamviewer-iot`: the agent node that the identity is of. */
  folder: string;
  clientId: string;
  /** ISO text: the end of the certificate. */
  validTo: string;
}

/** Why a backup cannot be made or read, as a sentence. */
export class BackupError extends Error {}

const FORMAT = "teamviewer-iot-identity";
const LEAST_PASSPHRASE = 12;
/** About 0.3 s and 128 MB: what each guess of a passphrase costs. */
const COST = { N: 2 ** 17, r: 8, p: 1 };
const CIPHER = "aes-256-gcm";
const KEY_BYTES = 32;
const SALT_BYTES = 16;
const IV_BYTES = 12;
const TAG_BYTES = 16;
const FOLDER = /^[0-9a-f]{16}$/;
const BASE64 = /^[A-Za-z0-9+/]+=*$/;

/** The file's text. `pem`: the key with its certificates. */
export function makeBackup({ folder, clientId, validTo }: Backup, pem: string, passphrase: string): string {
  if (passphrase.length < LEAST_PASSPHRASE)
    throw new BackupError(
      `The passphrase has ${passphrase.length} characters; it must have ${LEAST_PASSPHRASE}.`,
    );
  const clear = { format: FORMAT, version: 1, folder, clientId, validTo };
  const salt = randomBytes(SALT_BYTES);
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv(CIPHER, keyOf(passphrase, salt), iv);
  cipher.setAAD(Buffer.from(JSON.stringify(clear)));
  const data = Buffer.concat([cipher.update(pem, "utf8"), cipher.final()]);
  const secret = { salt, iv, tag: cipher.getAuthTag(), data };
  const texts = Object.entries(secret).map(([name, bytes]) => [name, bytes.toString("base64")]);
  return `${JSON.stringify({ ...clear, ...Object.fromEntries(texts) }, null, 2)}\n`;
}

/** What stands in the file in clear, not yet proved. */
export function describeBackup(text: string): Backup {
  const { folder, clientId, validTo } = parse(text);
  return { folder, clientId, validTo };
}

/** Whose identity it is, and its PEM. */
export function readBackup(text: string, passphrase: string): Backup & { pem: string } {
  const { format, version, folder, clientId, validTo, ...secret } = parse(text);
  const [salt, iv, tag, data] = [secret.salt, secret.iv, secret.tag, secret.data].map((part) =>
    Buffer.from(part, "base64"),
  ) as [Buffer, Buffer, Buffer, Buffer];
  try {
    const decipher = createDecipheriv(CIPHER, keyOf(passphrase, salt), iv, { authTagLength: TAG_BYTES });
    decipher.setAAD(Buffer.from(JSON.stringify({ format, version, folder, clientId, validTo })));
    decipher.setAuthTag(tag);
    const pem = Buffer.concat([decipher.update(data), decipher.final()]).toString("utf8");
    return { folder, clientId, validTo, pem };
  } catch (cause) {
    throw new BackupError("The passphrase is wrong, or the file was changed.", { cause });
  }
}

type File = Backup & Record<"format" | "salt" | "iv" | "tag" | "data", string> & { version: number };

function parse(text: string): File {
  const file = parseJson(text);
  if (file.format !== FORMAT) throw new BackupError("The file is no backup of an identity.");
  if (file.version !== 1)
    throw new BackupError(`The backup has version ${String(file.version)}; this program reads version 1.`);
  const isRight =
    matches(FOLDER, file.folder) &&
    isClientId(String(file.clientId)) &&
    !Number.isNaN(Date.parse(String(file.validTo))) &&
    [file.salt, file.iv, file.tag, file.data].every((part) => matches(BASE64, part));
  if (!isRight) throw new BackupError("The backup is damaged: something is missing in it.");
  return file as unknown as File;
}

function parseJson(text: string): Record<string, unknown> {
  try {
    const file: unknown = JSON.parse(text);
    return typeof file === "object" && file !== null ? (file as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

const matches = (pattern: RegExp, value: unknown): boolean =>
  typeof value === "string" && pattern.test(value);

function keyOf(passphrase: string, salt: Buffer): Buffer {
  // The same characters can be written in two ways, by two keyboards.
  return scryptSync(passphrase.normalize("NFC"), salt, KEY_BYTES, { ...COST, maxmem: 256 * 2 ** 20 });
}
