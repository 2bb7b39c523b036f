/** The example that tells an operator, with a webhook that listens here. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { freePorts, onPorts } from "../support/ports";
import { RealNodeRed, type FlowItem } from "../support/real-node-red";

const EXAMPLE = join(__dirname, "../../examples/tell an operator.json");

describe("The example that tells an operator", function () {
  const told: { method: string | undefined; type: string | undefined; body: string }[] = [];
  let webhook: Server;
  let nodeRed: RealNodeRed;

  before(async () => {
    webhook = createServer((request: IncomingMessage, response) => {
      void text(request).then((body) => {
        told.push({ method: request.method, type: request.headers["content-type"], body });
        response.end("ok");
      });
    }).listen(0, "localhost");
    await once(webhook, "listening");
    nodeRed = await RealNodeRed.start();
  });
  after(async () => {
    await nodeRed?.stop();
    webhook?.close();
  });

  it("posts a sentence when it is another one, as JSON that chat programs take: that all is well, and what is wrong", async () => {
    const { port } = webhook.address() as AddressInfo;
    const example = JSON.parse(readFileSync(EXAMPLE, "utf8")) as FlowItem[];
    const env = [{ name: "WEBHOOK_URL", value: `http://localhost:${port}/hook`, type: "str" }];
    const flow = onPorts(example, await freePorts(2)).map((item) =>
      item.type === "tab" ? { ...item, env } : item,
    );
    const inject = flow.find(({ type }) => type === "inject")!;
    /** Asks until it has been told so. */
    const untilTold = (sentence: RegExp): Promise<unknown> =>
      nodeRed.until(String(sentence), async () => {
        await nodeRed.inject(inject.id);
        return told.some(({ body }) => sentence.test(body));
      });
    await nodeRed.deploy(flow);
    await untilTold(/All is well/);
    const { method, type, body } = told.at(-1)!;
    assert.deepEqual([method, type], ["POST", "application/json"]);
    assert.deepEqual(JSON.parse(body), { text: "TeamViewer IoT gateway: All is well" });
    const count = told.length;
    for (let again = 0; again < 3; again++) await nodeRed.inject(inject.id);

    // The agent is gone.
    await nodeRed.deploy(flow.filter(({ type }) => type !== "teamviewer-iot-simulator"));
    await untilTold(/TeamViewer IoT gateway: No connection to the agent/);
    const texts = told.slice(count).map(({ body }) => (JSON.parse(body) as { text: string }).text);
    assert.equal(texts.filter((text) => text.includes("All is well")).length <= 1, true, String(texts));
  });
});
