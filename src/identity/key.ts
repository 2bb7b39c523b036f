/** The client's private key: made here, and it never leaves this machine. */
import { generateKeyPair } from "node:crypto";
import { promisify } from "node:util";

/** A new RSA-2048 key as PKCS#8 PEM, made off the event loop ("Create Client": `-newkey rsa:2048`). */
export async function generateKey(): Promise<string> {
  const { privateKey } = await promisify(generateKeyPair)("rsa", { modulusLength: 2048 });
  return privateKey.export({ type: "pkcs8", format: "pem" }) as string;
}
