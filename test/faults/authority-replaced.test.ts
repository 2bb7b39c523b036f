/** The agent's authority is replaced (fault 26): nothing goes to it until its certificate is given, and then at once. */
import assert from "node:assert/strict";
import { copyFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { agentNode, palette } from "../support/flows";
import { LedgerAgent } from "../support/agent/ledger-agent";
import { needs } from "../support/needs";
import { useNodeRed } from "../support/node-red";
import { TcpProxy } from "../support/tcp-proxy";

describe("When the agent's authority is replaced", function () {
  const nodeRed = useNodeRed();
  let directory: string;
  let old: LedgerAgent;
  let renewed: LedgerAgent;
  let proxy: TcpProxy;

  before(async function () {
    needs(this, "mosquitto");
    directory = await mkdtemp(join(tmpdir(), "tviot-authority-replaced-"));
    [old, renewed] = await Promise.all([LedgerAgent.start(), LedgerAgent.start()]);
    await provide(old);
    proxy = await TcpProxy.start({ host: "localhost", port: old.port });
  });
  after(async () => {
    await proxy?.stop();
    await Promise.all([old?.stop(), renewed?.stop()]);
    if (directory) await rm(directory, { recursive: true, force: true });
  });

  const at = (name: string) => join(directory, name);
  /** The files of an agent's client: an authority that is replaced signs its clients anew. */
  const provide = async ({ ca, client }: LedgerAgent) => {
    await copyFile(client.keyFile, at("client.key"));
    await copyFile(client.certificateFile, at("client.crt"));
    await copyFile(ca, at("TeamViewerAuthority.crt"));
  };
  const push = async (count: number) => {
    const { from, message } = await nodeRed.ask("push", { payload: { count } }, "push.out", "push.error");
    return from === "push.out" ? "accepted" : message.error;
  };
  const values = async (agent: LedgerAgent) => (await agent.accepted()).map(({ value }) => value);

  it("the new one is refused, gets nothing, and is trusted as soon as it is given and connected to (fault 26)", async () => {
    await nodeRed.load([
      agentNode(
        { port: proxy.port, registrationPort: 1, ca: at("TeamViewerAuthority.crt") },
        {
          identity: "files",
          certificateFile: at("client.crt"),
          keyFile: at("client.key"),
        },
      ),
      ...palette("push", { sensor: "oven" }),
    ]);
    await nodeRed.badge("push", "status.connected");
    assert.equal(await push(1), "accepted");

    proxy.target = { host: "localhost", port: renewed.port };
    proxy.cut();
    // Red: not a wait for an agent that comes back by itself.
    await nodeRed.until(() => (nodeRed.statuses("push").at(-1)?.fill === "red" ? true : undefined));
    const error = await push(2);
    assert.equal((error as { name?: string }).name, "NotConnected");
    assert.match((error as { message: string }).message, /authority/i);
    assert.deepEqual(await values(renewed), [], "nothing is sent");

    await provide(renewed);
    nodeRed.send("push", { action: "connect" });
    await nodeRed.badge("push", "status.connected");
    assert.equal(await push(3), "accepted");
    assert.deepEqual(await values(old), [1]);
    assert.deepEqual(await values(renewed), [3]);
  });
});
