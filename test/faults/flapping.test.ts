/** A connection that is cut again and again costs nothing that stays (fault 12). */
import assert from "node:assert/strict";
import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { enrol } from "../../src/identity/enrolment";
import { FolderIdentity } from "../../src/identity/folder-identity";
import { useSimulator } from "../support/simulator";
import { TcpProxy } from "../support/tcp-proxy";
import type { Told } from "./flapping-client";
import { size } from "./size";

/** Until what is loaded and compiled once is there. */
const WARM_UP = 10;
const CUTS = size(40, 500);
/** A session that stays, with its TLS, costs some 50 kB; code that gets compiled meanwhile costs something too. */
const MOST_BYTES = 1024 * 1024 + CUTS * 4096;

describe("While the connection is cut again and again", function () {
  this.timeout(size(240_000, 1_800_000));
  const simulator = useSimulator();
  let directory: string;
  let proxy: TcpProxy;
  let client: ChildProcess;
  let died: Promise<never>;

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), "tviot-flapping-"));
    const { port, registrationPort, ca } = simulator.current;
    await enrol({
      endpoint: { host: "localhost", port: registrationPort, ca: await readFile(ca, "utf8") },
      clientName: "flapping",
      identity: new FolderIdentity(directory),
    });
    proxy = await TcpProxy.start({ host: "localhost", port });
    const options = { execArgv: ["--expose-gc", "--require", require.resolve("tsx/cjs")] };
    client = fork(join(__dirname, "flapping-client.ts"), [String(proxy.port), ca, directory], options);
    died = once(client, "exit").then(([code]) => assert.fail(`the client ended with ${code}`));
    died.catch(() => undefined);
  });
  after(async () => {
    client?.kill("SIGKILL");
    await proxy?.stop();
    await rm(directory, { recursive: true, force: true });
  });

  /** Waits for what the client tells next; one that has died tells nothing more. */
  async function told<K extends string>(key: K): Promise<Extract<Told, Record<K, unknown>>> {
    const next = new Promise<Told>((resolve) =>
      client.once("message", (message) => resolve(message as Told)),
    );
    const message = await Promise.race([next, died]);
    assert.ok(key in message, JSON.stringify(message));
    return message as Extract<Told, Record<K, unknown>>;
  }
  async function ask(request: string): Promise<void> {
    await new Promise((resolve) => client.send(request, resolve));
  }
  async function cut(times: number): Promise<void> {
    for (let count = 0; count < times; count++) {
      const connected = told("connected");
      proxy.cut();
      await connected;
    }
  }
  async function measure() {
    const measured = told("measured");
    await ask("measure");
    return (await measured).measured;
  }

  it("keeps its memory, one socket and its listeners, and leaves nothing when it stops (fault 12)", async () => {
    await told("connected");
    await cut(WARM_UP);
    const before = await measure();
    await cut(CUTS);
    const { heap, ...after } = await measure();
    assert.deepEqual(after, { sockets: 1, listeners: before.listeners, warnings: [] });
    assert.equal(proxy.connections, 1 + WARM_UP + CUTS, "one attempt a cut");
    const grown = heap - before.heap;
    assert.ok(grown < MOST_BYTES, `${grown} bytes in ${CUTS} cuts`);

    const stopped = told("stopped");
    await ask("stop");
    assert.deepEqual((await stopped).stopped, []);
    assert.equal(client.exitCode ?? (await once(client, "exit"))[0], 0, "nothing keeps it alive");
  });
});
