/** Who we are to the agent: a client certificate with its key, and where they can come from. */
import { createPrivateKey, type KeyObject, type X509Certificate } from "node:crypto";
import type { IotError } from "../protocol/errors";
import { describeCertificate, isClientId, type CertificateFacts } from "./certificate";
import { certificatesIn, tidyPem } from "./pem";

export interface Identity extends CertificateFacts {
  /** PEM; the client's certificate first. */
  readonly certificate: string;
  /** PKCS#8 PEM, not encrypted. Not enumerable: it is in no JSON, no log, no copy. */
  readonly key: string;
}

export interface IdentitySource {
  /** `undefined`: there is none yet. Throws an `IotError` when there is one that cannot be used. */
  load(): Promise<Identity | undefined>;
  /** Whether registering can put an identity here. */
  readonly canRegister: boolean;
}

/** The PEM texts of which an identity is made. */
export interface IdentityParts {
  certificate: string;
  key: string;
  passphrase?: string | undefined;
}

/** What can be wrong with the parts. */
export type IdentityFault = "certificate" | "clientId" | "key" | "passphrase" | "mismatch";

/** Reads the parts; `refuse` makes the error that fits where they came from (`value`: the name that is no client ID). */
export function readIdentity(
  parts: IdentityParts,
  refuse: (fault: IdentityFault, value: string) => IotError,
): Identity {
  const certificates = attempt(() => certificatesIn(parts.certificate)) ?? [];
  const [leaf] = certificates;
  if (leaf === undefined) throw refuse("certificate", "");
  const facts = describeCertificate(leaf);
  if (!isClientId(facts.clientId)) throw refuse("clientId", facts.clientId);
  const key = attempt(() => decryptKey(parts));
  if (key === undefined) throw refuse(parts.key.includes("ENCRYPTED") ? "passphrase" : "key", "");
  if (!leaf.checkPrivateKey(key)) throw refuse("mismatch", "");
  return makeIdentity(facts, certificates, key);
}

function decryptKey({ key, passphrase }: IdentityParts): KeyObject {
  return createPrivateKey({ key: tidyPem(key), format: "pem", ...(passphrase ? { passphrase } : {}) });
}

function makeIdentity(
  facts: CertificateFacts,
  certificates: readonly X509Certificate[],
  key: KeyObject,
): Identity {
  const certificate = certificates.map(String).join("");
  const value = key.export({ type: "pkcs8", format: "pem" }) as string;
  return Object.defineProperty({ ...facts, certificate, key: "" }, "key", { value, enumerable: false });
}

/** What OpenSSL says is dropped on purpose: it helps nobody at the machine, and must not carry key material. */
function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
