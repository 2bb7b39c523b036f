/** The certificate signing request ("Create Client", step 1), and the hash that names its answer's topic. */
import { createHash } from "node:crypto";
import type { asn1 } from "node-forge";
import { invalid } from "../protocol/input";
import { CLIENT_NAME } from "../protocol/limits";

export interface SigningRequest {
  /** PEM, to be published byte for byte. */
  readonly csr: string;
  /** SHA-256 of exactly these bytes, in lower-case hexadecimal: the `:hash` of the answer's topics. */
  readonly hash: string;
}

/** A client name that the agent accepts as common name, or an `InvalidInput` that names the field. */
export function checkClientName(value: unknown): string {
  const field = "clientName";
  if (value === undefined || value === null || value === "") throw invalid("missing", field);
  if (typeof value !== "string") throw invalid("type", field, value, { allowed: "words.text" });
  const { length } = value;
  if (length > CLIENT_NAME.maxLength) {
    throw invalid("length", field, value, { allowed: CLIENT_NAME.maxLength, length });
  }
  if (!CLIENT_NAME.pattern.test(value)) {
    throw invalid("characters", field, value, { allowed: CLIENT_NAME.characters });
  }
  return value;
}

export async function createSigningRequest(clientName: string, key: string): Promise<SigningRequest> {
  // Loaded when somebody registers, which happens once.
  const { asn1, md, pki } = (await import("node-forge")).default;
  const privateKey = pki.privateKeyFromPem(key);
  const request = pki.createCertificationRequest();
  request.publicKey = pki.setRsaPublicKey(privateKey.n, privateKey.e);
  // "*", "@" and "_" are allowed in a client name, and not in forge's default, a PrintableString.
  const utf8 = asn1.Type.UTF8 as unknown as asn1.Class;
  request.setSubject([{ name: "commonName", value: checkClientName(clientName), valueTagClass: utf8 }]);
  request.sign(privateKey, md.sha256.create());
  // The hash is over the exact bytes, so their form is fixed: one "\n" at the end and no "\r".
  const csr = `${pki.certificationRequestToPem(request).replaceAll("\r", "").trimEnd()}\n`;
  return { csr, hash: createHash("sha256").update(csr).digest("hex") };
}
