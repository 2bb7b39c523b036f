import assert from "node:assert/strict";
import { rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { identityDirectory } from "../../../nodes/shared/paths";
import germanAgent from "../../../locales/de/agent.json";
import german from "../../../locales/de/simulator.json";
import englishAgent from "../../../locales/en-US/agent.json";
import english from "../../../locales/en-US/simulator.json";
import { freePort } from "../../support/ports";
import { escapeControls } from "../../../src/simulator/controls";
import { agentNode, palette } from "../../support/flows";
import { useNodeRed, type Flow } from "../../support/node-red";
import { markupOf } from "../../support/tables";

interface Report {
  running: boolean;
  port: number;
  registrationPort: number;
  ca: string;
  counts: { requests: number; clients: number };
  faults: { answerWith: number };
}

describe("A simulator node", () => {
  const nodeRed = useNodeRed();
  const anyPort = { host: "localhost", port: "0", registrationPort: "0" };

  async function report(message: object): Promise<Report> {
    const { from, message: answer } = await nodeRed.ask(
      "simulator",
      message,
      "simulator.out",
      "simulator.error",
    );
    assert.equal(from, "simulator.out", JSON.stringify(answer.error));
    return answer.payload as Report;
  }

  it("runs an agent, whose files are in Node-RED's user directory, and says where", async () => {
    await nodeRed.load(palette("simulator", anyPort));
    await nodeRed.badge("simulator", "status.simulator");
    const { running, port, registrationPort, ca } = await report({ action: "status" });
    assert.equal(running, true);
    assert.ok(port > 0 && registrationPort > 0 && port !== registrationPort);
    assert.equal(ca, join(nodeRed.userDir, "teamviewer-iot", "simulator", "TeamViewerAuthority.crt"));
    assert.ok((await stat(ca)).isFile());
  });

  it("says in its dialog, below the directory, what to enter in the agent node", () => {
    const file = ["teamviewer-iot", "simulator", "TeamViewerAuthority.crt"].join("/");
    for (const { hint } of [english, german]) assert.ok(hint.authority.endsWith(file), hint.authority);
    for (const { hint } of [englishAgent, germanAgent]) assert.ok(hint.caFile.endsWith(file), hint.caFile);
    assert.match(
      markupOf("simulator"),
      /id="node-input-directory"[^>]*>\s*<\/div>\s*<div class="teamviewer-iot-hint" data-i18n="hint.authority">/,
    );
  });

  it("serves the nodes of the same flow, shows each request, and answers with faults that are switched on", async () => {
    const [port, registrationPort] = [await freePort(), await freePort()];
    const ca = join("teamviewer-iot", "simulator", "TeamViewerAuthority.crt");
    await nodeRed.load([
      agentNode({ port, registrationPort, ca }, { clientName: "press-12", autoRegister: true }),
      ...palette("simulator", { port: String(port), registrationPort: String(registrationPort) }),
      ...palette("ping"),
      ...palette("sensor", { operation: "list" }),
    ]);
    await nodeRed.badge("ping", "status.connected");
    await nodeRed.ask("ping", { payload: "hello" }, "ping.out");
    const requests = nodeRed
      .messages("simulator.out")
      .map(({ payload }) => payload as Record<string, unknown>);
    assert.deepEqual(
      requests.map(({ operation }) => operation),
      // The first ping is how a client sees that the agent is there.
      ["createClient", "ping", "ping"],
    );
    assert.equal(requests[2]?.payload, '{"request":"hello"}');

    assert.equal((await report({ payload: { answerWith: 3 } })).faults.answerWith, 3);
    const { message } = await nodeRed.ask("sensor", {}, "sensor.out", "sensor.error");
    assert.equal(message.error?.name, "InternalError");
    assert.equal(message.error?.code, 3);
  });

  it("may start later than the agent node of the same deploy: nobody is told of a failure, and what is pushed waits", async () => {
    const [port, registrationPort] = [String(await freePort()), String(await freePort())];
    const directory = "first-deploy";
    const flow = (name: string): Flow => [
      agentNode(
        { port: 0, registrationPort: 0, ca: `${directory}/TeamViewerAuthority.crt` },
        {
          port,
          registrationPort,
          clientName: "press-12",
          autoRegister: true,
          name,
        },
      ),
      ...palette("push", { sensor: "oven" }),
      ...palette("simulator", { host: "localhost", port, registrationPort, directory, name }),
      { id: "catcher", z: "flow", type: "catch", wires: [["caught"]] },
      { id: "caught", z: "flow", type: "helper" },
    ];
    await rm(identityDirectory(nodeRed.userDir, "agent"), { recursive: true, force: true });
    await nodeRed.load(flow("first"));
    for (const name of ["second", "third"]) {
      const { from, message } = await nodeRed.ask("push", { payload: { temp: 1 } }, "push.out", "push.error");
      assert.equal(from, "push.out", JSON.stringify(message));
      await nodeRed.deploy(flow(name), "full");
    }
    assert.deepEqual(nodeRed.messages("caught"), []);
  });

  it("stays in the user directory where Node-RED's setting keeps flows from files of its machine (fault 77)", async () => {
    nodeRed.settings = { tlsConfigDisableLocalFiles: true };
    const elsewhere = join(nodeRed.userDir, "..", "elsewhere");
    await nodeRed.load(palette("simulator", { ...anyPort, directory: elsewhere }));
    await nodeRed.badge("simulator", "status.simulator");
    const { ca } = await report({ action: "status" });
    assert.equal(ca, join(nodeRed.userDir, "teamviewer-iot", "simulator", "TeamViewerAuthority.crt"));
    await assert.rejects(stat(elsewhere), { code: "ENOENT" });
  });

  it("says in its badge when others than this machine can reach it", async () => {
    await nodeRed.load(palette("simulator", { ...anyPort, host: "0.0.0.0" }));
    await nodeRed.badge("simulator", "status.simulatorExposed");
  });

  it("joins the simulator of another node with the same folder and ports, which ends with the last of them", async () => {
    const ports = { port: String(await freePort()), registrationPort: String(await freePort()) };
    await nodeRed.load([...palette("simulator", ports), ...palette("simulator", ports, "second")]);
    const first = await report({ action: "start" });
    const { message } = await nodeRed.ask("second", { action: "start" }, "second.out", "second.error");
    assert.deepEqual(message.payload, first);
    await nodeRed.ask("second", { action: "stop" }, "second.out");
    assert.equal((await report({ action: "status" })).running, true);
    await report({ action: "stop" });
    const again = await nodeRed.ask("second", { action: "start" }, "second.out", "second.error");
    assert.equal(again.from, "second.out", JSON.stringify(again.message.error));
  });

  it("shows control characters of clients as JSON writes them (fault 76)", () => {
    assert.equal(escapeControls('{"a":"\u202e\u001b[2J"}\n\t'), '{"a":"\\u202e\\u001b[2J"}\n\t');
    assert.deepEqual(JSON.parse(escapeControls('{"a":"\u202e"}')), { a: "\u202e" });
  });

  it("stops and starts again when it is told to, and knows its clients then", async () => {
    await nodeRed.load(palette("simulator", anyPort));
    const { counts } = await report({ action: "start" });
    assert.deepEqual(await report({ action: "stop" }), { running: false });
    await nodeRed.badge("simulator", "status.simulatorStopped");
    const { message } = await nodeRed.ask("simulator", { payload: { delay: 5 } }, "simulator.error");
    assert.equal(message.error?.name, "SimulatorFailed");
    assert.match(String(message.error?.message), /is stopped/);
    assert.equal((await report({ action: "start" })).counts.clients, counts.clients);
  });

  for (const [payload, named] of [
    [{ explode: true }, /explode/],
    [{ delay: -1 }, /delay/],
    ["delay", /payload/],
    [undefined, /payload/],
  ] as const) {
    it(`refuses the faults ${JSON.stringify(payload) ?? "undefined"} and says what is wrong`, async () => {
      await nodeRed.load(palette("simulator", anyPort));
      await nodeRed.badge("simulator", "status.simulator");
      const { message } = await nodeRed.ask("simulator", { payload }, "simulator.error", "simulator.out");
      assert.equal(message.error?.name, "InvalidInput");
      assert.match(String(message.error?.message), named);
    });
  }

  it("says that its port is in use, and that a port is none", async () => {
    await nodeRed.load([
      ...palette("simulator", anyPort),
      ...palette("simulator", { ...anyPort, directory: "other", port: "99999" }, "second"),
    ]);
    const wrong = await nodeRed.until(() => nodeRed.messages("second.error")[0]);
    assert.equal(wrong.error?.name, "InvalidInput");
    const { port } = await report({ action: "start" });
    await nodeRed.unload();

    await nodeRed.load([
      ...palette("simulator", { ...anyPort, port: String(port) }),
      ...palette("simulator", { ...anyPort, port: String(port), directory: "other" }, "second"),
    ]);
    const failed = await nodeRed.until(
      () => nodeRed.messages("second.error")[0] ?? nodeRed.messages("simulator.error")[0],
    );
    assert.equal(failed.error?.name, "PortInUse");
  });
});
