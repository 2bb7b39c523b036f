/** That ports which tests hand out are free, and stay so until they are used. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:net";
import { freePort, freePorts } from "../support/ports";

describe("Ports for tests", () => {
  it("differ, also for two who ask at once", async () => {
    const all = (await Promise.all([freePorts(20), freePorts(20)])).flat();
    assert.equal(new Set(all).size, 40);
  });

  it("are none at which somebody listens, and come again when they are free", async () => {
    const server = createServer().listen(await freePort(), "localhost");
    await once(server, "listening");
    const { port } = server.address() as { port: number };
    assert.ok(!(await freePorts(200)).includes(port));
    server.close();
    await once(server, "close");
    assert.ok((await freePorts(200)).includes(port));
  });

  it("are none that the system gives to others", async () => {
    const ports = await freePorts(10);
    assert.ok(Math.max(...ports) < 32_768, ports.join(" "));
  });
});
