/** The table of endpoints, and its copy for people. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { PERMISSIONS } from "../../explorer/endpoints/endpoint";
import { ENDPOINTS } from "../../explorer/endpoints/table";

describe("The table of endpoints", () => {
  it("is the one in docs/endpoints.md", () => {
    const manual = readFileSync(join(__dirname, "../../docs/endpoints.md"), "utf8");
    const rows = [...manual.matchAll(/^\| (GET|POST) `([^`]+)` *\| `([^|]+)` *\| *(\d*) *\| (\d+) s/gm)];
    assert.deepEqual(
      rows.map((row) => row.slice(1)),
      ENDPOINTS.map(({ method, path, permission, atOnce, within = 20_000 }) => [
        method.toUpperCase(),
        path,
        PERMISSIONS[permission].join("`, `"),
        String(atOnce ?? ""),
        String(within / 1000),
      ]),
    );
  });

  it("lets nothing change by a GET, and nothing be read only by who may write", () => {
    for (const { method, permission } of ENDPOINTS) assert.equal(permission === "read", method === "get");
  });
});
