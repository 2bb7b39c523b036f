/** What goes wrong around the agent node is told once, in the right place, and Node-RED goes on. */
import assert from "node:assert/strict";
import { rm, writeFile } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { Authority } from "../../support/agent/authority";
import { freePort } from "../../support/ports";
import { agentNode, palette, uncaught } from "../../support/flows";
import { useNodeRed, type Message } from "../../support/node-red";
import { useSimulator } from "../../support/simulator";

type StatusMessage = Message & { status: { text?: string; source: { id: string } } };

describe("An agent node", () => {
  const nodeRed = useNodeRed();
  const simulator = useSimulator();

  const catching = [
    { id: "catch node", z: "flow", type: "catch", wires: [["caught"]] },
    { id: "caught", z: "flow", type: "helper" },
    { id: "status node", z: "flow", type: "status", wires: [["shown"]] },
    { id: "shown", z: "flow", type: "helper" },
  ];

  /** Deploys a ping node with an agent that cannot work, and gives the error that the agent node raised. */
  async function raised(properties: Record<string, unknown>, credentials = {}): Promise<Message["error"]> {
    const flow = [
      agentNode(simulator.current, { queueAge: "0.2", ...properties }),
      ...palette("ping"),
      ...catching,
    ];
    await nodeRed.load(flow, credentials);
    const caught = await nodeRed.untilTriedAgain(() => nodeRed.messages("caught")[0]);
    assert.equal((caught.error?.source as { type: string }).type, "teamviewer-iot-agent");
    return caught.error;
  }
  const nameOf = (error: Message["error"]): unknown => (error?.cause as { name: string }).name;

  const SETTINGS: readonly (readonly [title: string, properties: Record<string, unknown>, field: RegExp])[] =
    [
      ["an empty host", { host: " " }, /^Host is not set/],
      ["a port that is no number", { port: "abc" }, /Port is "abc"/],
      ["a port out of range", { port: "65536" }, /Port.*65535/],
      ["a variable that is not set, in a number", { requestTimeout: "${TVIOT_NOT_SET}" }, /TVIOT_NOT_SET/],
      ["a variable that is not set, in a text", { host: "${TVIOT_NOT_SET}" }, /TVIOT_NOT_SET/],
      ["a kind of identity that does not exist", { identity: "other" }, /Identity/],
      [
        "no certificate file",
        { identity: "files", certificateFile: "", keyFile: "key.pem" },
        /Client certificate is not set/,
      ],
      ["no certificate text", { identity: "credentials" }, /Client certificate is not set/],
      ["a queue that has no policy", { queueFull: "explode" }, /Queue, "When full".*reject/],
    ];
  for (const [title, properties, field] of SETTINGS) {
    it(`tells of ${title}, and its nodes answer every message with it`, async () => {
      const error = await raised(properties);
      assert.equal(nameOf(error), "SettingMissing");
      assert.match(String(error?.message), field);
      await nodeRed.badge("ping", "SettingMissing");
      for (const payload of ["one", "two"]) {
        const { from, message } = await nodeRed.ask("ping", { payload }, "ping.out", "ping.error");
        assert.equal(from, "ping.error");
        assert.equal(message.error?.name, "SettingMissing");
        assert.equal(message.payload, payload);
      }
      assert.equal(nodeRed.messages("caught").length, 1);
    });
  }

  it("tells that Node-RED forbids the files that it asks for", async () => {
    nodeRed.settings = { tlsConfigDisableLocalFiles: true };
    const error = await raised({});
    assert.equal(nameOf(error), "SettingMissing");
    assert.match(String(error?.message), /tlsConfigDisableLocalFiles/);
  });

  it("reads settings from the environment", async () => {
    process.env.TVIOT_TEST_PORT = String(simulator.current.port);
    try {
      await nodeRed.load([
        agentNode(simulator.current, {
          port: "${TVIOT_TEST_PORT}",
          clientName: "press-1",
          autoRegister: true,
        }),
        ...palette("ping"),
      ]);
      await nodeRed.badge("ping", "status.connected");
    } finally {
      delete process.env.TVIOT_TEST_PORT;
    }
  });

  it("tells of a CA file that is missing, where and what to do", async () => {
    const error = await raised({ caFile: "missing.crt" });
    assert.equal(nameOf(error), "CaMissing");
    assert.ok(String(error?.message).includes(join(nodeRed.userDir, "missing.crt")));
    await nodeRed.badge("ping", /^status.waiting|^CaMissing/);
    const { message } = await nodeRed.ask("ping", { payload: 1 }, "ping.out", "ping.error");
    assert.deepEqual([message.error?.name, message.error?.retryable], ["NotConnected", false]);
  });

  it("tells of a CA file that is not a certificate", async () => {
    await writeFile(join(nodeRed.userDir, "not-a-certificate.crt"), "not a certificate");
    assert.equal(nameOf(await raised({ caFile: "not-a-certificate.crt" })), "CaUnreadable");
  });

  it("tells of an agent that is not running", async () => {
    const port = String(await freePort());
    const { name, system } = (await raised({ port }))?.cause as Record<string, string>;
    assert.deepEqual([name, system], ["ConnectionRefused", "ECONNREFUSED"]);
  });

  it("tells a Catch node once, however many nodes use it, and a Status node each state once", async () => {
    const port = String(await freePort());
    const properties = { clientName: "press-1", autoRegister: true };
    const users = [...palette("ping"), ...palette("push", { sensor: "oven" }), ...palette("sensor")];
    await nodeRed.load([agentNode(simulator.current, properties), ...users, ...catching]);
    const connected = "status.connected";
    const shown = (id: string): unknown[] =>
      nodeRed
        .messages("shown")
        .map((message) => (message as StatusMessage).status)
        .filter(({ source, text }) => source.id === id && text === connected);
    await nodeRed.until(() => (shown("agent").length > 0 && shown("sensor").length > 0 ? true : undefined));
    assert.equal(shown("agent").length, 1);

    await nodeRed.deploy([agentNode(simulator.current, { port }), ...users, ...catching], "full");
    await nodeRed.untilTriedAgain(() => nodeRed.messages("caught")[0]);
    await nodeRed.ask("ping", { action: "status" }, "ping.out", "ping.error");
    assert.equal(nodeRed.messages("caught").length, 1);
  });

  it("writes a sentence, and the name of the error, into the log where no Catch node listens", async () => {
    await nodeRed.load([agentNode(simulator.current, { port: "0" }), ...palette("ping")]);
    await nodeRed.badge("ping", "SettingMissing");
    const { error } = nodeRed.node("agent") as unknown as { error: { args: unknown[][] } };
    assert.match(String(error.args.at(-1)?.[0]), /^[A-Z].*65535\. \(SettingMissing\)$/);
    assert.equal(typeof error.args.at(-1)?.[0], "string");
  });

  it("tells of a port that only hangs up, once that has lasted", async () => {
    const server = createServer((socket) => socket.destroy());
    await new Promise<void>((resolve) => server.listen(0, "localhost", resolve));
    try {
      const { port } = server.address() as AddressInfo;
      assert.equal(nameOf(await raised({ port: String(port) })), "ClosedAtOnce");
    } finally {
      server.close();
    }
  });

  describe("with certificates of another authority", () => {
    let other: Authority;
    before(async () => {
      other = await Authority.make();
    });
    after(() => other.remove());

    it("tells of a server that the CA did not sign, and answers every message at once", async () => {
      const { certificateFile, keyFile } = await other.issue("0123456789abcdef0123456789abcdef");
      const error = await raised({
        caFile: other.certificateFile,
        identity: "files",
        certificateFile,
        keyFile,
      });
      assert.equal(nameOf(error), "ServerNotTrusted");
      const { message } = await nodeRed.ask("ping", { payload: 1 }, "ping.out", "ping.error");
      assert.equal(message.error?.name, "NotConnected");
      assert.equal(message.error?.retryable, false, "somebody has to do something");
    });

    it("tells of a client certificate that the agent did not sign", async () => {
      const { certificateFile, keyFile } = await other.issue("0123456789abcdef0123456789abcdef");
      const error = await raised({ identity: "files", certificateFile, keyFile });
      assert.match(String(nameOf(error)), /^ClientCertificate(NotTrusted|Refused)$/);
    });

    it("tells of a key that does not fit its certificate, and shows nothing of the key", async () => {
      const one = await other.issue("0123456789abcdef0123456789abcdef");
      const two = await other.issue("0123456789abcdef0123456789abcdef");
      const error = await raised(
        { identity: "credentials" },
        { agent: { certificate: one.certificate, key: two.key } },
      );
      assert.equal(nameOf(error), "KeyMismatch");
      const secret = two.key.split("\n")[1]!;
      assert.equal(JSON.stringify(error).includes(secret), false);
    });

    it("tells of a client certificate that is missing", async () => {
      const { keyFile } = await other.issue("0123456789abcdef0123456789abcdef");
      const error = await raised({ identity: "files", certificateFile: "missing.pem", keyFile });
      assert.equal(nameOf(error), "CertificateUnreadable");
    });
  });

  it("tells of a registration of its own that failed, and shows when it is tried again", async () => {
    const fresh = { clientName: "press-1", autoRegister: true, registrationPort: String(await freePort()) };
    await rm(join(nodeRed.userDir, "teamviewer-iot"), { recursive: true, force: true });
    assert.equal(nameOf(await raised(fresh)), "ConnectionRefused");
    const { message } = await nodeRed.ask("ping", {}, "ping.out", "ping.error");
    assert.equal(message.error?.name, "QueueExpired", "it may still succeed");
  });

  it("says to every message why a registration of its own fails for good, and what to do", async () => {
    const other = await Authority.make();
    try {
      const caFile = other.certificateFile;
      await raised({ clientName: "press-1", autoRegister: true, caFile });
      await nodeRed.badge("ping", /^status.waiting|^ServerNotTrusted/);
      const { message } = await nodeRed.ask("ping", {}, "ping.out", "ping.error");
      assert.deepEqual([message.error?.name, message.error?.retryable], ["NotRegistered", false]);
      assert.match(String(message.error?.message), /registering failed.*TeamViewerAuthority/);
    } finally {
      await other.remove();
    }
  });

  it("shows why the registration of a register node failed", async () => {
    await nodeRed.load([
      agentNode(simulator.current, { registrationPort: String(await freePort()) }),
      ...palette("register", { clientName: "press-1" }),
      ...palette("ping"),
    ]);
    await nodeRed.badge("ping", "status.notRegistered");
    const { message } = await nodeRed.ask("register", {}, "register.out", "register.error");
    assert.equal(message.error?.name, "ConnectionRefused");
    assert.equal((await nodeRed.badge("ping", "status.registeringFailed")).fill, "red");
    const refused = await nodeRed.ask("ping", {}, "ping.out", "ping.error");
    assert.match(String(refused.message.error?.message), /registering failed.*answers/);
    const { message: status } = await nodeRed.ask("ping", { action: "status" }, "ping.out", "ping.error");
    const { state, failure } = status.payload as { state: string; failure?: { name: string } };
    assert.deepEqual([state, failure?.name], ["notRegistered", "ConnectionRefused"]);
  });

  it("lets a register node tell of a name with a forbidden character", async () => {
    const named = palette("register", { clientName: "press/12" });
    await nodeRed.load([agentNode(simulator.current), ...named]);
    const { from, message } = await nodeRed.ask("register", {}, "register.out", "register.error");
    assert.equal(from, "register.error");
    assert.equal(message.error?.name, "InvalidInput");
    assert.match(String(message.error?.message), /press\/12/);
  });

  for (const sensorId of ["a/b", "a+", "#", "nul\0", "x".repeat(33), "", 5, null]) {
    it(`lets a push node tell of the sensor ID ${JSON.stringify(sensorId).slice(0, 12)}`, async () => {
      await nodeRed.load([
        agentNode(simulator.current),
        ...palette("push", { sensor: "sensorId", sensorType: "msg" }),
      ]);
      const message = { sensorId, payload: { temp: 1 } };
      const { from, message: answer } = await nodeRed.ask("push", message, "push.out", "push.error");
      assert.equal(from, "push.error");
      assert.equal(answer.error?.name, "InvalidInput");
      assert.match(String(answer.error?.message), /sensor/);
    });
  }

  it("hands an error to the Catch nodes where nothing is wired to output 2", async () => {
    await nodeRed.load([agentNode(simulator.current), ...uncaught("push", { sensor: "a/b" }), ...catching]);
    nodeRed.send("push", { payload: { temp: 1 }, topic: "kept" });
    const caught = await nodeRed.until(() => nodeRed.messages("caught")[0]);
    assert.equal(caught.error?.code, "InvalidInput");
    assert.match(String(caught.error?.message), /sensor/);
    const cause = caught.error?.cause as Record<string, unknown>;
    assert.deepEqual([cause.name, cause.source, cause.retryable], ["InvalidInput", "client", false]);
    assert.deepEqual([caught.payload, caught.topic], [{ temp: 1 }, "kept"]);
  });

  it("that is not there is told by its nodes", async () => {
    await nodeRed.load([...palette("ping", { agent: "" })]);
    await nodeRed.badge("ping", "SettingMissing");
    const { message } = await nodeRed.ask("ping", {}, "ping.out", "ping.error");
    assert.equal(message.error?.name, "SettingMissing");
  });
});
