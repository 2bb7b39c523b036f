/**
 * PEM blocks in the text that they come in: quotes, indentation, JSON, a shell's `KEY=`, line breaks written out as
 * `\n`, files in UTF-16. People paste keys from all of these, and what is meant is never in doubt.
 */
import { X509Certificate } from "node:crypto";

export interface PemBlock {
  readonly label: string;
  /** As OpenSSL reads it: lines of 64, with the header lines of an encrypted key (RFC 1421). */
  readonly pem: string;
  readonly der: Buffer;
  /** How it is encrypted, where its header lines say so. */
  readonly cipher?: { readonly name: string; readonly iv: string };
}

const MARK = /-----(BEGIN|END) ([A-Z0-9 ]{1,40})-----/g;
const CERTIFICATE = /^(X509 |TRUSTED )?CERTIFICATE$/;
/** The initial vector follows it: what ends that can be lost with the line breaks. */
const ENCRYPTED = /Proc-Type:\W*4,\W*ENCRYPTED\W*DEK-Info:\W*([A-Z0-9-]{1,20}),\W*/;
const WITH_BLOCKS_OF_16_BYTES = /^(AES|CAMELLIA|ARIA|SEED|SM4)-/;

/** Every block of the text that has its beginning and its end, in their order; in time that grows with the text. */
export function pemBlocks(text: string): PemBlock[] {
  const plain = withoutEscapes(text);
  const blocks: PemBlock[] = [];
  let begun: { label: string; from: number } | undefined;
  for (const { 0: mark, 1: kind, 2: label = "", index } of plain.matchAll(MARK)) {
    if (kind === "BEGIN") begun = { label, from: index + mark.length };
    else {
      if (begun?.label === label) blocks.push(readBlock(label, plain.slice(begun.from, index)));
      begun = undefined;
    }
  }
  return blocks;
}

/** Every certificate of a text, or the first ones, in its order. Throws when one of them cannot be read. */
export function certificatesIn(text: string, most = Infinity): X509Certificate[] {
  return pemBlocks(text)
    .filter(({ label }) => CERTIFICATE.test(label))
    .slice(0, most)
    .map(({ pem }) => new X509Certificate(pem));
}

/** No backslash and no NUL belongs to PEM: what JSON, a program's source or UTF-16 put there is undone. */
function withoutEscapes(text: string): string {
  return text
    .replaceAll("\0", "")
    .replace(/\\+u([0-9A-Fa-f]{4})/g, (_, code: string) => String.fromCharCode(parseInt(code, 16)))
    .replace(/\\+[rnt]/g, "\n")
    .replaceAll("\\", "");
}

function readBlock(label: string, body: string): PemBlock {
  const [header, name = ""] = ENCRYPTED.exec(body) ?? [];
  if (header === undefined) return makeBlock(label, body, undefined);
  const from = body.indexOf(header) + header.length;
  const to = from + (WITH_BLOCKS_OF_16_BYTES.test(name) ? 32 : 16);
  return makeBlock(label, body.slice(to), { name, iv: body.slice(from, to) });
}

function makeBlock(label: string, body: string, cipher: PemBlock["cipher"]): PemBlock {
  // A "+" between quotes joins the lines of a program's source.
  const base64 = body.replace(/["'`]\s*\+\s*["'`]/g, "").replace(/[^A-Za-z0-9+/=]/g, "");
  const lines = base64.match(/.{1,64}/g) ?? [];
  const headers = cipher && ["Proc-Type: 4,ENCRYPTED", `DEK-Info: ${cipher.name},${cipher.iv}`, ""];
  const pem = [`-----BEGIN ${label}-----`, ...(headers ?? []), ...lines, `-----END ${label}-----`, ""].join(
    "\n",
  );
  return { label, pem, der: Buffer.from(base64, "base64"), ...(cipher && { cipher }) };
}
