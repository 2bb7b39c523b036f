/** Private keys in PEM, encrypted in either form; and what is wrong with one that cannot be read. */
import { createDecipheriv, createHash, createPrivateKey, getCipherInfo, type KeyObject } from "node:crypto";
import { DER, readElements } from "./der";
import { pemBlocks, type PemBlock } from "./pem";

/** `key`: it is none, or damaged. `cipher`: encrypted in a way that this Node.js does not know. */
export type KeyFault = "key" | "passphrase" | "cipher";

const PRIVATE_KEY = /(^| )PRIVATE KEY$/;
const UNKNOWN_CIPHER = /^ERR_OSSL_(EVP_(UNSUPPORTED|UNKNOWN_\w+)|PEM_UNSUPPORTED_\w+)$/;

/** The keys of a text that can be read; where there is none, why. */
export function privateKeysIn(
  text: string,
  passphrase: string | undefined,
): { keys: KeyObject[]; fault: KeyFault } {
  const keys: KeyObject[] = [];
  let fault: KeyFault = "key";
  for (const block of pemBlocks(text).filter(({ label }) => PRIVATE_KEY.test(label))) {
    const key = readKey(block, passphrase);
    if (typeof key === "string") fault = key;
    else keys.push(key);
  }
  return { keys, fault };
}

/** What OpenSSL says is dropped on purpose: it helps nobody at the machine, and must not carry key material. */
function readKey(block: PemBlock, passphrase: string | undefined): KeyObject | KeyFault {
  try {
    return createPrivateKey({ key: block.pem, format: "pem", ...(passphrase ? { passphrase } : {}) });
  } catch (error) {
    if (!isWhole(block)) return "key";
    if (UNKNOWN_CIPHER.test(String((error as NodeJS.ErrnoException).code))) return "cipher";
    return isDecrypted(block, passphrase) ? "key" : "passphrase";
  }
}

/** Whether this is an encrypted key of which nothing is missing, as far as that shows without its passphrase. */
function isWhole({ label, der, cipher }: PemBlock): boolean {
  if (cipher !== undefined) {
    const blockSize = cipher.iv.length / 2;
    return /^[0-9A-Fa-f]+$/.test(cipher.iv) && der.length > 0 && der.length % blockSize === 0;
  }
  return label === "ENCRYPTED PRIVATE KEY" && readElements(der)?.[0]?.tag === DER.sequence;
}

/**
 * Whether the passphrase fits a key that is cut off at a block's end: then what it decrypts begins as keys do, with a
 * sequence whose first element is a version. The key of the old form is MD5 over passphrase and salt (RFC 1421 as
 * OpenSSL writes it, `EVP_BytesToKey`).
 */
function isDecrypted({ der, cipher }: PemBlock, passphrase = ""): boolean {
  if (cipher === undefined) return false;
  const name = cipher.name.toLowerCase();
  const length = getCipherInfo(name)?.keyLength;
  if (length === undefined) return false;
  const iv = Buffer.from(cipher.iv, "hex");
  const salt = iv.subarray(0, 8);
  let key = Buffer.alloc(0);
  for (let part = key; key.length < length; key = Buffer.concat([key, part])) {
    part = createHash("md5").update(part).update(passphrase).update(salt).digest();
  }
  const decipher = createDecipheriv(name, key.subarray(0, length), iv).setAutoPadding(false);
  return beginsAsKey(decipher.update(der));
}

function beginsAsKey(der: Buffer): boolean {
  const longLength = (der[1] ?? 0) > 0x80;
  const at = 2 + (longLength ? der[1]! - 0x80 : 0);
  return der[0] === DER.sequence && der[at] === DER.integer && der[at + 1] === 1 && (der[at + 2] ?? 9) <= 1;
}
