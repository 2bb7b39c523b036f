/** A connection that is cut again and again costs nothing that stays (fault 12). */
import assert from "node:assert/strict";
import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { KILLABLE_AGENTS, type KillableAgent } from "../support/agent/killable-agent";
import { TcpProxy } from "../support/tcp-proxy";
import type { Told } from "./flapping-client";
import { size } from "./size";

/** Until what is loaded and compiled once is there. */
const WARM_UP = 10;
const CUTS = size(40, 500);
/** In each session: the connection is cut while they are on their way. */
const PUSHES = size(20, 200);
/** A session that stays, with its TLS, costs some 50 kB; code that gets compiled meanwhile costs something too. */
const MOST_BYTES = 1024 * 1024 + CUTS * 4096;

/** What a push may end with that a cut has hit. */
const HONEST: ReadonlySet<string> = new Set([
  "ok",
  "ConnectionLost",
  "RequestBreaksConnection",
  "ReplyTimeout",
]);

for (const { name, needs, start } of KILLABLE_AGENTS) {
  describe(`While the connection to ${name} is cut again and again`, function () {
    this.timeout(size(300_000, 1_800_000));
    let agent: KillableAgent;
    let proxy: TcpProxy;
    let client: ChildProcess;
    let died: Promise<never>;
    /** How all pushes ended. */
    const endings: Record<string, number> = {};

    before(async function () {
      needs(this);
      agent = await start();
      proxy = await TcpProxy.start({ host: "localhost", port: agent.port });
      const { certificateFile, keyFile } = agent.client;
      client = fork(
        join(__dirname, "flapping-client.ts"),
        [String(proxy.port), agent.ca, certificateFile, keyFile],
        {
          execArgv: ["--expose-gc", "--require", require.resolve("tsx/cjs")],
        },
      );
      died = once(client, "exit").then(([code]) => assert.fail(`the client ended with ${code}`));
      died.catch(() => undefined);
    });
    after(async () => {
      client?.kill("SIGKILL");
      await proxy?.stop();
      await agent?.stop();
    });

    /** Waits for what the client tells next; one that has died tells nothing more. */
    async function told<K extends string>(key: K): Promise<Extract<Told, Record<K, unknown>>> {
      const next = new Promise<Told>((resolve) => {
        const look = (message: unknown): void => {
          if (!(key in (message as Told))) return;
          client.off("message", look);
          resolve(message as Told);
        };
        client.on("message", look);
      });
      return (await Promise.race([next, died])) as Extract<Told, Record<K, unknown>>;
    }
    async function ask(request: string | number): Promise<void> {
      await new Promise((resolve) => client.send(request, resolve));
    }
    async function cut(times: number, pushes: number): Promise<void> {
      for (let count = 0; count < times; count++) {
        const pushed = told("pushed");
        await ask(pushes);
        const connected = told("connected");
        proxy.cut();
        await connected;
        for (const [ending, number] of Object.entries((await pushed).pushed)) {
          endings[ending] = (endings[ending] ?? 0) + number;
        }
      }
    }
    async function measure() {
      const measured = told("measured");
      await ask("measure");
      return (await measured).measured;
    }

    it("keeps its memory, one socket and its listeners (fault 12)", async () => {
      await told("connected");
      await cut(WARM_UP, 0);
      const before = await measure();
      await cut(CUTS, 0);
      const { heap, ...after } = await measure();
      assert.deepEqual(after, { sockets: 1, listeners: before.listeners, warnings: [] });
      const attempts = proxy.connections - 1 - WARM_UP - CUTS;
      assert.ok(attempts >= 0 && attempts < CUTS / 10, `${attempts} attempts more than cuts`);
      assertFlat(heap - before.heap);
    });

    it("keeps them while it pushes, and leaves nothing when it stops (fault 12)", async () => {
      await cut(WARM_UP, PUSHES);
      const before = await measure();
      await cut(CUTS, PUSHES);
      const { heap, sockets, ...after } = await measure();
      assert.deepEqual(after, { listeners: before.listeners, warnings: [] });
      assert.ok(sockets <= 2, "one for answers, and one for live data while that is of use");
      assertFlat(heap - before.heap);
      const ended = Object.values(endings).reduce((sum, count) => sum + count, 0);
      assert.equal(ended, PUSHES * (WARM_UP + CUTS), JSON.stringify(endings));
      assert.ok(
        Object.keys(endings).every((ending) => HONEST.has(ending)),
        JSON.stringify(endings),
      );

      const stopped = told("stopped");
      await ask("stop");
      assert.deepEqual((await stopped).stopped, []);
      assert.equal(client.exitCode ?? (await once(client, "exit"))[0], 0, "nothing keeps it alive");
    });
  });
}

function assertFlat(grown: number): void {
  assert.ok(grown < MOST_BYTES, `${grown} bytes in ${CUTS} cuts`);
}
