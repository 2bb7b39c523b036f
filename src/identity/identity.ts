/** Who we are to the agent: a client certificate with its key, and where they can come from. */
import type { KeyObject, X509Certificate } from "node:crypto";
import type { IotError } from "../protocol/errors";
import { describeCertificate, isClientId, type CertificateFacts } from "./certificate";
import { certificatesIn } from "./pem";
import { privateKeysIn, type KeyFault } from "./private-key";

export interface Identity extends CertificateFacts {
  /** PEM; the client's certificate first, then those that lead to its authority. */
  readonly certificate: string;
  /** PKCS#8 PEM, not encrypted. Not a property of the object: it is in no JSON, no log, no copy. */
  readonly key: string;
}

export interface IdentitySource {
  /** `undefined`: there is none yet. Throws an `IotError` when there is one that cannot be used. */
  load(): Promise<Identity | undefined>;
  /** Whether registering can put an identity here. */
  readonly canRegister: boolean;
  /** Told what is wrong with an identity that can be used all the same (`KeyExposed`). */
  onWarning?: (warning: IotError) => void;
}

/** The PEM texts of which an identity is made. */
export interface IdentityParts {
  certificate: string;
  key: string;
  passphrase?: string | undefined;
}

/** What can be wrong with the parts. */
export type IdentityFault = "certificate" | "clientId" | "mismatch" | KeyFault;

/**
 * Reads the parts: of the keys and certificates in them, in whatever order, the pair that fits. `refuse` makes the
 * error that fits where they came from (`value`: the name that is no client ID).
 */
export function readIdentity(
  parts: IdentityParts,
  refuse: (fault: IdentityFault, value: string) => IotError,
): Identity {
  const certificates = readCertificates(parts.certificate);
  if (certificates.length === 0) throw refuse("certificate", "");
  const { keys, fault } = privateKeysIn(parts.key, parts.passphrase);
  if (keys.length === 0) throw refuse(fault, "");
  for (const key of keys) {
    const leaf = certificates.find((certificate) => certificate.checkPrivateKey(key));
    if (leaf === undefined) continue;
    const facts = describeCertificate(leaf);
    if (!isClientId(facts.clientId)) throw refuse("clientId", facts.clientId);
    return new LoadedIdentity(facts, chainOf(leaf, certificates), key);
  }
  throw refuse("mismatch", "");
}

/** The certificate, who issued it, who issued that, as far as they are there: the order that TLS sends them in. */
function chainOf(leaf: X509Certificate, certificates: readonly X509Certificate[]): X509Certificate[] {
  const chain = [leaf];
  const issuerOf = (last: X509Certificate): X509Certificate | undefined =>
    certificates.find(
      (other) => !chain.includes(other) && last.checkIssued(other) && last.verify(other.publicKey),
    );
  for (let next = issuerOf(leaf); next !== undefined; next = issuerOf(next)) chain.push(next);
  return chain;
}

class LoadedIdentity implements Identity {
  readonly clientId: string;
  readonly validFrom: Date;
  readonly validTo: Date;
  readonly fingerprint: string;
  readonly certificate: string;
  readonly #key: string;

  constructor(facts: CertificateFacts, chain: readonly X509Certificate[], key: KeyObject) {
    this.clientId = facts.clientId;
    this.validFrom = facts.validFrom;
    this.validTo = facts.validTo;
    this.fingerprint = facts.fingerprint;
    this.certificate = chain.map(String).join("");
    this.#key = key.export({ type: "pkcs8", format: "pem" }) as string;
  }

  get key(): string {
    return this.#key;
  }
}

function readCertificates(text: string): X509Certificate[] {
  try {
    return certificatesIn(text);
  } catch {
    return [];
  }
}
