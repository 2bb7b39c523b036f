/** Authorities and certificates for the tests, made by node-forge: real ones, and every kind of wrong one. */
import { generateKeyPairSync } from "node:crypto";
import { pki, md } from "node-forge";

const DAY = 24 * 60 * 60_000;

/** A key pair as PEM; a new one costs a moment, so the tests share a few. */
export function newKey(): string {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  return privateKey.export({ type: "pkcs8", format: "pem" }) as string;
}

export interface CertificateOptions {
  clientId?: string;
  from?: Date;
  to?: Date;
  authority?: boolean;
}

export class Authority {
  /** PEM. */
  readonly certificate: string;
  readonly #key: string;

  constructor(commonName = "TeamViewerAuthority", authority = true) {
    this.#key = newKey();
    const subject = [
      { shortName: "C", value: "DE" },
      { name: "commonName", value: commonName },
    ];
    const from = new Date(Date.now() - DAY);
    const to = new Date(Date.now() + 365 * DAY);
    this.certificate = sign(publicKeyOf(this.#key), subject, subject, this.#key, { from, to, authority });
  }

  /** A certificate for the key, good unless told otherwise. */
  issue(key: string, options: CertificateOptions = {}): string {
    return this.#sign(publicKeyOf(key), options);
  }

  /** What the agent does with a signing request: the subject's common name becomes the client ID. */
  answer(csr: string, options: CertificateOptions = {}): string {
    const request = pki.certificationRequestFromPem(csr);
    if (!request.verify() || request.publicKey === null) throw new Error("not signed with its own key");
    return this.#sign(request.publicKey, options);
  }

  #sign(publicKey: pki.PublicKey, options: CertificateOptions): string {
    const { clientId = "06a9d9219eb497c995216e130ab67480" } = options;
    const issuer = pki.certificateFromPem(this.certificate).subject.attributes;
    return sign(publicKey, [{ name: "commonName", value: clientId }], issuer, this.#key, options);
  }
}

function sign(
  publicKey: pki.PublicKey,
  subject: pki.CertificateField[],
  issuer: pki.CertificateField[],
  signer: string,
  { from = new Date(), to = new Date(Date.now() + 365 * DAY), authority = false }: CertificateOptions,
): string {
  const certificate = pki.createCertificate();
  certificate.serialNumber = "00";
  certificate.publicKey = publicKey;
  certificate.validity.notBefore = from;
  certificate.validity.notAfter = to;
  certificate.setSubject(subject);
  certificate.setIssuer(issuer);
  if (authority) certificate.setExtensions([{ name: "basicConstraints", cA: true }]);
  certificate.sign(pki.privateKeyFromPem(signer), md.sha256.create());
  return pki.certificateToPem(certificate).replaceAll("\r", "");
}

function publicKeyOf(key: string): pki.rsa.PublicKey {
  const { n, e } = pki.privateKeyFromPem(key);
  return pki.setRsaPublicKey(n, e);
}
