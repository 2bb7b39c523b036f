/** A Node-RED without an editor (`httpAdminRoot: false`): its flows run, and the package serves nothing to anybody. */
import assert from "node:assert/strict";
import { layUserDirectory, startNodeRed } from "../../scripts/shared/node-red.mjs";
import { temporaryFolder } from "../package/installation";
import { freePorts } from "../support/ports";

describe("A Node-RED without an editor", () => {
  it("runs the flows, and has none of the endpoints", async () => {
    const folder = await temporaryFolder();
    const [port = 0] = await freePorts(1);
    layUserDirectory(folder.path, [
      { id: "tab", type: "tab" },
      { id: "press", type: "teamviewer-iot-agent", caFile: "ca.crt" },
      { id: "ping", type: "teamviewer-iot-ping", z: "tab", agent: "press", wires: [[], []] },
    ]);
    const nodeRed = await startNodeRed({
      userDirectory: folder.path,
      port,
      settings: "module.exports.httpAdminRoot = false;",
      readyIn: (line) => (line.includes("Started flows") ? "started" : undefined),
    });
    try {
      for (const path of ["teamviewer-iot/agents", "teamviewer-iot/agents/press", "flows"]) {
        const { status } = await fetch(`http://127.0.0.1:${port}/${path}`);
        assert.equal(status, 404, path);
      }
      assert.doesNotMatch(nodeRed.output(), /TypeError|not loaded|Missing node/);
    } finally {
      await nodeRed.stop();
      await folder.remove();
    }
  });
});
