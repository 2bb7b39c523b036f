/** What a client certificate says, and whether the one that came back may be believed. */
import { createPublicKey, type KeyObject, type X509Certificate } from "node:crypto";
import { IotError } from "../protocol/errors";
import type { ErrorDetails } from "../protocol/words";
import { show } from "../protocol/input";
import { CLIENT_ID_PATTERN } from "../protocol/limits";
import { isAuthority } from "./authority";
import { certificatesIn } from "./pem";

export interface CertificateFacts {
  clientId: string;
  validFrom: Date;
  validTo: Date;
  /** SHA-256, hexadecimal digits in pairs. */
  fingerprint: string;
}

type Reason = "format" | "key" | "issuer" | "name" | "authority";

/** More than a certificate and those that lead to its authority: a message of many small ones is an attack. */
const MAX_CERTIFICATES = 10;

/** Gives the certificate for our key that is in a text, or throws `CertificateRejected` with the reason. */
export type CertificateCheck = (text: string) => X509Certificate;

/**
 * Anybody on the agent's machine can publish an answer to a registration, so nothing of it is believed: it has to fit
 * our key and be signed by the agent's authority. What does not depend on the answer is worked out once, since
 * answers can be many. Whether a certificate is valid now is not asked: only the clocks would be judged, and refusing
 * it would lose a client that the agent has made.
 */
export function certificateCheck({ key, ca }: { key: string; ca: string }): CertificateCheck {
  const ownKey = derOf(createPublicKey(key));
  const authorities = certificatesIn(ca).map((authority) => ({ authority, publicKey: authority.publicKey }));
  return (text) => {
    const certificates = readFirst(text);
    if (certificates.length === 0) throw rejected("format");
    const leaf = certificates.find(({ publicKey }) => derOf(publicKey).equals(ownKey));
    if (leaf === undefined) throw rejected("key");
    // `checkIssued` compares names only; a fake authority of the same name fails at `verify`.
    if (
      !authorities.some(({ authority, publicKey }) => leaf.checkIssued(authority) && leaf.verify(publicKey))
    )
      throw rejected("issuer");
    const { clientId } = describeCertificate(leaf);
    if (!isClientId(clientId)) throw rejected("name", { value: show(clientId) });
    if (isAuthority(leaf)) throw rejected("authority");
    return leaf;
  };
}

/** Whether a rejected certificate is for our key: only the agent, and who has read what we sent to it, can make one. */
export function isForOurKey({ name, reason = "" }: IotError): boolean {
  return name === "CertificateRejected" && !["format", "key"].includes(reason);
}

/** The common name is the client ID; "" where there is none, or more than one. */
export function describeCertificate(certificate: X509Certificate): CertificateFacts {
  const commonName: unknown = certificate.toLegacyObject().subject.CN;
  return {
    clientId: typeof commonName === "string" ? commonName : "",
    validFrom: new Date(certificate.validFrom),
    validTo: new Date(certificate.validTo),
    fingerprint: certificate.fingerprint256,
  };
}

/** Whether it may stand in a topic as the agent's client ID. */
export function isClientId(text: string): boolean {
  return CLIENT_ID_PATTERN.test(text);
}

function readFirst(text: string): X509Certificate[] {
  try {
    return certificatesIn(text, MAX_CERTIFICATES);
  } catch {
    return [];
  }
}

function derOf(key: KeyObject): Buffer {
  return key.export({ type: "spki", format: "der" });
}

function rejected(reason: Reason, details: ErrorDetails = {}): IotError {
  return new IotError("CertificateRejected", { reason, details });
}
