/** The bytes of a file as text, in the encodings in which spreadsheets save CSV. */

/** What Excel writes where it is not told to write UTF-8, on machines of Western Europe. */
const WESTERN = "windows-1252";

/** And what on those of Japan and China: what each character looks like, and what a text of another encoding has not. */
const ELSEWHERE = [
  {
    encoding: "shift_jis",
    characters: /[\0-\x7f\xa1-\xdf]|[\x81-\x9f\xe0-\xfc][\x40-\x7e\x80-\xfc]/g,
    sign: /(?:[\x81-\x9f][\x40-\x7e\x80-\xfc]){2}/,
  },
  {
    encoding: "gb18030",
    characters: /[\0-\x7f]|[\xa1-\xf7][\xa1-\xfe]/g,
    // The "öß" of "Größe" is one character here; no word of Western Europe makes two.
    sign: /(?:[\xa1-\xf7][\xa1-\xfe]){2}/,
  },
] as const;

export function decode(bytes: Uint8Array): string {
  // "Unicode Text" of Excel.
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder("utf-16le").decode(bytes);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder(encodingOf(bytes)).decode(bytes);
  }
}

function encodingOf(bytes: Uint8Array): string {
  // A letter a byte.
  const letters = Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
  const found = ELSEWHERE.find(
    ({ characters, sign }) => sign.test(letters) && letters.replace(characters, "") === "",
  );
  return found?.encoding ?? WESTERN;
}
