/** Two agent nodes that have one certificate are one client, and would get each other's answers: the second is refused. */
import assert from "node:assert/strict";
import { cp, readFile } from "node:fs/promises";
import { join } from "node:path";
import { identityDirectory } from "../../../nodes/shared/paths";
import { agentNode, palette } from "../../support/flows";
import { useNodeRed, type Deploy, type Flow } from "../../support/node-red";
import { useSimulator } from "../../support/simulator";

const NAME = "Press line";

describe("Two agent nodes with one certificate", () => {
  const nodeRed = useNodeRed();
  const simulator = useSimulator();

  const file = (id: string): string => join(identityDirectory(nodeRed.userDir, id), "identity.pem");
  const first = (): Flow => [
    agentNode(simulator.current, { name: NAME, clientName: "press-12", autoRegister: true }),
    ...palette("ping"),
  ];
  const twin = (properties: Record<string, unknown> = filed()): Flow => [
    { ...agentNode(simulator.current, properties), id: "twin" },
    ...palette("client", { agent: "twin" }),
  ];
  const filed = (): Record<string, unknown> => ({
    identity: "files",
    certificateFile: file("agent"),
    keyFile: file("agent"),
  });
  /** The first one is connected before the second begins. */
  const both = async (properties?: Record<string, unknown>, credentials?: object): Promise<void> => {
    await nodeRed.load(first());
    await nodeRed.badge("ping", "status.connected");
    await nodeRed.deploy([...first(), ...twin(properties)], "nodes", {
      ...(credentials && { twin: credentials }),
    });
    await nodeRed.badge("client", "status.waiting");
  };
  before(async () => {
    await nodeRed.load(first());
    await nodeRed.badge("ping", "status.connected");
    await nodeRed.unload();
  });

  const pasted = async (): Promise<object> => {
    const pem = await readFile(file("agent"), "utf8");
    return { teamviewerIotCertificate: pem, teamviewerIotKey: pem };
  };
  const WAYS: Record<string, () => Promise<void>> = {
    "as files": () => both(),
    "as credentials": async () => both({ identity: "credentials" }, await pasted()),
    "as a copy of the folder": async () => {
      await cp(file("agent"), file("twin"), { recursive: true });
      await both({});
    },
  };
  for (const [way, load] of Object.entries(WAYS))
    it(`are one that is connected, and one with it ${way} that is refused and told of the other`, async () => {
      await load();
      const { message } = await nodeRed.ask("client", { action: "status" }, "client.out", "client.error");
      const { failure } = message.payload as { failure?: { name: string; message: string } };
      assert.equal(failure?.name, "IdentityLocked");
      const first = `by the agent node "${NAME}" ("agent") of this Node-RED`;
      assert.ok(failure.message.includes(first), failure.message);
      const { from } = await nodeRed.ask("ping", { payload: "hello" }, "ping.out", "ping.error");
      assert.equal(from, "ping.out");
    });

  for (const type of ["full", "flows", "nodes"] as const satisfies readonly Deploy[]) {
    it(`are not two any more when a deploy of kind ${type} removes the first: the second connects by itself`, async () => {
      await both();
      nodeRed.hold(); // No wait for the next attempt ends by itself.
      await nodeRed.deploy(twin(), type);
      await nodeRed.badge("client", "status.connected");
    });

    it(`take turns when a deploy of kind ${type} puts one in the other's place: nothing is refused`, async () => {
      const isNeverRefused = async (id: string): Promise<void> => {
        await nodeRed.badge(id, "status.connected");
        const shown = nodeRed.statuses(id).filter(({ text }) => text === "status.waiting");
        assert.deepEqual(shown, []);
      };
      await nodeRed.load(first());
      await isNeverRefused("ping");
      await nodeRed.deploy(twin(), type);
      await isNeverRefused("client");
      await nodeRed.deploy(first(), type);
      await isNeverRefused("ping");
    });
  }

  it("are one where nothing uses the other, or it is disabled", async () => {
    await nodeRed.load([
      { ...agentNode(simulator.current, filed()), id: "unused" },
      { ...agentNode(simulator.current, filed()), id: "off", d: true },
      ...palette("client", { agent: "off", d: true }),
      ...first(),
    ]);
    await nodeRed.badge("ping", "status.connected");
  });
});
