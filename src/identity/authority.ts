/** Whether a certificate may issue others, as OpenSSL sees it (`X509_check_ca`): old authorities do not say so. */
import type { X509Certificate } from "node:crypto";
import { DER, readElements, type Element } from "./der";

// Object identifiers as DER writes them.
const BASIC_CONSTRAINTS = "551d13";
/** Extensions whose bits allow it: key usage with `keyCertSign`, and the types of authority that Netscape had. */
const USAGES = [
  { id: "551d0f", bits: 0x04 },
  { id: "6086480186f8420101", bits: 0x07 },
];
/** Context tags of a certificate's body (RFC 5280, section 4.1). */
const VERSION = 0xa0;
const EXTENSIONS = 0xa3;

export function isAuthority(certificate: X509Certificate): boolean {
  if (certificate.ca) return true;
  const body = inside(inside(readElements(certificate.raw)?.[0])[0]);
  const extensions = extensionsOf(body);
  // It says that it is none, or that its key is for other things.
  if (extensions.has(BASIC_CONSTRAINTS)) return false;
  const usage = USAGES.find(({ id }) => extensions.has(id));
  if (usage !== undefined) return hasBit(extensions.get(usage.id)!, usage.bits);
  // X.509 version 1 has no way to say it.
  return (
    body[0]?.tag !== VERSION &&
    certificate.checkIssued(certificate) &&
    certificate.verify(certificate.publicKey)
  );
}

/** By their object identifier, what they consist of. */
function extensionsOf(body: readonly Element[]): Map<string, Buffer> {
  const list = inside(inside(body.find(({ tag }) => tag === EXTENSIONS))[0]);
  return new Map(
    list.map((extension) => {
      const parts = inside(extension);
      // Between the two can stand whether it is critical.
      return [parts[0]?.content.toString("hex") ?? "", parts.at(-1)?.content ?? Buffer.alloc(0)];
    }),
  );
}

function hasBit(value: Buffer, bits: number): boolean {
  const [string] = readElements(value) ?? [];
  // The first byte counts the unused bits of the last one.
  return string?.tag === DER.bitString && ((string.content[1] ?? 0) & bits) !== 0;
}

function inside(element: Element | undefined): Element[] {
  return (element && readElements(element.content)) ?? [];
}
