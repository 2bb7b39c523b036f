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
    return this.ask(operation, parameters, options, true);
  }

  /** The same of what is told and noted elsewhere. */
  send<N extends RequestName>(
    operation: N,
    parameters: Parameters<N>,
    options: RequestOptions = {},
  ): Promise<Result<N>> {
    return this.ask(operation, parameters, options, false);
  }

  /** One promise for all that follows of the answer: in a burst thousands wait, and each keeps what it needs then. */
  private ask<N extends RequestName>(
    operation: N,
    parameters: Parameters<N>,
    options: RequestOptions,
    isNoted: boolean,
  ): Promise<Result<N>> {
    const { ids, client, clock } = this.parts;
    if (this.held !== undefined || !ids.isReady) {
      const ready = Promise.allSettled([this.held, ids.ready()]);
      return (options.signal === undefined ? ready : unlessAborted(ready, options.signal)).then(
        () => this.ask(operation, parameters, options, isNoted),
        (error: unknown) => this.fail(error as IotError, isNoted),
      );
    }
    const { state } = client;
    const began = clock.monotonic();
    const { parameters: sent, told } = ids.translate(parameters);
    return client.request(operation, sent, options).then(
      (result) => {
        this.parts.health.succeed(state, began, this.parts);
        if (isNoted) this.note(operation, parameters, sent, result);
        return result;
      },
      (error: unknown) => {
        const hasWaited = this.held !== undefined && (error as IotError).name === "Disconnected";
        if (hasWaited) return this.ask(operation, parameters, options, isNoted);
        return this.fail(told(toIotError(error)), isNoted);
      },
    );
  }

  private note<N extends RequestName>(
    operation: N,
    parameters: Parameters<N>,
    sent: Parameters<N>,
    result: Result<N>,
  ): void {
    this.parts.done(operation, sent, result);
    for (const listener of this.doneListeners) listener(operation, parameters);
  }

  private fail(error: IotError, isNoted: boolean): never {
    if (isNoted) this.parts.failed(error);
    throw error;
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
