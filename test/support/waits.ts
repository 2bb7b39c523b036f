/**
 * What tests wait for, so that one whose time is over can say what it waited for and what there was instead. Mocha
 * alone says "Timeout exceeded", and not even where.
 */

interface Wait {
  readonly what: string;
  readonly saw: () => unknown;
}

const waits = new Set<Wait>();
const MOST_SHOWN = 2000;
const LOOK_EVERY_MS = 10;
/** Grows with each test that ends. */
let generation = 0;

/** Tells what is waited for while `waiting` lasts. `what`: a name, or the place in the test that waits. */
export async function telling<T>(what: string | Error, saw: () => unknown, waiting: Promise<T>): Promise<T> {
  const wait = { what: typeof what === "string" ? what : placeOf(what), saw };
  waits.add(wait);
  try {
    return await waiting;
  } finally {
    waits.delete(wait);
  }
}

/**
 * Waits for `look` to give something that is not `undefined` or `false`, and looks often.
 * `saw` gives what a person would want to see if it never does.
 */
export function until<T>(
  what: string,
  look: () => Promise<T | undefined | false> | T | undefined | false,
  saw: () => unknown = () => "no more than that",
): Promise<T> {
  return telling(what, saw, lookAgain(look));
}

async function lookAgain<T>(look: () => Promise<T | undefined | false> | T | undefined | false): Promise<T> {
  const begun = generation;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    // Its test is over: a poll that goes on would keep the process.
    if (generation !== begun) return new Promise(() => undefined);
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}

/** Adds to the error of a test that failed what it still waited for, and forgets that; gives up what `until` waits for. */
export function explainWaits(test: Pick<Mocha.Test, "state" | "err"> | undefined): void {
  const told = [...waits]
    .map(({ what, saw }) => `\n  waited for: ${what}\n  there was:  ${shown(saw)}`)
    .join("");
  waits.clear();
  generation++;
  if (test?.state !== "failed" || test.err === undefined || told === "") return;
  const { message } = test.err;
  test.err.message += told;
  if (test.err.stack !== undefined) test.err.stack = test.err.stack.replace(message, () => message + told);
}

function shown(saw: () => unknown): string {
  try {
    const seen = saw();
    const text = typeof seen === "string" ? seen : JSON.stringify(seen);
    return text.length > MOST_SHOWN ? `${text.slice(0, MOST_SHOWN)} …` : text;
  } catch (error) {
    return String(error);
  }
}

/** The line of the test file that an error was made below. */
function placeOf({ stack = "" }: Error): string {
  return /^.*\.test\.ts.*$/m.exec(stack)?.[0].trim() ?? "something";
}
