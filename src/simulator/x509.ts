/**
 * Certificates, signing requests and revocation lists in DER. node-forge builds and reads the ASN.1; keys and
 * signatures are Node's, so that nothing slow runs on the event loop.
 */
import { createPublicKey, sign, verify, type KeyObject } from "node:crypto";
import { promisify } from "node:util";
import forge from "node-forge";

const { asn1 } = forge;
type Asn1 = forge.asn1.Asn1;
const { Class, Type } = asn1;

const signAsync = promisify(
  (data: Buffer, key: KeyObject, done: (error: Error | null, signature: Buffer) => void) =>
    sign("sha256", data, key, done),
);

const OID = {
  commonName: "2.5.4.3",
  sha256WithRsa: "1.2.840.113549.1.1.11",
};

/** Signature algorithms of signing requests, with their digests; null: the algorithm has its own. */
const DIGESTS: Partial<Record<string, string | null>> = {
  "1.2.840.113549.1.1.5": "sha1",
  "1.2.840.113549.1.1.11": "sha256",
  "1.2.840.113549.1.1.12": "sha384",
  "1.2.840.113549.1.1.13": "sha512",
  "1.2.840.10045.4.3.2": "sha256",
  "1.2.840.10045.4.3.3": "sha384",
  "1.2.840.10045.4.3.4": "sha512",
  "1.3.101.112": null,
};

/** A distinguished name as ASN.1, so that what a request says is kept to the byte. */
export type DistinguishedName = Asn1;

export interface Extension {
  id: string;
  critical?: boolean;
  value: Asn1;
}

interface CertificateContent {
  serial: number;
  issuer: DistinguishedName;
  subject: DistinguishedName;
  publicKey: KeyObject;
  from: Date;
  to: Date;
  extensions: readonly Extension[];
}

export interface SigningRequest {
  subject: DistinguishedName;
  publicKey: KeyObject;
}

const sequence = (...parts: Asn1[]) => asn1.create(Class.UNIVERSAL, Type.SEQUENCE, true, parts);
const set = (...parts: Asn1[]) => asn1.create(Class.UNIVERSAL, Type.SET, true, parts);
const context = (tag: forge.asn1.Type, ...parts: Asn1[]) =>
  asn1.create(Class.CONTEXT_SPECIFIC, tag, true, parts);
const primitive = (type: forge.asn1.Type, bytes: string) => asn1.create(Class.UNIVERSAL, type, false, bytes);
const integer = (value: number) => primitive(Type.INTEGER, asn1.integerToDer(value).getBytes());
const oid = (id: string) => primitive(Type.OID, asn1.oidToDer(id).getBytes());
const time = (date: Date) =>
  date.getUTCFullYear() < 2050
    ? primitive(Type.UTCTIME, asn1.dateToUtcTime(date))
    : primitive(Type.GENERALIZEDTIME, asn1.dateToGeneralizedTime(date));
const octets = (value: Asn1) => primitive(Type.OCTETSTRING, asn1.toDer(value).getBytes());
const bits = (bytes: string, unused = 0) => primitive(Type.BITSTRING, String.fromCharCode(unused) + bytes);
const algorithm = () => sequence(oid(OID.sha256WithRsa), primitive(Type.NULL, ""));

const toBuffer = (value: Asn1) => Buffer.from(asn1.toDer(value).getBytes(), "binary");
const fromBuffer = (der: Buffer) => asn1.fromDer(der.toString("binary"));
const children = (value: Asn1 | undefined): Asn1[] => (Array.isArray(value?.value) ? value.value : []);
const bytesOf = (value: Asn1 | undefined) => (typeof value?.value === "string" ? value.value : "");

function toPem(label: string, der: Buffer): string {
  const lines = der.toString("base64").match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ""].join("\n");
}

/** A name of countryName as PrintableString and everything else as UTF8String, as the real authority writes it. */
export function distinguishedName(
  ...attributes: (readonly [type: string, value: string])[]
): DistinguishedName {
  const TYPES: Record<string, string> = { C: "2.5.4.6", CN: OID.commonName, O: "2.5.4.10" };
  return sequence(
    ...attributes.map(([type, value]) => {
      const text = type === "C" ? primitive(Type.PRINTABLESTRING, value) : utf8(value);
      return set(sequence(oid(TYPES[type] ?? type), text));
    }),
  );
}

const utf8 = (text: string) => primitive(Type.UTF8, Buffer.from(text).toString("binary"));

export const EXTENSIONS = {
  authority: (): Extension[] => [
    { id: "2.5.29.19", critical: true, value: sequence(primitive(Type.BOOLEAN, "\xff")) },
    { id: "2.5.29.15", critical: true, value: bits("\x06", 1) },
  ],
  /** 0xA8: digitalSignature, keyEncipherment and keyAgreement, and no other extension, as in the document's example. */
  client: (): Extension[] => [{ id: "2.5.29.15", value: bits("\xa8", 3) }],
  /** Subject alternative names. */
  server: (names: readonly string[], addresses: readonly Buffer[]): Extension[] => [
    {
      id: "2.5.29.17",
      value: sequence(
        ...names.map((name) => asn1.create(Class.CONTEXT_SPECIFIC, 2, false, name)),
        ...addresses.map((address) =>
          asn1.create(Class.CONTEXT_SPECIFIC, 7, false, address.toString("binary")),
        ),
      ),
    },
  ],
};

/** Signs a certificate; PEM. */
export async function signCertificate(content: CertificateContent, key: KeyObject): Promise<string> {
  const extensions = content.extensions.map(({ id, critical, value }) =>
    sequence(oid(id), ...(critical ? [primitive(Type.BOOLEAN, "\xff")] : []), octets(value)),
  );
  const body = sequence(
    context(0, integer(2)),
    integer(content.serial),
    algorithm(),
    content.issuer,
    sequence(time(content.from), time(content.to)),
    content.subject,
    fromBuffer(content.publicKey.export({ type: "spki", format: "der" })),
    context(3, sequence(...extensions)),
  );
  return toPem("CERTIFICATE", await signed(body, key));
}

/** Signs a list of the serial numbers that are no longer valid; PEM. */
export async function signRevocationList(
  content: { issuer: DistinguishedName; serials: readonly number[]; from: Date; to: Date },
  key: KeyObject,
): Promise<string> {
  const { issuer, serials, from, to } = content;
  const revoked = serials.map((serial) => sequence(integer(serial), time(from)));
  const body = sequence(
    algorithm(),
    issuer,
    time(from),
    time(to),
    ...(revoked.length > 0 ? [sequence(...revoked)] : []),
  );
  return toPem("X509 CRL", await signed(body, key));
}

async function signed(body: Asn1, key: KeyObject): Promise<Buffer> {
  const signature = await signAsync(toBuffer(body), key);
  return toBuffer(sequence(body, algorithm(), bits(signature.toString("binary"))));
}

/** Reads a PEM signing request (PKCS #10) and verifies that its key signed it. Throws when it is none. */
export function readSigningRequest(pem: string): SigningRequest {
  const base64 = /-----BEGIN (NEW )?CERTIFICATE REQUEST-----([^-]+)-----END/.exec(pem)?.[2];
  if (base64 === undefined) throw new Error("there is no PEM block CERTIFICATE REQUEST");
  const [body, algorithmOfRequest, signature] = children(fromBuffer(Buffer.from(base64, "base64")));
  const [, subject, key] = children(body);
  if (body === undefined || subject === undefined || key === undefined) throw new Error("it is not PKCS #10");
  const publicKey = createPublicKey({ key: toBuffer(key), format: "der", type: "spki" });
  const signatureType = asn1.derToOid(bytesOf(children(algorithmOfRequest)[0]));
  const digest = DIGESTS[signatureType];
  if (digest === undefined) throw new Error(`its signature algorithm ${signatureType} is not known`);
  // The first byte of a bit string counts unused bits.
  const signatureBytes = Buffer.from(bitsOf(signature).slice(1), "binary");
  if (!verify(digest, toBuffer(body), publicKey, signatureBytes)) throw new Error("its signature is wrong");
  return { subject, publicKey };
}

/** The bytes of a bit string, which node-forge may have read as the ASN.1 that it happens to contain. */
function bitsOf(value: Asn1 | undefined): string {
  const contents = (value as { bitStringContents?: string } | undefined)?.bitStringContents;
  return contents ?? bytesOf(value);
}

/** The common name in a distinguished name; undefined when there is none. */
export function commonNameOf(name: DistinguishedName): string | undefined {
  const value = commonNames(name)[0]?.[1];
  return value === undefined ? undefined : Buffer.from(bytesOf(value), "binary").toString("utf8");
}

/** The same name with another common name; the other attributes are kept as they are. */
export function withCommonName(name: DistinguishedName, commonName: string): DistinguishedName {
  return sequence(
    ...children(name).map((relative) =>
      set(
        ...children(relative).map((attribute) =>
          isCommonName(attribute) ? sequence(oid(OID.commonName), utf8(commonName)) : attribute,
        ),
      ),
    ),
  );
}

/** Bytes of a distinguished name. */
export const sizeOfName = (name: DistinguishedName): number => asn1.toDer(name).length();

function commonNames(name: DistinguishedName): Asn1[][] {
  return children(name).flatMap(children).filter(isCommonName).map(children);
}

function isCommonName(attribute: Asn1): boolean {
  return asn1.derToOid(bytesOf(children(attribute)[0])) === OID.commonName;
}
