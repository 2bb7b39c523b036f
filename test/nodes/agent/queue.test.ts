/** Messages that wait for an agent that is away: how many, how large, how long, and what each of them is told in the end. */
import assert from "node:assert/strict";
import { identityDirectory } from "../../../nodes/shared/paths";
import { enrol } from "../../../src/identity/enrolment";
import { FolderIdentity } from "../../../src/identity/folder-identity";
import { readCa } from "../../../src/identity/ca";
import { agentNode, palette } from "../../support/flows";
import { useNodeRed, type Message } from "../../support/node-red";
import { useSimulator } from "../../support/simulator";

type Told = Message & { mine?: number };

describe("Messages that wait for an agent that is away", () => {
  const nodeRed = useNodeRed();
  const simulator = useSimulator();

  before(async () => {
    const { registrationPort, ca } = simulator.current;
    await enrol({
      endpoint: { host: "localhost", port: registrationPort, ca: await readCa({ file: ca }) },
      clientName: "press-12",
      identity: new FolderIdentity(identityDirectory(nodeRed.userDir, "agent")),
    });
  });
  beforeEach(() => simulator.current.setFaults({ stopped: true }));
  afterEach(() => simulator.current.setFaults({ stopped: false }));

  async function load(properties: Record<string, unknown>): Promise<void> {
    await nodeRed.load([
      agentNode(simulator.current, properties),
      ...palette("ping"),
      ...palette("push", { sensor: "oven" }),
    ]);
    await nodeRed.badge("ping", /status\.waiting/);
  }
  /** Sends so many pings, each with its number. */
  function send(count: number, payload: (mine: number) => string = String): void {
    for (let mine = 0; mine < count; mine++) nodeRed.send("ping", { payload: payload(mine), mine });
  }
  const told = (output: "out" | "error"): Told[] => nodeRed.messages(`ping.${output}`);
  const toldAll = (output: "out" | "error", count: number): Promise<Told[]> =>
    nodeRed.until(() => (told(output).length >= count ? told(output) : undefined));
  const numbers = (messages: readonly Told[]) => messages.map(({ mine }) => mine);
  const names = (messages: readonly Told[]) => [...new Set(messages.map(({ error }) => error?.name))];
  async function status(): Promise<{ counters: { queued: number; queuedBytes: number } }> {
    const { message } = await nodeRed.ask("push", { action: "status" }, "push.out", "push.error");
    return message.payload as { counters: { queued: number; queuedBytes: number } };
  }

  it("are counted in every badge and in the status, and answered when it comes back", async () => {
    await load({ queueAge: "0" });
    send(5);
    for (const node of ["ping", "push"]) {
      const { fill, shape } = await nodeRed.badge(node, "status.queued");
      assert.deepEqual([fill, shape], ["yellow", "ring"]);
    }
    const { counters } = await status();
    assert.equal(counters.queued, 5);
    assert.ok(counters.queuedBytes > 0);
    simulator.current.setFaults({ stopped: false });
    assert.deepEqual(numbers(await toldAll("out", 5)), [0, 1, 2, 3, 4]);
    assert.equal((await status()).counters.queued, 0);
    await nodeRed.badge("push", "status.connected");
  });

  it("that are too many: the new one is refused, with the reason and its payload", async () => {
    await load({ queueCount: "3", queueFull: "reject" });
    send(5);
    const refused = await toldAll("error", 2);
    assert.deepEqual([numbers(refused), names(refused)], [[3, 4], ["QueueFull"]]);
    assert.deepEqual(
      refused.map(({ payload, error }) => [payload, error?.source, error?.retryable]),
      [
        ["3", "client", true],
        ["4", "client", true],
      ],
    );
    simulator.current.setFaults({ stopped: false });
    assert.deepEqual(numbers(await toldAll("out", 3)), [0, 1, 2]);
    assert.equal(told("error").length, 2);
  });

  it("that are too many: the oldest is dropped for the new one, with the reason", async () => {
    await load({ queueCount: "3", queueFull: "dropOldest" });
    send(5);
    const dropped = await toldAll("error", 2);
    assert.deepEqual([numbers(dropped), names(dropped)], [[0, 1], ["QueueDropped"]]);
    simulator.current.setFaults({ stopped: false });
    assert.deepEqual(numbers(await toldAll("out", 3)), [2, 3, 4]);
    assert.equal(told("error").length, 2);
  });

  it("that are too large: by their bytes, whichever the policy", async () => {
    await load({ queueBytes: "1000", queueFull: "reject" });
    send(3, () => "x".repeat(400));
    assert.deepEqual([numbers(await toldAll("error", 1)), names(told("error"))], [[2], ["QueueFull"]]);
    await nodeRed.unload();

    await load({ queueBytes: "1000", queueFull: "dropOldest" });
    send(3, () => "x".repeat(400));
    assert.deepEqual([numbers(await toldAll("error", 1)), names(told("error"))], [[0], ["QueueDropped"]]);
    nodeRed.send("ping", { payload: "x".repeat(2000), mine: 3 });
    await toldAll("error", 2);
    assert.deepEqual([told("error")[1]?.mine, told("error")[1]?.error?.name], [3, "QueueFull"]);
    assert.equal((await status()).counters.queued, 2, "nothing is dropped for what can never fit");
  });

  it("for too long are given up, with the reason, and never sent", async () => {
    const sent: string[] = [];
    simulator.current.on("request", ({ operation, payload }) => {
      if (operation === "ping") sent.push((JSON.parse(payload) as { request: string }).request);
    });
    await load({ queueAge: "0.3" });
    send(3);
    const expired = await toldAll("error", 3);
    assert.deepEqual([numbers(expired), names(expired)], [[0, 1, 2], ["QueueExpired"]]);
    simulator.current.setFaults({ stopped: false });
    // Connected; and of the node, how its last message ended.
    assert.equal((await nodeRed.badge("ping", "QueueExpired")).fill, "red");
    const answered = await nodeRed.ask("ping", { payload: "new" }, "ping.out", "ping.error");
    assert.equal(answered.from, "ping.out");
    assert.equal((await nodeRed.badge("ping", "status.connected")).fill, "green");
    assert.deepEqual(
      sent.filter((request) => ["0", "1", "2", "new"].includes(request)),
      ["new"],
    );
    assert.equal(told("error").length, 3);
  });
});
