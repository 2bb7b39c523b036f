/**
 * A new client beside the old one, before a certificate ends or after it: prepared, tried, swapped, and confirmed or taken
 * back. Until the swap nothing of the old client is touched; whatever fails, one whole identity runs.
 */
import { setTimeout as wait } from "node:timers/promises";
import { AgentClient, type RequestOptions } from "../../src/client/agent-client";
import { unlessAborted } from "../../src/client/connection";
import { testConnection } from "../../src/client/connection-test";
import { enrol } from "../../src/identity/enrolment";
import type { Identity } from "../../src/identity/identity";
import { Succession, type Identities } from "../../src/identity/succession";
import { expiryLevel } from "../../src/identity/validity";
import { IotError, toIotError } from "../../src/protocol/errors";
import type { Clock } from "../../src/time/clock";
import { Timestamps } from "../../src/time/timestamps";
import type { Steps } from "../shared/concurrently";
import type { Request } from "../shared/request";
import type { AgentRequests } from "./agent-requests";
import { carryOver, type LeftOut } from "./carry-over";
import type { FormerIds } from "./former-ids";
import { withEarlier, type IdTable } from "./id-table";
import type { Registrar } from "./registrar";
import type { SeenInventory } from "./seen-inventory";
import type { Configuration } from "./settings";

/** In this order: what can fail without leaving anything goes first. */
type PrepareStep = "inventory" | "register" | "connect" | "sensors" | "table";

export type PrepareEvent = { step: PrepareStep } & (
  | { outcome: "begun"; done?: number; of?: number }
  | { outcome: "passed"; left?: readonly LeftOut[] }
  | { outcome: "failed"; error: IotError }
);

export interface NewClientView extends Identities {
  /** `begun`: it is registered, and what it has is not complete. */
  phase: "none" | "begun" | "prepared" | "swapped";
  isPreparing: boolean;
  /** The certificate has ended, or does so soon. */
  isUrgent: boolean;
  /** Of the new client that is prepared, or that runs. */
  table: IdTable | undefined;
  /** Requests that named an ID of before. */
  translated: number;
}

interface Parts {
  configuration: Configuration;
  client: AgentClient;
  requests: AgentRequests;
  registrar: Registrar;
  ids: FormerIds;
  seen: SeenInventory;
  clock: Clock;
}

const STEP_MS = 8000;
/** Milliseconds from one word about progress to the next. */
const TOLD_EVERY = 300;
/** For a request that does not say how long it may take; then there is no connection to be had. */
const DELETE_MS = 15_000;

export class NewClient {
  private readonly succession: Succession | undefined;
  private isBusy = false;

  constructor(private readonly parts: Parts) {
    const { folder } = parts.configuration;
    this.succession = folder && new Succession(folder);
  }

  /** Throws `SettingMissing` where the identity is not ours to exchange. */
  async look(): Promise<NewClientView> {
    const { ids, clock } = this.parts;
    const identities = await this.usable().look();
    const { current, next, before } = identities;
    const table = await ids.read((next ?? current)?.clientId);
    const prepared = table === undefined ? "begun" : "prepared";
    return {
      ...identities,
      phase: next !== undefined ? prepared : before !== undefined ? "swapped" : "none",
      isPreparing: this.isBusy,
      isUrgent: current !== undefined && expiryLevel(current, new Date(clock.now())) !== undefined,
      table,
      translated: ids.count,
    };
  }

  /** A line for each step that begins, goes on or ends. A step that fails is the last; it can be prepared again. */
  async *prepare(clientName: string, signal: AbortSignal): AsyncGenerator<PrepareEvent> {
    let step: PrepareStep = "inventory";
    if (this.isBusy) {
      yield { step, outcome: "failed", error: running() };
      return;
    }
    this.isBusy = true;
    try {
      const succession = this.usable();
      const { current, next } = await succession.look();
      if (current === undefined) throw new IotError("NotRegistered", { reason: "never" });
      const steps: Steps = { done: 0, of: 0 };
      const old = yield* told(step, steps, this.readOld(steps, signal));
      yield { step, outcome: "passed" };

      yield { step: (step = "register"), outcome: "begun" };
      const identity = next ?? (await this.register(clientName, signal));
      yield { step, outcome: "passed" };

      yield { step: (step = "connect"), outcome: "begun" };
      await this.tryNext(signal);
      yield { step, outcome: "passed" };

      step = "sensors";
      const made: Steps = { done: 0, of: 0 };
      const { sensors, left } = yield* told(
        step,
        made,
        this.asNext(signal, (request) => carryOver(current.clientId, old, request, made)),
      );
      yield { step, outcome: "passed", left };

      yield { step: (step = "table"), outcome: "begun" };
      const { ids } = this.parts;
      const earlier = await ids.read(current.clientId);
      await ids.write(withEarlier({ clientId: identity.clientId, sensors }, earlier));
      yield { step, outcome: "passed" };
    } catch (error) {
      yield { step, outcome: "failed", error: toIotError(error) };
    } finally {
      this.isBusy = false;
    }
  }

  /** Tries the new client once more, and takes it. What waits is sent by its IDs. */
  async swap(signal: AbortSignal): Promise<void> {
    const succession = this.usable();
    await this.alone(async () => {
      const { phase } = await this.look();
      if (phase !== "prepared") throw new IotError("NoNewClient", { reason: "missing" });
      await this.tryNext(signal);
      await this.exchange(() => succession.swap());
    });
  }

  /** Takes the client before again; the new one is prepared as it was. */
  async back(): Promise<void> {
    const succession = this.usable();
    await this.alone(async () => {
      // The connection is not ended for nothing.
      const { before } = await succession.look();
      if (before === undefined) throw new IotError("NoNewClient", { reason: "before" });
      await this.exchange(() => succession.back());
    });
  }

  /** The client before is not needed any more. `keeps`: its key and certificate stay in a file. */
  async confirm(keeps: boolean): Promise<void> {
    const succession = this.usable();
    await this.alone(() => succession.confirm(keeps));
  }

  /** The new client is not wanted: it is deleted on the agent, unless somebody has done so, and its identity goes. */
  async discard(signal: AbortSignal): Promise<void> {
    const succession = this.usable();
    await this.alone(async () => {
      const { next } = await succession.look();
      if (next === undefined) return;
      await this.deleteNext(signal);
      await succession.discard();
    });
  }

  /** The agent may not have it any more: who looks after the console may have deleted it there. */
  private async deleteNext(signal: AbortSignal): Promise<void> {
    const failure = await this.tryNext(signal).then(() => undefined, toIotError);
    if (failure?.isClientUnknown === true) return;
    // An agent that answers no ping may say why when it is asked to delete.
    if (failure !== undefined && failure.name !== "ReplyTimeout") throw failure;
    const patience = AbortSignal.any([signal, AbortSignal.timeout(DELETE_MS)]);
    await this.asNext(patience, (request) => request("deleteClient", {})).catch((error: unknown) => {
      if (toIotError(error).name !== "ForbiddenAccess") throw error;
    });
  }

  private async exchange(files: () => Promise<Identity>): Promise<void> {
    const { registrar, requests, ids } = this.parts;
    await requests.hold(() =>
      registrar.exchange(async () => {
        const identity = await files();
        await ids.use(identity.clientId);
        return identity;
      }),
    );
  }

  /** From the agent; where the old client is not let in any more, what was kept of it. */
  private async readOld(
    steps: Steps,
    signal: AbortSignal,
  ): Promise<NonNullable<Awaited<ReturnType<SeenInventory["whole"]>>>> {
    const { client, seen } = this.parts;
    const { state } = client;
    const asking = state.name === "connected" ? "anew" : "known";
    const old = await unlessAborted(seen.whole(asking, steps), signal);
    if (old !== undefined) return old;
    const why = "failure" in state ? state.failure.message : "";
    throw new IotError("NoNewClient", { reason: "inventory", details: { why } });
  }

  private async register(clientName: string, signal: AbortSignal): Promise<Identity> {
    const { registration } = this.parts.configuration;
    return enrol({ endpoint: await registration(), clientName, identity: this.usable().next, signal });
  }

  private async tryNext(signal: AbortSignal): Promise<void> {
    const { client, registration } = this.parts.configuration;
    const subject = {
      endpoint: client.endpoint,
      registration,
      identity: this.usable().next,
      patience: STEP_MS,
    };
    let answered = false;
    for await (const event of testConnection(subject, signal)) {
      if (event.outcome === "failed") throw event.error;
      answered ||= event.step === "answer" && event.outcome === "passed";
    }
    if (!answered) throw new IotError("Closed", { reason: "unsent" });
  }

  /** A connection of the new client, while it lasts. */
  private async asNext<T>(signal: AbortSignal, work: (request: Request) => Promise<T>): Promise<T> {
    const { configuration, clock } = this.parts;
    const settings = { ...configuration.client, identity: this.usable().next };
    const client = new AgentClient(settings, { clock, timestamps: new Timestamps() });
    const request: Request = (operation, parameters, options: RequestOptions = {}) =>
      client.request(operation, parameters, { signal, ...options });
    client.start();
    try {
      return await work(request);
    } finally {
      await client.stop();
    }
  }

  private async alone(work: () => Promise<unknown>): Promise<void> {
    if (this.isBusy) throw running();
    this.isBusy = true;
    try {
      await work();
    } finally {
      this.isBusy = false;
    }
  }

  private usable(): Succession {
    if (this.succession !== undefined) return this.succession;
    const details = { field: "identity", value: '"files"/"credentials"', allowed: '"managed"' };
    throw new IotError("SettingMissing", { reason: "value", details });
  }
}

const running = (): IotError => new IotError("NoNewClient", { reason: "running" });

/** Says now and then how far it is, until the work has ended; gives what the work gives. */
async function* told<T>(step: PrepareStep, steps: Steps, work: Promise<T>): AsyncGenerator<PrepareEvent, T> {
  const ended = work.then(
    () => true,
    () => true,
  );
  do yield { step, outcome: "begun", done: steps.done, of: steps.of };
  while (!(await Promise.race([ended, wait(TOLD_EVERY, false)])));
  return work;
}
