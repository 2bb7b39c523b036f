/** What a client certificate says, and whether the one that came back may be believed. */
import { createPrivateKey, type X509Certificate } from "node:crypto";
import { IotError, type ErrorDetails } from "../protocol/errors";
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

/** A fresh certificate begins now by the agent's clock; ours may be behind it, and refusing it would lose a client. */
const CLOCK_TOLERANCE = 5 * 60_000;

type Reason = "format" | "key" | "issuer" | "name" | "validity" | "authority";

/**
 * Anybody on the agent's machine can publish an answer to a registration, so nothing of it is believed:
 * it has to fit our key and be signed by the agent's authority. Throws `CertificateRejected` with the reason.
 */
export function checkCertificate(
  certificate: string,
  against: { key: string; ca: string; now: Date },
): CertificateFacts {
  const leaf = firstCertificate(certificate);
  if (leaf === undefined) throw rejected("format");
  if (!leaf.checkPrivateKey(createPrivateKey(against.key))) throw rejected("key");
  // `checkIssued` compares names only; a fake authority of the same name fails at `verify`.
  const issued = (ca: X509Certificate) => leaf.checkIssued(ca) && leaf.verify(ca.publicKey);
  if (!certificatesIn(against.ca).some(issued)) throw rejected("issuer");
  const facts = describeCertificate(leaf);
  if (!isClientId(facts.clientId)) throw rejected("name", { value: show(facts.clientId) });
  const { validFrom, validTo } = facts;
  const now = against.now.getTime();
  if (now + CLOCK_TOLERANCE < validFrom.getTime() || now >= validTo.getTime()) {
    throw rejected("validity", { from: validFrom.toISOString(), to: validTo.toISOString() });
  }
  if (isAuthority(leaf)) throw rejected("authority");
  return facts;
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

function firstCertificate(pem: string): X509Certificate | undefined {
  try {
    return certificatesIn(pem)[0];
  } catch {
    return undefined;
  }
}

function rejected(reason: Reason, details: ErrorDetails = {}): IotError {
  return new IotError("CertificateRejected", { reason, details });
}
