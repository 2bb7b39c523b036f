/** The agent's dialog, whatever is wrong: each step of its connection test, and identities from elsewhere. */
import assert from "node:assert/strict";
import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { Authority, type Issued } from "../support/agent/authority";
import { freePorts } from "../support/ports";
import { violations } from "./accessibility";
import type { EditorPage } from "./editor-page";
import type { World } from "./world";

const AGENT = "teamviewer-iot-agent";

/** What can be wrong: the fields that are changed, the step that fails for it, and what its sentence says. */
interface Trouble {
  what: string;
  fields: () => Record<string, string>;
  step: string;
  sentence: RegExp;
}

export function describeConnectionTest(world: World): void {
  let editor: EditorPage;

  describe("The connection test", () => {
    let stranger: Authority;
    /** A TLS server whose certificate ended in 2021, and one that speaks no TLS. */
    let expired: Server;
    let plain: Server;
    let foreign: Issued;
    let nobody: number;
    const ports = (port: number, registrationPort: number) => ({
      port: String(port),
      registrationPort: String(registrationPort),
    });
    const right = () => ({
      host: "localhost",
      ...ports(world.simulator.port, world.simulator.registrationPort),
      serverName: "",
      caFile: world.simulator.ca,
      identity: "managed",
    });

    before(async () => {
      stranger = await Authority.make();
      foreign = await stranger.issue("0123456789abcdef0123456789abcdef");
      const ended = await stranger.issue("localhost", {
        names: "DNS:localhost",
        notBefore: "20200101000000Z",
        notAfter: "20210101000000Z",
      });
      // Whoever sees what they are hangs up at once.
      const expectsHangUp = (socket: Socket) => socket.on("error", () => undefined);
      expired = createTlsServer({ cert: ended.certificate, key: ended.key }, expectsHangUp);
      plain = createServer((socket) => expectsHangUp(socket).end("220 this is something else\r\n"));
      for (const server of [expired, plain]) {
        server.on("tlsClientError", () => undefined);
        await new Promise<void>((resolve) => server.listen(0, "localhost", resolve));
      }
      [nobody = 0] = await freePorts(1);
      editor = await world.open("en-US");
      await editor.openAgent(await editor.add(AGENT));
      const { page } = editor;
      await page.click("#teamviewer-iot-agent-more > summary");
      await page.selectOption("#teamviewer-iot-agent-place", "elsewhere");
      await enter(right());
    });
    after(async () => {
      assert.deepEqual(editor.complaints, []);
      await editor.close();
      await stranger.remove();
      for (const server of [expired, plain]) server.close();
    });

    it("says whom it found before there is an identity; registering is one button", async () => {
      const { page } = editor;
      assert.match(await passes("identity"), /not registered yet/);
      await page.click("#teamviewer-iot-agent-register");
      await page.locator('#teamviewer-iot-agent-registered[data-outcome="passed"]').waitFor();
      const clientId = await page.locator('#teamviewer-iot-agent-card [data-fact="clientId"]').innerText();
      assert.match(clientId, /^[0-9a-f-]{32,}$/);
      assert.match(await passes("answer"), /The agent answers/);
      await page.locator("#teamviewer-iot-agent-verdict").scrollIntoViewIfNeeded();
      await editor.screenshot("connection-test-passed");
    });

    const TROUBLES: Trouble[] = [
      {
        what: "a CA file that is not there",
        fields: () => ({ caFile: "/nowhere/ca.crt" }),
        step: "settings",
        sentence: /\/nowhere\/ca\.crt does not exist/,
      },
      {
        what: "a host that nobody knows",
        fields: () => ({ host: "no-such-host.invalid" }),
        step: "name",
        sentence: /no-such-host\.invalid cannot be resolved/,
      },
      {
        what: "a port where nobody listens",
        fields: () => ports(nobody, world.simulator.registrationPort),
        step: "network",
        sentence: /Nothing answers/,
      },
      {
        what: "a port where something else listens",
        fields: () => ports(portOf(plain), world.simulator.registrationPort),
        step: "encryption",
        sentence: /does not speak TLS/,
      },
      {
        what: "a CA that did not sign the agent's certificate",
        fields: () => ({ caFile: stranger.certificateFile }),
        step: "encryption",
        sentence: /was not signed by the authority/,
      },
      {
        what: "a name that the agent's certificate does not have",
        fields: () => ({ serverName: "agent.example" }),
        step: "encryption",
        sentence: /is for another name/,
      },
      {
        what: "a certificate of the agent that has expired",
        fields: () => ({
          ...ports(portOf(expired), world.simulator.registrationPort),
          caFile: stranger.certificateFile,
        }),
        step: "encryption",
        sentence: /has expired/,
      },
      {
        what: "ports that are swapped",
        fields: () => ports(world.simulator.registrationPort, world.simulator.port),
        step: "identity",
        sentence: /swapped/,
      },
      {
        what: "an identity of another agent",
        fields: () => ({
          identity: "credentials",
          teamviewerIotCertificate: foreign.certificate,
          teamviewerIotKey: foreign.key,
        }),
        step: "identity",
        sentence: /does not accept the client certificate/,
      },
    ];
    for (const { what, fields, step, sentence } of TROUBLES) {
      it(`finds ${what} at the step "${step}", says so, and passes when it is mended`, async () => {
        await enter({ ...right(), ...fields() });
        await ends(step, sentence);
        await editor.screenshot(`connection-test-${step}`);
        await enter(right());
        await passes("answer");
      });
    }

    it("finds an agent that is silent behind its broker, and passes when it speaks again", async () => {
      await enter(right());
      world.simulator.setFaults({ lose: 1 });
      await ends("answer", /did not answer/);
      world.simulator.setFaults({ lose: 0 });
      await passes("answer");
    });

    it("shows all its steps at 900 pixels, to those who do not see them, too", async () => {
      await editor.resize(900, 900);
      await editor.page.locator("#teamviewer-iot-agent-verdict").scrollIntoViewIfNeeded();
      await editor.screenshot("connection-test-900");
      assert.deepEqual(await editor.overflowing(), []);
      assert.deepEqual(await violations(editor.page, [".teamviewer-iot"]), []);
    });
  });

  it("takes a certificate and its key from a file that is dropped, and from a text that is pasted", async () => {
    editor = await world.open();
    const { page } = editor;
    await editor.openAgent(await editor.add(AGENT));
    const pem = (label: string) => `-----BEGIN ${label}-----\nAAAA\n-----END ${label}-----\n`;
    const both = `# made elsewhere\n${pem("CERTIFICATE")}${pem("PRIVATE KEY")}`;
    await page.evaluate((text) => {
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File([text], "client.pem"));
      document
        .querySelector("#teamviewer-iot-agent-who")
        ?.dispatchEvent(new DragEvent("drop", { dataTransfer, bubbles: true, cancelable: true }));
    }, both);
    const certificate = page.locator("#node-config-input-teamviewerIotCertificate");
    const key = page.locator("#teamviewer-iot-agent-new-key");
    await certificate.waitFor();
    assert.equal(await page.inputValue("#node-config-input-identity"), "credentials");
    assert.equal(await certificate.inputValue(), pem("CERTIFICATE"));
    assert.equal(await key.inputValue(), pem("PRIVATE KEY"));

    await certificate.fill("");
    await key.fill("");
    await certificate.evaluate((field, text) => {
      const clipboardData = new DataTransfer();
      clipboardData.setData("text/plain", text);
      field.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
    }, both);
    assert.equal(await certificate.inputValue(), pem("CERTIFICATE"));
    assert.equal(await key.inputValue(), pem("PRIVATE KEY"));
    assert.deepEqual(editor.complaints, []);
    await editor.close();
  });

  /** Fills in fields of the dialog; a key goes where people paste it. */
  async function enter(fields: Record<string, string>): Promise<void> {
    const { page } = editor;
    // First, since it shows and hides others.
    if (fields.identity !== undefined)
      await page.selectOption("#node-config-input-identity", fields.identity);
    for (const [name, value] of Object.entries(fields)) {
      if (name === "teamviewerIotKey") await page.fill("#teamviewer-iot-agent-new-key", value);
      else if (name !== "identity") await page.fill(`#node-config-input-${name}`, value);
    }
  }

  /** Runs the test; gives the last step and its outcome, and the sentence at the end. */
  async function run(): Promise<{ step: string; outcome: string; sentence: string }> {
    const { page } = editor;
    await page.click("#teamviewer-iot-agent-test");
    const verdict = page.locator("#teamviewer-iot-agent-verdict[data-outcome]");
    await verdict.waitFor();
    const last = page.locator("#teamviewer-iot-agent-steps > li").last();
    return {
      step: (await last.getAttribute("data-step")) ?? "",
      outcome: (await last.getAttribute("data-outcome")) ?? "",
      sentence: await verdict.innerText(),
    };
  }

  async function ends(step: string, sentence: RegExp): Promise<void> {
    const result = await run();
    assert.deepEqual([result.step, result.outcome], [step, "failed"], result.sentence);
    assert.match(result.sentence, sentence);
    const link = editor.page.locator("#teamviewer-iot-agent-verdict a");
    const page = `/errors/${await link.innerText()}.html`;
    assert.ok((await link.getAttribute("href"))?.endsWith(page), page);
  }

  async function passes(step: string): Promise<string> {
    const result = await run();
    assert.deepEqual([result.step, result.outcome], [step, "passed"], result.sentence);
    return result.sentence;
  }
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}
