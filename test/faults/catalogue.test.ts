/**
 * The catalogue of faults: each has a test whose title names its number. At the end of `npm test` that test must have
 * run; elsewhere it is enough that it is written.
 */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** What must be survived, by number. */
const FAULTS: Readonly<Record<number, string>> = {
  1: "the agent is killed while pushes are confirmed",
  2: "the agent stands still, and goes on",
  3: "a half-open connection",
  4: "a network that swallows everything",
  5: "a reset in the middle of a message",
  6: "a byte at a time",
  7: "CONNACK never comes",
  8: "CONNACK refuses",
  9: "SUBACK refuses, or never comes",
  10: "many clients come back at once",
  11: "another client has our MQTT client ID",
  12: "a day of flapping",
  13: "an answer is lost",
  14: "an answer is late",
  15: "an answer that nobody asked for",
  16: "an answer comes twice",
  17: "answers out of order, on different sensors",
  18: "two clients with one certificate",
  19: "an answer and an error to one request",
  20: "an error on the documented and on the real topic",
  21: "a failure in part",
  22: "answers that are garbage",
  23: "the agent comes back without its state",
  24: "the client is deleted on the agent",
  25: "the certificate ends",
  26: "the authority is replaced",
  27: "a server that must not be trusted",
  28: "a server that speaks only old TLS",
  29: "Node-RED is killed while it stores",
  30: "the disk is full",
  31: "the folder cannot be written",
  32: "a byte of the store is flipped",
  33: "the store is cut off",
  34: "the clock is changed",
  35: "much is waiting",
  36: "the store or the queue is full",
  37: "what waits is too old",
  38: "a record that breaks the connection",
  39: "two processes and one store",
  40: "a deploy in the middle of everything",
  41: "hostile messages",
  42: "a storm of changes to show",
  43: "any order of all of them, against a model",
  44: "a late answer while echoes are not learned",
  45: "one timestamp for two pushes of a sensor",
  46: "the clock is set while something waits",
  47: "a clock that is wrong for a while",
  48: "our clock is behind the agent's while registering",
  49: "a file is mended while a failure that lasts waits",
  50: "sessions that succeed and end at once, again and again",
  51: "an agent that is silent behind a living broker",
  52: "a deleted client whose session lives on",
  53: "a list answer of 20 MB",
  54: "a request over the limit, of every operation",
  55: "a broker with a small max_packet_size",
  56: "a TLS failure without a code of its own",
  57: "the broker has as many connections as it allows",
  58: "the broker takes a client's rights away",
  59: "PEM in other text, escaped, encrypted, in any order",
  60: "an authority of X.509 version 1",
  61: "the disk gets full while values wait",
  62: "no new files can be made",
  63: "the folder of the store is deleted while it is used",
  64: "a file of the store is damaged or cut near its end",
  65: "the newest file of the store is cut",
  66: "a record that no index knows",
  67: "a native library is missing",
  68: "files that can be used, but not closed to others",
  69: "a message whose error is a getter",
  70: "a message that cannot be cloned",
  71: "numbers beyond 2^53 in text, in both directions",
  72: "dates that do not exist, times in the wrong unit",
  73: "messages at QoS 1 and 2",
  74: "control packets that nobody asked for",
  75: "malformed live data at full speed",
  76: "control characters from the agent",
  77: "planted simulator folders",
  78: "idle TCP connections, and other bounds of the simulator",
  79: "forged answers to a registration",
  80: "special files in place of PEM files",
};

describe("The catalogue of faults", () => {
  const { TITLES_THAT_RAN } = process.env;
  const named = numbersIn(TITLES_THAT_RAN === undefined ? titles() : readFileSync(TITLES_THAT_RAN, "utf8"));
  for (const [number, fault] of Object.entries(FAULTS)) {
    it(`has a test for ${number}: ${fault}`, () => assert.ok(named.has(Number(number))));
  }
});

/** The titles of all suites and tests. */
function titles(): string {
  const root = join(__dirname, "..");
  const own = join("faults", "catalogue.test.ts");
  return readdirSync(root, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".test.ts") && file !== own)
    .map((file) => readFileSync(join(root, file), "utf8"))
    .flatMap((text) => [...text.matchAll(/\b(?:it|describe)\(\s*(["`][\s\S]*?["`]),/g)])
    .map(([, title]) => title)
    .join("\n");
}

/** `fault 1`, `faults 3, 4`, `faults 24 to 28`, `faults 3 and 4`. */
function numbersIn(text: string): Set<number> {
  const numbers = new Set<number>();
  for (const [, list = ""] of text.matchAll(/\bfaults? ([\d, to and]+)/g)) {
    for (const [, from = "0", to = from] of list.matchAll(/(\d+)(?: to (\d+))?/g)) {
      for (let number = Number(from); number <= Number(to); number++) numbers.add(number);
    }
  }
  return numbers;
}
