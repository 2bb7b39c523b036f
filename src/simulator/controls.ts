/** Characters that are not seen and do something: they end lines, command a terminal, or turn the direction of writing. */

const CONTROLS = /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/gu;
/** What a message of several lines has. */
const LAYOUT: ReadonlySet<string> = new Set(["\n", "\r", "\t"]);

export const hasControls = (text: string): boolean => text.search(CONTROLS) >= 0;

/** For data that is shown: the same characters as JSON writes them, so that a message that is JSON says what it said. */
export function escapeControls(text: string): string {
  return text.replace(CONTROLS, (character) =>
    LAYOUT.has(character) ? character : `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
