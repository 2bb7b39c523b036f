/**
 * Every kind of deploy while 50 requests wait for an agent that stands still (fault 40): each ends once, nothing stays
 * connected that is not used, and what is used is connected once.
 */
import assert from "node:assert/strict";
import { palette, registeredAgentNode } from "../support/flows";
import { KILLABLE_AGENTS, type KillableAgent } from "../support/agent/killable-agent";
import { useNodeRed, type Deploy, type Flow } from "../support/node-red";
import { TcpProxy } from "../support/tcp-proxy";
import { size } from "./size";
import { until } from "../support/waits";

const REPEATS = size(1, 20);
const REQUESTS = 50;

/** What a person does in the editor: the flow as it is afterwards, and whether anything in it still uses the agent. */
interface Change {
  readonly title: string;
  readonly types: readonly Deploy[];
  readonly apply: (flow: Flow, round: number) => Flow;
  readonly isUsed: boolean;
}

const changed = (flow: Flow, ids: readonly string[], properties: object): Flow =>
  flow.map((node) => (ids.includes(node.id) ? { ...node, ...properties } : node));
const USERS = ["metric", "ping"];
const ALL: readonly Deploy[] = ["full", "flows", "nodes"];

const CHANGES: readonly Change[] = [
  {
    title: "that edits the agent",
    types: ALL,
    apply: (flow, round) => changed(flow, ["agent"], { requestTimeout: String(30 + round) }),
    isUsed: true,
  },
  {
    title: "that edits the nodes",
    types: ALL,
    apply: (flow, round) => changed(flow, USERS, { name: `round ${round}` }),
    isUsed: true,
  },
  {
    title: "that disables the nodes",
    types: ALL,
    apply: (flow) => changed(flow, USERS, { d: true }),
    isUsed: false,
  },
  {
    title: "that disables the agent",
    types: ALL,
    apply: (flow) => changed(flow, ["agent"], { d: true }),
    isUsed: false,
  },
  {
    title: "that deletes the nodes",
    types: ALL,
    apply: (flow) => flow.filter(({ id }) => !USERS.includes(id)),
    isUsed: false,
  },
  {
    title: "that deletes the agent",
    types: ALL,
    apply: (flow) => flow.filter(({ id }) => id !== "agent"),
    isUsed: false,
  },
];

for (const { name, needs, start } of KILLABLE_AGENTS) {
  describe(`A deploy while 50 requests to ${name} are in flight`, function () {
    this.timeout(size(300_000, 600_000));
    const nodeRed = useNodeRed();
    let agent: KillableAgent;
    let proxy: TcpProxy;

    before(async function () {
      needs(this);
      agent = await start();
      proxy = await TcpProxy.start({ host: "localhost", port: agent.port });
    });
    after(async () => {
      await proxy?.stop();
      await agent?.stop();
    });
    afterEach(async () => {
      agent.signal("SIGCONT");
      await nodeRed.unload();
      await closed();
    });

    const flow = (): Flow => [
      registeredAgentNode({ port: proxy.port, ca: agent.ca, client: agent.client }, { requestTimeout: "20" }),
      ...palette("metric", { operation: "describe" }),
      ...palette("ping"),
    ];
    /** Nothing is connected: the proxy sees it a moment after it is so. */
    const closed = () =>
      until(
        "every connection is closed",
        () => proxy.open === 0,
        () => `${proxy.open} open`,
      );
    /** A dot: late answers to what an earlier client asked are told beside it. */
    const connected = () =>
      nodeRed.until(() => (nodeRed.statuses("ping").at(-1)?.shape === "dot" ? true : undefined));

    for (const { title, types, apply, isUsed } of CHANGES) {
      for (const type of types) {
        it(`of kind ${type} ${title} ends each once and leaves ${isUsed ? "one connection" : "none"} (fault 40)`, async () => {
          await nodeRed.load(flow());
          for (let round = 0; round < REPEATS; round++) {
            await connected();
            assert.equal(proxy.open, 1);
            agent.signal("SIGSTOP");
            const endings: number[] = [];
            for (let request = 0; request < REQUESTS; request++) {
              const message = { sensorId: `s${request}`, metricId: "m" };
              nodeRed.receive("metric", message, () => endings.push(request));
            }
            // Whatever was to be sent has been.
            await new Promise((resolve) => setTimeout(resolve, 50));
            assert.equal(endings.length, 0);

            await nodeRed.deploy(apply(flow(), round), type);
            agent.signal("SIGCONT");
            assert.deepEqual(
              endings.toSorted((a, b) => a - b),
              Array.from({ length: REQUESTS }, (_, request) => request),
            );
            if (!isUsed) {
              await closed();
              // Node-RED starts nodes anew whose configuration node has gone, but not those whose one has come.
              await nodeRed.deploy(flow(), "full");
            }
            await connected();
            const { from, message } = await nodeRed.ask(
              "ping",
              { payload: "after" },
              "ping.out",
              "ping.error",
            );
            assert.equal(from, "ping.out", JSON.stringify(message.error));
          }
          assert.equal(proxy.open, 1);
        });
      }
    }
  });
}
