/** The example that prepares a new client beside an old one, and the swap of the two: names stay, IDs are told. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { promisify } from "node:util";
import { identityDirectory } from "../../nodes/shared/paths";
import { projectRoot } from "../../scripts/shared/project.mjs";
import { freePorts, onPorts } from "../support/ports";
import { type FlowItem, RealNodeRed } from "../support/real-node-red";

const EXAMPLE = join(projectRoot, "examples/prepare a new client.json");

interface Row {
  name: string;
  oldId: string;
  newId: string;
  metrics: { name: string; oldId: string; newId: string }[];
}

describe("A new client in the place of an old one", function () {
  let nodeRed: RealNodeRed;
  let flow: FlowItem[];
  before(async () => {
    nodeRed = await RealNodeRed.start();
    flow = onPorts(JSON.parse(await readFile(EXAMPLE, "utf8")) as FlowItem[], await freePorts(2));
  });
  after(() => nodeRed.stop());

  const named = (name: string): string => flow.find((item) => item.name === name)?.id ?? "";
  const agents = (): string[] =>
    flow.filter(({ type }) => type === "teamviewer-iot-agent").map(({ id }) => id);

  /** Clicks until the node has given an answer. */
  async function click(inject: string, answering: string): Promise<void> {
    await nodeRed.until(`an answer of ${answering}`, async () => {
      await nodeRed.inject(named(inject));
      const sent = await nodeRed.sent();
      return sent.some(({ id, output }) => id === named(answering) && output === 0);
    });
  }

  async function clientIds(): Promise<string[]> {
    return nodeRed.until("both are connected", async () => {
      const response = await fetch(new URL("teamviewer-iot/agents", nodeRed.url));
      const known = ((await response.json()) as { agents: { id: string; state: string; clientId: string }[] })
        .agents;
      const found = agents().map((agent) =>
        known.find(({ id, state }) => id === agent && state === "connected"),
      );
      return found.every((one) => one !== undefined) && found.map((one) => one.clientId);
    });
  }

  it("is prepared with every sensor and metric by name, and a table of old and new IDs in a file", async () => {
    await nodeRed.deploy(flow);
    await click("make some", "ensure its metrics");
    await click("prepare", "ensure them");
    const rows = await nodeRed.until("the table", async () => {
      const text = await readFile(join(nodeRed.userDirectory, "teamviewer-iot-new-ids.json"), "utf8").catch(
        () => "",
      );
      return text.endsWith("\n") && (JSON.parse(text) as Row[]);
    });
    assert.deepEqual(
      rows.map(({ name, metrics }) => [name, metrics.map((metric) => metric.name).sort()]),
      [["Press 12", ["Pieces", "Temperature"]]],
    );
    for (const { oldId, newId } of rows.flatMap((row) => [row, ...row.metrics])) {
      assert.match(oldId, /^[0-9a-f]{32}$/);
      assert.match(newId, /^[0-9a-f]{32}$/);
      assert.notEqual(oldId, newId);
    }
  });

  it("takes the old one's place by a swap of the identities, and gives it back by another", async () => {
    const before = await clientIds();
    const folders = agents().map((id) => basename(identityDirectory(nodeRed.userDirectory, id)));
    for (const expected of [before.toReversed(), before]) {
      const cli = join(projectRoot, "dist/src/identity/cli.js");
      const args = [cli, "swap", "--user-directory", nodeRed.userDirectory, ...folders];
      await promisify(execFile)(process.execPath, args);
      await nodeRed.deploy(flow);
      assert.deepEqual(await clientIds(), expected);
    }
  });
});
