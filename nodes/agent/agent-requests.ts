/**
 * What an agent node asks its agent: by the IDs of its client, whatever client the IDs are of by which it was asked. And
 * what follows of an answer for those who remember what the agent has.
 */
import type { AgentClient, RequestOptions } from "../../src/client/agent-client";
import { unlessAborted } from "../../src/client/connection";
import type { RequestName } from "../../src/client/requests/routes";
import { IotError, toIotError } from "../../src/protocol/errors";
import type { Parameters, Result } from "../../src/protocol/operations";
import type { Clock } from "../../src/time/clock";
import { Turns } from "../../src/time/turns";
import type { FormerIds } from "./former-ids";
import type { Health } from "./health";

export type DoneListener = <N extends RequestName>(operation: N, parameters: Parameters<N>) => void;

interface Parts {
  client: AgentClient;
  ids: FormerIds;
  clock: Clock;
  health: Health;
  /** A request has ended well; its IDs are the agent's. */
  done: <N extends RequestName>(operation: N, parameters: Parameters<N>, result: Result<N>) => void;
  failed: (error: IotError) => void;
}

const SECOND = 1000;

export class AgentRequests {
  private readonly doneListeners = new Set<DoneListener>();
  private readonly turns = new Turns();
  /** Another identity is being taken: requests wait, and those that waited already are for the client that comes. */
  private held: Promise<unknown> | undefined;

  constructor(private readonly parts: Parts) {}

  request<N extends RequestName>(
    operation: N,
    parameters: Parameters<N>,
    options: RequestOptions = {},
  ): Promise<Result<N>> {
    const { done, failed } = this.parts;
    const note = (sent: Parameters<N>, result: Result<N>): void => {
      done(operation, sent, result);
      for (const listener of this.doneListeners) listener(operation, parameters);
    };
    return this.send(operation, parameters, options, note).catch((error: unknown) => {
      failed(error as IotError);
      throw error;
    });
  }

  /** The same of what is told and noted elsewhere; `note` is told what was sent, and its result. */
  send<N extends RequestName>(
    operation: N,
    parameters: Parameters<N>,
    options: RequestOptions = {},
    note?: (sent: Parameters<N>, result: Result<N>) => void,
  ): Promise<Result<N>> {
    const { ids, client, health, clock } = this.parts;
    const again = (): Promise<Result<N>> => this.send(operation, parameters, options, note);
    if (this.held !== undefined || !ids.isReady) {
      const ready = Promise.allSettled([this.held, ids.ready()]);
      return (options.signal === undefined ? ready : unlessAborted(ready, options.signal)).then(again);
    }
    const succeed = health.begin(client, clock);
    const { parameters: sent, told } = ids.translate(parameters);
    return client.request(operation, sent, options).then(
      (result) => {
        succeed();
        note?.(sent, result);
        return result;
      },
      (error: unknown) => {
        const hasWaited = this.held !== undefined && (error as IotError).name === "Disconnected";
        if (hasWaited) return again();
        throw told(toIotError(error));
      },
    );
  }

  /** Nothing is asked while `exchange` lasts. */
  async hold<T>(exchange: () => Promise<T>): Promise<T> {
    const work = exchange();
    const held = work.catch(() => undefined);
    this.held = held;
    try {
      return await work;
    } finally {
      if (this.held === held) this.held = undefined;
    }
  }

  /** `done` is told of each request that ended well, by the IDs by which it was asked. */
  onDone(done: DoneListener): () => void {
    this.doneListeners.add(done);
    return () => void this.doneListeners.delete(done);
  }

  /**
   * Runs after the ones before it have ended: two nodes that ensure the same thing must not both create it. A
   * `ReplyTimeout` names the whole time, with what it waited for the others.
   */
  inTurn<T>(work: () => Promise<T>): Promise<T> {
    const { clock } = this.parts;
    const since = clock.monotonic();
    const failed = (error: unknown): never => {
      if (!(error instanceof IotError) || error.name !== "ReplyTimeout") throw error;
      const whole = (clock.monotonic() - since) / SECOND;
      if (whole - Number(error.details.seconds) < 0.5) throw error;
      throw new IotError("ReplyTimeout", {
        details: { seconds: Math.round(whole) },
        ...(error.operation && { operation: error.operation }),
      });
    };
    return this.turns.run(work).catch(failed);
  }
}
