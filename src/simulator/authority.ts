/** "TeamViewerAuthority": the authority that signs the certificates of the clients and of the simulator itself. */
import { createPrivateKey, generateKeyPair, X509Certificate, type KeyObject } from "node:crypto";
import { isIP } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import { CLIENT_NAME, MAX_PEM_BYTES } from "../protocol/limits";
import { openFolder, readIfThere, writePrivateFile } from "./files";
import { Refusal } from "./refusal";
import {
  commonNameOf,
  distinguishedName,
  EXTENSIONS,
  readSigningRequest,
  sizeOfName,
  signCertificate,
  signRevocationList,
  withCommonName,
  type SigningRequest,
} from "./x509";

/** A certificate and its private key, PEM. */
export interface KeyAndCertificate {
  key: string;
  certificate: string;
}

const generate = promisify(generateKeyPair);
const DAY = 86_400_000;
const YEARS_OF_AUTHORITY = 20;

/** In the order of the document's example. */
const NAME = distinguishedName(["C", "DE"], ["CN", "TeamViewerAuthority"], ["O", "TeamViewerGmbH"]);

export class Authority {
  private constructor(
    /** The path of the authority's certificate, for clients to trust. */
    readonly file: string,
    readonly certificate: string,
    private readonly key: KeyObject,
    private readonly now: () => number,
  ) {}

  /** Opens the authority that is kept in a directory, or makes one there. */
  static async open(directory: string, now: () => number = Date.now): Promise<Authority> {
    await openFolder(directory);
    const file = join(directory, "TeamViewerAuthority.crt");
    const keyFile = join(directory, "TeamViewerAuthority.key");
    const [kept, keptKey] = await Promise.all([
      readIfThere(file, MAX_PEM_BYTES),
      readIfThere(keyFile, MAX_PEM_BYTES),
    ]);
    if (kept !== undefined && keptKey !== undefined) {
      const key = createPrivateKey(keptKey);
      if (!new X509Certificate(kept).checkPrivateKey(key)) {
        throw new Error(`${keyFile} is not the key of ${file}`);
      }
      return new Authority(file, kept, key, now);
    }
    const { publicKey, privateKey } = await generate("rsa", { modulusLength: 4096 });
    const from = new Date(now() - DAY);
    const to = new Date(now() + YEARS_OF_AUTHORITY * 365 * DAY);
    const extensions = EXTENSIONS.authority();
    const content = { serial: 1, issuer: NAME, subject: NAME, publicKey, from, to, extensions };
    const certificate = await signCertificate(content, privateKey);
    await writePrivateFile(keyFile, privateKey.export({ type: "pkcs8", format: "pem" }) as string);
    await writePrivateFile(file, certificate);
    return new Authority(file, certificate, privateKey, now);
  }

  /** Signs what a client asked for: its subject is kept, but the common name becomes the client ID. */
  signClient(
    request: SigningRequest,
    clientId: string,
    serial: number,
    validSeconds: number,
  ): Promise<string> {
    const from = new Date(Math.floor(this.now() / 1000) * 1000);
    return signCertificate(
      {
        serial,
        issuer: NAME,
        subject: withCommonName(request.subject, clientId),
        publicKey: request.publicKey,
        from,
        to: new Date(from.getTime() + validSeconds * 1000),
        extensions: EXTENSIONS.client(),
      },
      this.key,
    );
  }

  /** A new key and certificate for the broker, valid for all its names and addresses. */
  async makeServer(hosts: readonly string[]): Promise<KeyAndCertificate> {
    const names = hosts.filter((host) => isIP(host) === 0);
    const addresses = hosts.filter((host) => isIP(host) !== 0).map(addressBytes);
    return this.makeOwn(hosts[0] ?? "localhost", EXTENSIONS.server(names, addresses));
  }

  /** A new key and certificate with which the agent itself is a client of its broker. */
  makeAgent(name: string): Promise<KeyAndCertificate> {
    return this.makeOwn(name, EXTENSIONS.client());
  }

  /** The certificates that are no longer valid. `number` is how often there was a list before. */
  makeRevocationList(serials: readonly number[], number: number): Promise<string> {
    // OpenSSL takes the list that is younger by a second at least, and none from the future.
    const from = new Date(Date.UTC(2020, 0, 1) + number * 1000);
    const to = new Date(this.now() + YEARS_OF_AUTHORITY * 365 * DAY);
    return signRevocationList({ issuer: NAME, serials, from, to }, this.key);
  }

  private async makeOwn(commonName: string, extensions: ReturnType<typeof EXTENSIONS.client>) {
    const { publicKey, privateKey } = await generate("rsa", { modulusLength: 2048 });
    const certificate = await signCertificate(
      {
        // Beyond the serial numbers of clients, so that revoking a client never means one of these.
        serial: OWN_SERIALS + Math.floor(Math.random() * OWN_SERIALS),
        issuer: NAME,
        subject: distinguishedName(["CN", commonName]),
        publicKey,
        from: new Date(this.now() - DAY),
        to: new Date(this.now() + 10 * 365 * DAY),
        extensions,
      },
      this.key,
    );
    return { key: privateKey.export({ type: "pkcs8", format: "pem" }) as string, certificate };
  }
}

const OWN_SERIALS = 2 ** 30;

/** Reads a signing request that a client published: errors 20, 21, 22 and 25. */
export function readClientRequest(payload: Uint8Array): { request: SigningRequest; name: string } {
  if (payload.length > MAX_PEM_BYTES) {
    throw new Refusal(20, `The certificate signing request is longer than ${MAX_PEM_BYTES} bytes.`);
  }
  const text = Buffer.from(payload).toString("latin1");
  if (text.trim() === "") throw new Refusal(21, "The submitted certificate signing request is empty.");
  let request: SigningRequest;
  try {
    request = readSigningRequest(text);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Refusal(20, `An error occurred while parsing the certificate signing request: ${why}.`);
  }
  if (sizeOfName(request.subject) > MAX_SUBJECT_BYTES) {
    throw new Refusal(20, `The subject is longer than ${MAX_SUBJECT_BYTES} bytes.`);
  }
  if (!isStrong(request.publicKey)) {
    throw new Refusal(
      20,
      "The key is too weak: allowed are RSA keys of 2048 bits or more, and EC keys of 256 bits or more.",
    );
  }
  const name = commonNameOf(request.subject);
  if (name === undefined || name === "") {
    throw new Refusal(22, "Cannot retrieve the CommonName attribute from the certificate signing request.");
  }
  if (!CLIENT_NAME.pattern.test(name) || name.length > CLIENT_NAME.maxLength) {
    throw new Refusal(
      25,
      `Client name is not valid. Allowed are at most ${CLIENT_NAME.maxLength} of the characters ${CLIENT_NAME.characters}.`,
    );
  }
  return { request, name };
}

/** Bytes of a subject: more than all attributes that a person would give. */
const MAX_SUBJECT_BYTES = 4096;
const LEAST_RSA_BITS = 2048;
/** Names of the curves that Node.js knows by OpenSSL's: P-256 and what is no weaker. */
const STRONG_CURVES: ReadonlySet<string | undefined> = new Set([
  "prime256v1",
  "secp256k1",
  "secp384r1",
  "secp521r1",
]);

function isStrong({ asymmetricKeyType, asymmetricKeyDetails = {} }: KeyObject): boolean {
  const { modulusLength = 0, namedCurve } = asymmetricKeyDetails;
  if (asymmetricKeyType === "rsa") return modulusLength >= LEAST_RSA_BITS;
  if (asymmetricKeyType === "ec") return STRONG_CURVES.has(namedCurve);
  return asymmetricKeyType === "ed25519";
}

/** An IP address as a certificate holds it: 4 or 16 bytes. */
function addressBytes(address: string): Buffer {
  if (isIP(address) === 4) return Buffer.from(address.split(".").map(Number));
  const [head = "", tail] = address.split("::");
  const groups = (text: string) => (text === "" ? [] : text.split(":"));
  const left = groups(head);
  const right = tail === undefined ? [] : groups(tail);
  const zeros = tail === undefined ? [] : Array<string>(8 - left.length - right.length).fill("0");
  return Buffer.from([...left, ...zeros, ...right].map((group) => group.padStart(4, "0")).join(""), "hex");
}
