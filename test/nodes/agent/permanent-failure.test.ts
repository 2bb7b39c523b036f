/** A failure that somebody has to repair: tried again every minute, and at once when there is reason to. */
import assert from "node:assert/strict";
import { copyFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { Authority } from "../../support/agent/authority";
import { agentNode, palette } from "../../support/flows";
import { useNodeRed, type Deploy, type Flow } from "../../support/node-red";
import { useSimulator } from "../../support/simulator";

describe("A failure that somebody has to repair", () => {
  const nodeRed = useNodeRed();
  const simulator = useSimulator();
  let other: Authority;
  before(async () => {
    other = await Authority.make();
  });
  after(() => other.remove());

  const flow = (properties: Record<string, unknown> = {}): Flow => [
    agentNode(simulator.current, {
      caFile: "authority.crt",
      clientName: "press-12",
      autoRegister: true,
      ...properties,
    }),
    ...palette("ping"),
    ...palette("push", { sensor: "oven" }),
    { id: "unrelated", z: "flow", type: "helper", name: "" },
  ];
  const giveCa = (file: string) => copyFile(file, join(nodeRed.userDir, "authority.crt"));
  const connected = () => nodeRed.badge("ping", "status.connected");

  /** Registered and connected once; then the flows start with a CA that does not fit. */
  async function fail(): Promise<void> {
    await rm(join(nodeRed.userDir, "teamviewer-iot"), { recursive: true, force: true });
    await giveCa(simulator.current.ca);
    await nodeRed.load(flow());
    await connected();
    await nodeRed.unload();
    await giveCa(other.certificateFile);
    await nodeRed.load(flow());
    await nodeRed.until(() => (nodeRed.statuses("ping").at(-1)?.fill === "red" ? true : undefined));
  }

  /** Repairs it; gives the time at which it is tried again whatever is done. */
  async function repair(): Promise<number> {
    const { message } = await nodeRed.ask("ping", { action: "status" }, "ping.out", "ping.error");
    await giveCa(simulator.current.ca);
    return Date.parse((message.payload as { retryAt: string }).retryAt);
  }
  /** Long before that time, which is at least twenty seconds away. */
  async function connectedBefore(retryAt: number): Promise<void> {
    await connected();
    assert.ok(Date.now() < retryAt, "it was tried again as always");
  }

  it("is told with its reason, that it is no use to try again, and when that is done all the same", async () => {
    await fail();
    const { message } = await nodeRed.ask("ping", { action: "status" }, "ping.out", "ping.error");
    const { state, failure, retryAt } = message.payload as {
      state: string;
      failure: { name: string; retryable: boolean; message: string };
      retryAt: string;
    };
    assert.deepEqual([state, failure.name, failure.retryable], ["waiting", "ServerNotTrusted", false]);
    const wait = Date.parse(retryAt) - Date.now();
    assert.ok(wait > 20_000 && wait <= 50_000, `${wait} ms`);
    const badge = nodeRed.statuses("push").at(-1);
    assert.deepEqual([badge?.fill, badge?.shape], ["red", "ring"]);
  });

  it("is over at once when it is repaired and a node is told to connect", async () => {
    await fail();
    const retryAt = await repair();
    nodeRed.send("push", { action: "connect" });
    await connectedBefore(retryAt);
  });

  it("is over within seconds when the file is repaired, and nobody deploys or clicks anything (fault 49)", async () => {
    await fail();
    await connectedBefore(await repair());
  });

  for (const [type, title, change] of [
    ["full", "everything", () => flow({ name: "again" })],
    ["flows", "the agent", () => flow({ requestTimeout: "11" })],
    ["nodes", "the agent", () => flow({ requestTimeout: "11" })],
    [
      "full",
      "something else",
      () => flow().map((node) => (node.id === "unrelated" ? { ...node, name: "x" } : node)),
    ],
    [
      "nodes",
      "one of its nodes",
      () => flow().map((node) => (node.id === "push" ? { ...node, name: "x" } : node)),
    ],
    [
      "nodes",
      "something else",
      () => flow().map((node) => (node.id === "unrelated" ? { ...node, name: "x" } : node)),
    ],
  ] as const satisfies readonly (readonly [Deploy, string, () => Flow])[]) {
    it(`is over at once when it is repaired and ${title} is deployed (${type})`, async () => {
      await fail();
      const retryAt = await repair();
      await nodeRed.deploy(change(), type);
      await connectedBefore(retryAt);
    });
  }
});
