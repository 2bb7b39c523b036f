/** What Node-RED keeps as credentials of an agent node, and who can get at it. */
import assert from "node:assert/strict";
import { inspect } from "node:util";
import { CREDENTIALS } from "../../../nodes/agent/credentials";
import { Authority, type Issued } from "../../support/agent/authority";
import { agentNode, palette } from "../../support/flows";
import { useNodeRed } from "../../support/node-red";
import { useSimulator } from "../../support/simulator";

const CLIENT_ID = "0123456789abcdef0123456789abcdef";

describe("The credentials of an agent node", () => {
  const nodeRed = useNodeRed();
  const simulator = useSimulator();
  let authority: Authority;
  let client: Issued;
  before(async () => {
    authority = await Authority.make();
    client = await authority.issue(CLIENT_ID);
  });
  after(() => authority.remove());

  const load = (credentials: object) =>
    nodeRed.load([agentNode(simulator.current, { identity: "credentials" }), ...palette("ping")], {
      agent: credentials,
    });
  const stored = () => nodeRed.nodes.getCredentials("agent") as Record<string, unknown>;
  const secret = () => client.key.slice(60, 100);
  /** The agent has another authority: that it refuses the certificate shows that it was read, and its key. */
  async function isRead(): Promise<void> {
    for (;;) {
      const { message } = await nodeRed.ask("ping", { action: "status" }, "ping.out", "ping.error");
      assert.equal(message.error, undefined);
      const { failure } = message.payload as { failure?: { name: string } };
      if (failure === undefined) continue;
      assert.match(failure.name, /^ClientCertificate/);
      return;
    }
  }

  it("have names that begin with ours, since a foreign type that declared them as text could read them", () => {
    for (const name of Object.keys(CREDENTIALS)) assert.match(name, /^teamviewerIot[A-Z]/);
    assert.equal(CREDENTIALS.teamviewerIotKey?.type, "password");
    assert.equal(CREDENTIALS.teamviewerIotPassphrase?.type, "password");
  });

  it("get their new names at the start, where an earlier version stored them, and keep working", async () => {
    await load({ certificate: client.certificate, key: client.key, passphrase: " two words " });
    assert.deepEqual(stored(), {
      teamviewerIotCertificate: client.certificate,
      teamviewerIotKey: client.key,
      teamviewerIotPassphrase: " two words ",
    });
    await isRead();
  });

  it("are not given their new names twice: what was entered since counts", async () => {
    await load({ key: "old", teamviewerIotKey: client.key, teamviewerIotCertificate: client.certificate });
    assert.deepEqual(stored(), {
      teamviewerIotCertificate: client.certificate,
      teamviewerIotKey: client.key,
    });
    await isRead();
  });

  it("are nowhere on the node, nor on what hangs on it, when they have been read", async () => {
    await load({
      teamviewerIotKey: client.key,
      teamviewerIotCertificate: client.certificate,
      teamviewerIotPassphrase: "correct horse",
    });
    await isRead();
    const node = nodeRed.node("agent");
    assert.equal("credentials" in node, false);
    const shown = inspect(node, { depth: 12, showHidden: true, maxStringLength: null, maxArrayLength: null });
    assert.ok(shown.includes("teamviewer-iot-agent"));
    for (const text of [secret(), "correct horse"]) assert.equal(shown.includes(text), false);
  });
});
