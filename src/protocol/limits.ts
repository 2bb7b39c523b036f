/** Sizes and characters that the API document fixes, and bounds of our own where it leaves them open. */

/** IDs in topics: made by a user in a push, or 32 hexadecimal digits made by the agent ("Push Metric Values"). */
export const ID = {
  pattern: /^[A-Za-z0-9_\- ]{1,32}$/,
  /** Besides the space, which each language has its own word for. */
  characters: "a-z A-Z 0-9 _ -",
  maxLength: 32,
} as const;

/** Milliseconds since 1970: later times have no date. */
export const LAST_TIME = 8.64e15;

/** The common name of a certificate signing request ("Create Client", step 1). */
export const CLIENT_NAME = {
  pattern: /^[a-zA-Z0-9.*\-,@'_]+$/,
  characters: "a-z A-Z 0-9 . * - , @ ' _",
  /** RFC 5280: ub-common-name. */
  maxLength: 64,
} as const;

/** The client ID that the agent puts into a certificate in place of the common name. */
export const CLIENT_ID_PATTERN = /^[A-Za-z0-9]{1,64}$/;

/** Bytes of one message that is sent, or that comes without being awaited. */
export const MAX_PAYLOAD_BYTES = 256 * 1024;
/** Bytes of an answer that a request awaits: it can name all that the request named, and say more of it. */
export const MAX_ANSWER_BYTES = 1024 * 1024;
/** Bytes of the list of all sensors: 20 MB are 10,000 sensors with 10 metrics each. */
export const MAX_LIST_BYTES = 32 * 1024 * 1024;
/** Bytes of the topic of a message that comes; those that are subscribed are shorter than 300. */
export const MAX_TOPIC_BYTES = 1024;
/** Levels of nesting in a message from the agent. */
export const MAX_JSON_DEPTH = 32;
/** Bytes of a certificate or key file that is read. */
export const MAX_PEM_BYTES = 64 * 1024;

/** The IDs of a text with commas between them, which no ID has ("Push Metric Values"). */
export function splitIds(text: string): string[] {
  if (!text.includes(",")) return text === "" ? [] : [text];
  const parts = text.split(",").map((part) => part.trim());
  return parts.filter((part) => part !== "");
}
