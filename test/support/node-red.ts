/** A Node-RED runtime for tests of nodes: flows in, messages out, everything closed and removed afterwards. */
import { mkdtemp, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Node, NodeAPI, NodeMessage, NodeStatus } from "node-red";
import helper from "node-red-node-test-helper";
import { registerAgentType } from "../../nodes/agent/agent";
import type { AgentConfigurationNode } from "../../nodes/agent/shared-agent";
import client from "../../nodes/client/client";
import livedata from "../../nodes/livedata/livedata";
import metric from "../../nodes/metric/metric";
import ping from "../../nodes/ping/ping";
import push from "../../nodes/push/push";
import register from "../../nodes/register/register";
import sensor from "../../nodes/sensor/sensor";
import simulator from "../../nodes/simulator/simulator";
import { TAB } from "./flows";
import { SkippingClock } from "./skipping-clock";
import { explainWaits, telling } from "./waits";

const NODES: readonly ((RED: NodeAPI) => void)[] = [
  register,
  ping,
  client,
  sensor,
  metric,
  push,
  livedata,
  simulator,
];

export type Flow = { id: string; type: string; [property: string]: unknown }[];
interface Spy {
  readonly args: readonly unknown[][];
  readonly thisValues: readonly ({ id?: string } | undefined)[];
}

export type Deploy = "full" | "flows" | "nodes";

/** A message that a node under test got, or that a helper node received. */
export type Message = NodeMessage & { error?: Record<string, unknown> };

const LOOK_EVERY_MS = 20;

helper.init(createRequire(__filename).resolve(process.env.NODE_RED_PACKAGE ?? "node-red"));

/** Starts Node-RED before the tests of a suite, in a user directory of its own; call it inside `describe`. */
export function useNodeRed(): NodeRed {
  const runtime = new NodeRed();
  before(() => runtime.start());
  afterEach(function () {
    explainWaits(this.currentTest);
    return runtime.unload();
  });
  after(() => runtime.stop());
  return runtime;
}

export class NodeRed {
  userDir = "";
  /** Of Node-RED's settings, what a test needs otherwise; until the flows are unloaded. */
  settings: Record<string, unknown> = {};
  /** The time of agent nodes: the machine's, of which tests can skip some. */
  private readonly clock = new SkippingClock();
  private received = new Map<string, Message[]>();
  /** A deploy of kind "nodes" keeps the nodes that it does not change. */
  private readonly collecting = new WeakSet<Node>();
  /** Whoever waits for something looks again when these are called. */
  private waiting = new Set<() => void>();
  private timer: NodeJS.Timeout | undefined;
  private ids: string[] = [];

  async start(): Promise<void> {
    this.userDir = await mkdtemp(join(tmpdir(), "tviot-node-red-"));
    await new Promise<void>((resolve) => helper.startServer(() => resolve()));
  }

  async stop(): Promise<void> {
    await new Promise<void>((resolve) => helper.stopServer(() => resolve()));
    await rm(this.userDir, { recursive: true, force: true });
  }

  async unload(): Promise<void> {
    clearInterval(this.timer);
    this.waiting.clear();
    this.clock.release();
    await helper.unload();
    this.settings = {};
    this.received.clear();
  }

  /** Deploys a flow; every `helper` node of it keeps what it receives. */
  async load(flow: Flow, credentials: Record<string, object> = {}): Promise<void> {
    helper.settings({ userDir: this.userDir, ...this.settings });
    this.timer = setInterval(() => this.lookAgain(), LOOK_EVERY_MS);
    const started = new Promise<void>((resolve) => this.onceStarted(resolve));
    await helper.load([this.agentType, ...NODES] as never, [TAB, ...flow] as never, credentials);
    await started;
    this.ids = flow.map(({ id }) => id);
    this.collect(flow);
  }

  async deploy(flow: Flow, type: Deploy, credentials: Record<string, object> = {}): Promise<void> {
    await (
      helper as unknown as { setFlows(flow: Flow, type: Deploy, credentials: object): Promise<void> }
    ).setFlows([TAB, ...flow], type, credentials);
    this.collect(flow);
  }

  /** `RED.util` of the runtime under test. */
  get util(): NodeAPI["util"] {
    return (helper as unknown as { _RED: { util: NodeAPI["util"] } })._RED.util;
  }

  /** `RED.nodes` of the runtime under test. */
  get nodes(): NodeAPI["nodes"] {
    return (helper as unknown as { _RED: { nodes: NodeAPI["nodes"] } })._RED.nodes;
  }

  node(id: string): Node {
    return helper.getNode(id);
  }

  send(id: string, message: object): void {
    this.node(id).receive(message as NodeMessage);
  }

  /** Sends a message and hears of its end, as Node-RED does: `ended` is called with the error, if there was one. */
  receive(id: string, message: object, ended: (error: unknown) => void): void {
    const node = this.node(id) as unknown as {
      _inputCallback(
        message: object,
        send: (messages: NodeMessage[]) => void,
        done: (error?: unknown) => void,
      ): void;
      send(messages: NodeMessage[]): void;
    };
    node._inputCallback(message, (messages) => node.send(messages), ended);
  }

  /** Sends a message and gives the first one that any of the helper nodes receives from then on, with that node's ID. */
  async ask(id: string, message: object, ...helpers: string[]): Promise<{ from: string; message: Message }> {
    const before = new Map(helpers.map((name) => [name, this.messages(name).length]));
    this.send(id, message);
    return this.until(() => {
      for (const from of helpers) {
        const answer = this.messages(from)[before.get(from) ?? 0];
        if (answer !== undefined) return { from, message: answer };
      }
      return undefined;
    });
  }

  /** What a helper node has received. */
  messages(id: string): Message[] {
    return this.received.get(id) ?? [];
  }

  /** Waits for `look` to give something; looks again whenever a message comes, and often in between. */
  until<T>(look: () => T | undefined): Promise<T> {
    const found = new Promise<T>((resolve) => {
      const attempt = (): void => {
        const found = look();
        if (found === undefined) return;
        this.waiting.delete(attempt);
        resolve(found);
      };
      this.waiting.add(attempt);
      attempt();
    });
    return telling(new Error(), () => this.seen(), found);
  }

  /** What nodes showed and helper nodes received last, for a test that waits in vain. */
  private seen(): unknown {
    const badges = Object.fromEntries(this.ids.map((id) => [id, this.statuses(id).at(-1)?.text]));
    const received = [...this.received].map(([id, messages]) => [id, messages.length, messages.at(-1)]);
    return { badges, received };
  }

  /** Until the flows are unloaded, no time passes for the agent nodes but what is skipped. */
  hold(): void {
    this.clock.hold();
  }

  /** Time passes for the agent nodes. */
  skip(milliseconds: number): void {
    this.clock.skip(milliseconds);
  }

  /** The same; whenever the agent waits for its next attempt, that time is skipped. */
  untilTriedAgain<T>(look: () => T | undefined): Promise<T> {
    return this.skippingWhile(
      () => {
        const { agent } = this.node("agent") as unknown as AgentConfigurationNode;
        return agent?.view().state.name === "waiting" ? 1000 : 0;
      },
      () => this.until(look),
    );
  }

  /** Asks as `ask` does, of an agent that gives no answer: whatever is waited for meanwhile is not waited for. */
  askInVain(...question: Parameters<NodeRed["ask"]>): ReturnType<NodeRed["ask"]> {
    return this.skippingWhile(
      () => 200,
      () => this.ask(...question),
    );
  }

  private async skippingWhile<T>(step: () => number, work: () => Promise<T>): Promise<T> {
    const skipping = setInterval(() => this.clock.skip(step()), LOOK_EVERY_MS);
    try {
      return await work();
    } finally {
      clearInterval(skipping);
    }
  }

  /** The badges that a node has shown, oldest first. */
  statuses(id: string): NodeStatus[] {
    // The test runtime replaces every node's methods by spies that they all share.
    const { status } = this.node(id) as unknown as { status: Spy };
    return status.args
      .filter((_, index) => status.thisValues[index]?.id === id)
      .map(([shown]) => shown as NodeStatus);
  }

  /** Waits until a node shows a badge whose text fits. */
  badge(id: string, text: string | RegExp): Promise<NodeStatus> {
    return this.until(() => {
      const status = this.statuses(id).at(-1);
      const shown = status?.text ?? "";
      const fits = typeof text === "string" ? shown === text : text.test(shown);
      return fits ? status : undefined;
    });
  }

  private collect(flow: Flow): void {
    for (const { id, type } of flow) {
      if (type !== "helper") continue;
      const messages = this.received.get(id) ?? [];
      this.received.set(id, messages);
      const node = this.node(id);
      if (this.collecting.has(node)) continue;
      this.collecting.add(node);
      node.on("input", (message: NodeMessage) => {
        messages.push(message);
        this.lookAgain();
      });
    }
  }

  private readonly agentType = (RED: NodeAPI): void => registerAgentType(RED, this.clock);

  private lookAgain(): void {
    for (const look of [...this.waiting]) look();
  }

  private onceStarted(started: () => void): void {
    (helper as unknown as { _events: NodeJS.EventEmitter })._events.once("flows:started", started);
  }
}
