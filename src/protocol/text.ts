/**
 * Texts that somebody else wrote, made fit to be shown: in a log, where a newline forges a line and ESC commands a
 * terminal, in a badge, a message, a dialog, where bidirectional controls let a text read otherwise than it is.
 */

/** Characters of one text that are shown. */
const MOST_SHOWN = 500;
/* eslint-disable no-control-regex -- control characters are what must not be shown */
const LINE_ENDS = /[\t\n\v\f\r\u0085\u2028\u2029]+/g;
const CONTROLS = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/g;
const UNFIT = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/;
/* eslint-enable no-control-regex */

/** One line without control characters, cut to 500 characters. What is data is never given to this. */
export function cleanText(text: string): string {
  const cut = text.length > MOST_SHOWN ? `${text.slice(0, MOST_SHOWN - 1)}…` : text;
  const whole = cut.toWellFormed();
  return UNFIT.test(whole) ? whole.replace(LINE_ENDS, " ").replace(CONTROLS, "�") : whole;
}
