/**
 * What some tests cannot do without. Where it is not there they are skipped and say so; in CI that is a failure, except
 * for what the variable TESTS_WITHOUT names (`mosquitto,chromium`), which then counts as not there.
 */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { BROWSER } from "../../scripts/shared/browser.mjs";

const isWindows = process.platform === "win32";
const starts = (program: string, argument: string): boolean =>
  spawnSync(program, [argument], { stdio: "ignore" }).error === undefined;

const NEEDS = {
  mosquitto: {
    isThere: () => existsSync("/usr/sbin/mosquitto") || starts("mosquitto", "-h"),
    otherwise: "install Mosquitto (Debian: mosquitto)",
  },
  "mosquitto-clients": {
    isThere: () => starts("mosquitto_pub", "--help") && starts("stdbuf", "--version"),
    otherwise: "install Mosquitto's commands, stdbuf and a shell (Debian: mosquitto-clients)",
  },
  "nats-server": {
    isThere: () => starts("nats-server", "--version"),
    otherwise: "install NATS (Debian: nats-server)",
  },
  prometheus: {
    isThere: () => starts("prometheus", "--version") && starts("promtool", "--version"),
    otherwise: "install Prometheus (Debian: prometheus)",
  },
  git: { isThere: () => starts("git", "--version"), otherwise: "install git (Debian: git)" },
  curl: { isThere: () => starts("curl", "--version"), otherwise: "install curl (Debian: curl)" },
  openssl: {
    isThere: () => starts("openssl", "version"),
    otherwise: "install OpenSSL (Debian: openssl)",
  },
  chromium: {
    isThere: () => existsSync(BROWSER),
    otherwise: `install Chromium as ${BROWSER} (Debian: chromium)`,
  },
  "posix-files": {
    isThere: () => !isWindows,
    otherwise: "Windows keeps no modes of files, and lets few make a link",
  },
  signals: { isThere: () => !isWindows, otherwise: "Windows cannot halt a process, nor ask it to end" },
} as const satisfies Record<string, { isThere: () => boolean; otherwise: string }>;

type Need = keyof typeof NEEDS;

/** Skips the suite or the test that calls it. */
export function needs(context: Mocha.Context, ...names: Need[]): void {
  const missing = missingOf(names, process.env);
  if (missing === undefined) return;
  console.log(`      skipped: ${missing}`);
  context.skip();
}

/** Why a test with these needs is to be skipped; throws where it must not be. */
export function missingOf(
  names: readonly Need[],
  { CI, TESTS_WITHOUT = "" }: { CI?: string; TESTS_WITHOUT?: string },
  isThere = (name: Need): boolean => NEEDS[name].isThere(),
): string | undefined {
  const without = TESTS_WITHOUT.split(",");
  const given = names.find((name) => without.includes(name));
  if (given !== undefined) return `${given}, by TESTS_WITHOUT`;
  const name = names.find((name) => !isThere(name));
  if (name === undefined) return undefined;
  const reason = `${name}: ${NEEDS[name].otherwise}`;
  if (CI) throw new Error(reason);
  return reason;
}
