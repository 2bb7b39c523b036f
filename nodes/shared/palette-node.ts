/**
 * What every palette node that sends requests has in common: its fields, its agent, its badge, its two outputs,
 * the `msg.action`s, and its end. The node itself says only how it serves one message.
 */
import { setMaxListeners } from "node:events";
import { IotError } from "../../src/protocol/errors";
import type { SharedAgent } from "../agent/shared-agent";
import { actOn, readAction } from "./actions";
import type { Steps } from "./concurrently";
import { endWithin } from "./deadline";
import { failureOf } from "./error-report";
import { fieldReader, type FieldReader } from "./fields";
import { handover } from "./handover";
import { linkToAgent } from "./link-to-agent";
import { upgrade } from "./migrations";
import type { FlowNode, Message, NodeAPI, NodeDef } from "./node-red";
import { Outputs, reasonOf, type Answer } from "./outputs";
import { defaultsOf, type AGENT, type Config, type Table, type TypedName } from "./properties";
import type { Begun } from "./progress";
import type { Request } from "./request";
import { translate } from "./translate";

/** What a node that uses an agent has. */
type PaletteTable = Table & { readonly agent: typeof AGENT };

/** One message that a node serves. */
export interface Input<T extends Table> {
  readonly message: Message;
  readonly config: Config<T>;
  readonly agent: SharedAgent;
  readonly node: FlowNode;
  readonly signal: AbortSignal;
  /** What a typed field stands for in this message: the value, or a promise of it. */
  readonly field: (name: TypedName<T>) => unknown;
  readonly request: Request;
  /** How far it is, where it is many requests: the badge tells it. */
  readonly steps: Steps;
}

interface PaletteNode<T extends PaletteTable> {
  properties: T;
  serve: (input: Input<T>) => Promise<Answer>;
  /** What lives as long as the node does. */
  live?: (life: Life<T>) => Living;
}

interface Living {
  /** `isRemoved`: no node takes this one's place. The node is closed when this has ended, or after a few seconds. */
  end: (isRemoved: boolean) => void | Promise<void>;
  /** What the node adds to the answer to `msg.action` "status". */
  status?: () => object;
}

export interface Life<T extends PaletteTable> {
  node: FlowNode;
  config: Config<T>;
  agent: SharedAgent;
  outputs: Outputs;
  /** For the badge: how something ended of which the message that brought it has ended before. */
  showResult: (failure?: IotError) => void;
}

export function registerPaletteNode<T extends PaletteTable>(
  RED: NodeAPI,
  type: string,
  { properties, serve, live }: PaletteNode<T>,
): void {
  function construct(this: FlowNode, definition: NodeDef): void {
    RED.nodes.createNode(this, definition);
    const config = upgrade(definition, defaultsOf(properties));
    const outputs = new Outputs(RED, this);
    const endings = handover(RED, this);
    const link = linkToAgent(RED, this, config.agent);
    const living = link.isUsable
      ? live?.({ node: this, config, agent: link.agent(), outputs, showResult: link.showResult })
      : undefined;
    const fields = readersOf(RED, this, properties, config);
    const { progress } = link;
    /** Called when the last message has ended. */
    let ended = (): void => undefined;
    const closing = new AbortController();
    const { signal } = closing;
    // Each message that registers a client adds a listener: many of them are no leak.
    setMaxListeners(0, signal);

    const request: Request = (operation, parameters, options) =>
      link.agent().request(operation, parameters, { signal, ...options });

    /** It is no async function: each message would pay for one more promise. */
    const serveOne = (message: Message, steps: Steps): Promise<Answer> => {
      try {
        if (typeof message !== "object")
          throw new IotError("InvalidInput", { reason: "missing", details: { field: "msg" } });
        const agent = link.agent();
        const action = readAction(message);
        if (action !== undefined)
          return actOn(agent, action, RED).then((report) => ({
            payload: { ...report, ...living?.status?.() },
          }));
        return serve({
          message,
          config,
          agent,
          node: this,
          signal,
          field: (name) => fields[name](message),
          request,
          steps,
        });
      } catch (error) {
        return Promise.reject(error instanceof Error ? error : failureOf(error));
      }
    };

    const ends = (begun: Begun): void => {
      progress.end(begun);
      if (progress.size === 0) ended();
    };

    // A burst of messages waits here: what each of them keeps (closures, promises) is what it costs.
    this.on("input", (message, send, done) => {
      const begun = progress.begin();
      serveOne(message, begun).then(
        (answer) => {
          if (answer.isAccepted !== true) link.showResult();
          endings.end(message, send, done, (send, done) => outputs.respond(message, answer, send, done));
          ends(begun);
        },
        (error: unknown) => {
          link.showResult(reasonOf(error));
          endings.end(message, send, done, (send, done) => outputs.fail(message, error, send, done));
          ends(begun);
        },
      );
    });

    this.on("close", (isRemoved: boolean, done: () => void) => {
      endings.close();
      // A shutdown has nobody left to tell it to.
      if (progress.size > 0) this.warn(translate(RED, "notice.stopped", { count: progress.size }));
      const allEnded = new Promise<void>((resolve) => (ended = resolve));
      if (progress.size === 0) ended();
      closing.abort();
      const end = living?.end(isRemoved);
      void endWithin(Promise.all([allEnded, end])).then(() => {
        link.close();
        done();
      });
    });
  }
  RED.nodes.registerType(type, construct as never);
}

/** What reads each typed field of a node. */
function readersOf<T extends Table>(
  RED: NodeAPI,
  node: FlowNode,
  properties: T,
  config: Config<T>,
): Record<TypedName<T>, FieldReader> {
  const values = config as Record<string, unknown>;
  const names = Object.keys(properties).filter((name) => properties[name]?.kind === "typed");
  const readers = names.map((name) => {
    const field = { name, value: values[name], type: String(values[`${name}Type`]) };
    return [name, fieldReader(RED, node, field)];
  });
  return Object.fromEntries(readers) as Record<TypedName<T>, FieldReader>;
}
