/** The version of this package, for whoever asks what runs here. */
import { readFileSync } from "node:fs";
import { join } from "node:path";

const NAME = "@tviot/node-red-teamviewer-iot";

/** `?` where it cannot be read. */
export const VERSION = readVersion();

function readVersion(): string {
  // Three folders up from dist/nodes/shared, and from the sources two.
  for (const up of ["../../..", "../.."]) {
    try {
      const file = readFileSync(join(__dirname, up, "package.json"), "utf8");
      const { name, version } = JSON.parse(file) as Record<string, string>;
      if (name === NAME) return version ?? "?";
    } catch {
      // Not there.
    }
  }
  return "?";
}
