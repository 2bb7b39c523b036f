import assert from "node:assert/strict";
import type { NodeDef } from "node-red";
import { upgrade, type Migration } from "../../../nodes/shared/migrations";

const DEFAULTS = { host: "localhost", port: "18884" };
const definition = (properties: object): NodeDef => ({ id: "n", type: "t", name: "", z: "", ...properties });

describe("A node's definition", () => {
  it("gets defaults for what a flow leaves out", () => {
    const { host, port } = upgrade(definition({ host: undefined, port: null }), DEFAULTS);
    assert.deepEqual({ host, port }, DEFAULTS);
  });

  it("keeps what a flow says, empty or not", () => {
    const { host, port } = upgrade(definition({ host: "", port: "1" }), DEFAULTS);
    assert.deepEqual([host, port], ["", "1"]);
  });

  it("of an earlier version goes through every step since then, in order", () => {
    const steps: Migration[] = [
      (before) => ({ ...before, host: `${String(before.host)}-2` }),
      (before) => ({ ...before, host: `${String(before.host)}-3` }),
    ];
    assert.equal(upgrade(definition({ host: "h" }), DEFAULTS, steps).host, "h-2-3");
    assert.equal(upgrade(definition({ host: "h", version: 1 }), DEFAULTS, steps).host, "h-2-3");
    assert.equal(upgrade(definition({ host: "h", version: 2 }), DEFAULTS, steps).host, "h-3");
    assert.equal(upgrade(definition({ host: "h", version: 3 }), DEFAULTS, steps).host, "h");
  });
});
