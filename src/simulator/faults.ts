/** The faults that can be switched on: a row a fault, with its allowed values. Shared by command line, file and setter. */
import { invalid } from "../protocol/input";
import { isRecord } from "../protocol/json";

/** A share of the answers from 0 to 1, or the next so many of them: "next:3". */
export type Share = number | `next:${number}`;

export interface Faults {
  /** Milliseconds before each answer. */
  delay: number;
  /** Answers that are never sent. */
  lose: Share;
  /** Answers that are sent twice. */
  repeat: Share;
  /** Answers that are held back until the next one has been sent. */
  reorder: Share;
  /** The error code that answers every request; 0: none. */
  answerWith: number;
  /** The agent's server is not reachable: error 1 for everything but ping. */
  backendGone: boolean;
  /** How long certificates are valid that are signed from now on. */
  certificateSeconds: number;
  /** Text answers in quotes, as the document prints them. */
  quoted: boolean;
  /** Live data before the answer to the push. */
  liveDataFirst: boolean;
  /** A push to a deleted sensor makes it anew, as to one that is missing; otherwise no updates are possible. */
  deletedReturns: boolean;
  /** The agent is not running: ports closed, connections ended. */
  stopped: boolean;
}

interface FaultRow {
  readonly off: number | boolean;
  /** As errors tell it: a list, or a key of the sentences' `words` with its blanks. */
  readonly allowed: Readonly<{ allowed: string; least?: number; most?: number }>;
  readonly fits: (value: unknown) => boolean;
}

const YEAR = 365 * 86_400;

const wholeNumber = (words: string, least: number, most: number): Omit<FaultRow, "off"> => ({
  allowed: { allowed: words, least, most },
  fits: (value) => Number.isInteger(value) && (value as number) >= least && (value as number) <= most,
});
const isShare = (value: unknown) =>
  (typeof value === "number" && value >= 0 && value <= 1) ||
  (typeof value === "string" && /^next:\d{1,9}$/.test(value));

const SWITCH: FaultRow = {
  off: false,
  allowed: { allowed: "true, false" },
  fits: (value) => typeof value === "boolean",
};
const SHARE: FaultRow = {
  off: 0,
  allowed: { allowed: "words.share" },
  fits: isShare,
};

export const FAULTS: Readonly<Record<keyof Faults, FaultRow>> = {
  delay: { off: 0, ...wholeNumber("words.milliseconds", 0, 3_600_000) },
  lose: SHARE,
  repeat: SHARE,
  reorder: SHARE,
  answerWith: { off: 0, ...wholeNumber("words.errorCode", 0, 9999) },
  backendGone: SWITCH,
  certificateSeconds: { off: YEAR, ...wholeNumber("words.seconds", 1, 10 * YEAR) },
  quoted: SWITCH,
  liveDataFirst: SWITCH,
  deletedReturns: SWITCH,
  stopped: SWITCH,
};

export const NO_FAULTS: Readonly<Faults> = Object.freeze(
  Object.fromEntries(Object.entries(FAULTS).map(([name, { off }]) => [name, off])) as unknown as Faults,
);

/** Checks faults that somebody typed or sent; throws `InvalidInput` that names the fault and what is allowed. */
export function checkFaults(faults: unknown): Partial<Faults> {
  if (!isRecord(faults)) throw invalid("type", "faults", faults, { allowed: "words.faults" });
  for (const [name, value] of Object.entries(faults)) {
    if (!Object.hasOwn(FAULTS, name)) {
      throw invalid("value", "fault", name, { allowed: Object.keys(FAULTS).join(", ") });
    }
    const { fits, allowed } = FAULTS[name as keyof Faults];
    if (!fits(value)) throw invalid("value", `fault ${name}`, value, allowed);
  }
  return { ...faults };
}

/** A fault of the command line: `lose=0.1`, `quoted`, `lose=next:3`. */
export function readFault(text: string): Partial<Faults> {
  const [name = "", ...rest] = text.split("=");
  const value = rest.join("=");
  return checkFaults({ [name]: rest.length === 0 ? true : readValue(value) });
}

function readValue(text: string): unknown {
  if (text === "true" || text === "false") return text === "true";
  return text.trim() !== "" && Number.isFinite(Number(text)) ? Number(text) : text;
}
