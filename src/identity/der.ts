/** The little of DER (X.690) that Node.js does not read for us: elements, and what they consist of. */

export interface Element {
  readonly tag: number;
  readonly content: Buffer;
}

export const DER = { integer: 0x02, bitString: 0x03, octetString: 0x04, oid: 0x06, sequence: 0x30 } as const;

/** The elements that fill the bytes exactly; `undefined` when they do not, which is how a cut-off file shows. */
export function readElements(bytes: Buffer): Element[] | undefined {
  const elements: Element[] = [];
  for (let at = 0; at < bytes.length;) {
    const size = readSize(bytes, at + 1);
    if (size === undefined || size.end > bytes.length) return undefined;
    elements.push({ tag: bytes[at]!, content: bytes.subarray(size.begin, size.end) });
    at = size.end;
  }
  return elements;
}

/** Where the content begins and ends whose length stands at `at`; lengths have up to four bytes. */
function readSize(bytes: Buffer, at: number): { begin: number; end: number } | undefined {
  const first = bytes[at];
  if (first === undefined) return undefined;
  if (first < 0x80) return { begin: at + 1, end: at + 1 + first };
  const count = first - 0x80;
  if (count < 1 || count > 4 || at + count >= bytes.length) return undefined;
  const begin = at + 1 + count;
  return { begin, end: begin + bytes.readUIntBE(at + 1, count) };
}
