/** The bytes of a file as text, in the encodings in which spreadsheets save CSV. */

/** What Excel writes where it is not told to write UTF-8, on machines of Western Europe. */
const OTHER_ENCODING = "windows-1252";

export function decode(bytes: Uint8Array): string {
  // "Unicode Text" of Excel.
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder("utf-16le").decode(bytes);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder(OTHER_ENCODING).decode(bytes);
  }
}
