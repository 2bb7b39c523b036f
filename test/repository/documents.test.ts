/** What the documents tell people to type works as written. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { bin, name } from "../../package.json";

const ROOT = join(__dirname, "../..");

describe("The documents", () => {
  const documents = ["", "docs", "docs/recipes", "docs/decisions"].flatMap((folder) =>
    readdirSync(join(ROOT, folder))
      .filter((file) => file.endsWith(".md"))
      .map((file) => join(folder, file)),
  );

  for (const document of documents) {
    const text = readFileSync(join(ROOT, document), "utf8");

    it(`${document} names the package where it runs a command of it: npx would fetch somebody else's`, () => {
      for (const command of Object.keys(bin)) {
        for (const [line] of text.matchAll(new RegExp(`npx .*\\b${command}\\b`, "g"))) {
          assert.ok(line.startsWith(`npx -p ${name} ${command}`), line);
        }
      }
    });

    it(`${document} imports nothing: the package has nodes and a command, no library`, () => {
      assert.doesNotMatch(text, /(?:from|import|require\()\s*"@tviot\//);
    });
  }
});
