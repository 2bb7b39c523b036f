/** What clients send, as it may stand in a log line or on a screen: one line, of a bounded length. */

/** Control characters, line separators, and what turns the direction of writing around it. */
const CONTROLS = /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu;
const MAX_LENGTH = 1000;

/** A text for people: what cannot be seen is shown as �. */
export function printable(text: string, limit = MAX_LENGTH): string {
  const cut = text.length > limit ? `${text.slice(0, limit)}…` : text;
  return cut.replace(CONTROLS, "\ufffd");
}

export const hasControls = (text: string): boolean => new RegExp(CONTROLS).test(text);

/** A text for programs: the same characters written as in JSON, so that a message that is JSON stays what it says. */
export function escapeControls(text: string): string {
  return text.replace(CONTROLS, (character) =>
    LINES.has(character) ? character : `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
const LINES: ReadonlySet<string> = new Set(["\n", "\r", "\t"]);
