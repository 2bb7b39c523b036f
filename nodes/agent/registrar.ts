/** The identity of one agent node: made and deleted by its register and client nodes, or made by itself where that is wanted. */
import type { AgentClient, ConnectionState } from "../../src/client/agent-client";
import { enrol } from "../../src/identity/enrolment";
import type { Identity } from "../../src/identity/identity";
import { IotError } from "../../src/protocol/errors";
import type { ConnectionView } from "../shared/connection-status";
import { toIotError } from "../shared/error-report";
import type { Clock } from "../../src/time/clock";
import { Turns } from "../../src/time/turns";
import { AutoRegistration } from "./auto-registration";
import type { Configuration } from "./settings";

export class Registrar {
  /** What a node does to the identity: how the connection takes it is part of that, and told by its end. */
  private occupation: "registering" | "deleting" | undefined;
  private readonly turns = new Turns();
  /** Of the last attempt that a node made. */
  private failure: IotError | undefined;
  private isWanted = true;
  private readonly alone: AutoRegistration;

  constructor(
    private readonly configuration: Configuration,
    private readonly client: AgentClient,
    private readonly changed: () => void,
    private readonly registered: (identity: Identity) => void,
    clock: Clock,
  ) {
    this.alone = new AutoRegistration(
      (signal) => this.registerAlone(signal),
      () => this.follow(),
      clock,
      configuration.client.watch,
    );
  }

  /** What is to be seen of a connection in this state. */
  show(connection: ConnectionState): ConnectionView["state"] {
    if (this.occupation !== undefined) return { name: this.occupation };
    if (this.alone.current !== undefined) return this.alone.current;
    const { failure } = this;
    return connection.name === "notRegistered" && failure !== undefined
      ? { ...connection, failure }
      : connection;
  }

  /** Registers, and connects with the new identity. */
  register(clientName: string, options: { replace: boolean; signal: AbortSignal }): Promise<Identity> {
    return this.occupied("registering", async () => {
      const identity = await this.enrol(clientName, options);
      this.alone.stop();
      await this.client.reconnect();
      return identity;
    });
  }

  /** Deletes the client on the agent and sets its identity aside; gives its client ID. */
  deleteClient(signal: AbortSignal): Promise<string> {
    const { client: settings, folder } = this.configuration;
    return this.occupied("deleting", async () => {
      const identity = await settings.identity.load();
      if (identity === undefined)
        throw new IotError("NotRegistered", { reason: "never", operation: "deleteClient" });
      // What cannot be set aside must show before there is no way back.
      await folder?.checkWritable();
      await this.client.request("deleteClient", {}, { signal });
      // Who deletes a client does not want another one by itself.
      this.isWanted = false;
      await folder?.setAside();
      await this.client.reconnect();
      return identity.clientId;
    });
  }

  /** Somebody wants a connection: with it, where it is so, a registration. */
  want(): void {
    this.isWanted = true;
    this.registerIfWanted();
  }

  registerIfWanted(): void {
    const { autoRegister, folder } = this.configuration;
    if (!this.isWanted || !autoRegister || folder === undefined) return;
    if (this.client.state.name === "notRegistered") this.alone.start();
  }

  /** Ends a wait for the next attempt. */
  tryAgain(): void {
    if (this.alone.current?.name === "waiting") this.alone.start();
  }

  /** Nothing is tried by itself any more. */
  stop(): void {
    this.alone.stop();
  }

  private async registerAlone(signal: AbortSignal): Promise<void> {
    await this.enrol(this.configuration.clientName, { replace: false, unattended: true, signal });
    if (!signal.aborted) await this.client.reconnect();
  }

  private async enrol(
    name: string,
    options: { replace: boolean; unattended?: boolean; signal: AbortSignal },
  ): Promise<Identity> {
    const { folder, registration } = this.configuration;
    if (folder === undefined) {
      throw new IotError("SettingMissing", {
        reason: "value",
        details: { field: "identity", value: '"files"/"credentials"', allowed: '"managed"' },
      });
    }
    const identity = await enrol({
      endpoint: await registration(),
      clientName: name,
      identity: folder,
      ...options,
      // Nobody waits for what is tried by itself: it is told when the time is over, and the agent is asked less.
      ...(options.unattended === true ? {} : { late: (late) => this.takeLate(late) }),
    });
    this.registered(identity);
    return identity;
  }

  /** A certificate that came after the agent's error had been told: it was forged, or not the last word. */
  private takeLate(identity: Identity): void {
    this.registered(identity);
    this.alone.stop();
    this.failure = undefined;
    this.follow();
    void this.client.reconnect();
  }

  /** While a node registers or deletes this client; another that wants to waits for its end. */
  private occupied<T>(occupation: "registering" | "deleting", work: () => Promise<T>): Promise<T> {
    return this.turns.run(async () => {
      this.occupation = occupation;
      this.failure = undefined;
      this.follow();
      try {
        return await work();
      } catch (error) {
        if (occupation === "registering") this.failure = notClosed(error);
        throw error;
      } finally {
        this.occupation = undefined;
        this.follow();
      }
    });
  }

  /** Lets requests wait for an identity that is coming, and tells them why one is not. */
  private follow(): void {
    const { current } = this.alone;
    const failure = current?.name === "waiting" ? current.failure : this.failure;
    const gaveUp = current?.name === "waiting" && current.permanent;
    this.client.setRegistration({
      isComing: this.occupation === "registering" || (current !== undefined && !gaveUp),
      ...(failure === undefined ? {} : { failure }),
    });
    this.changed();
  }
}

/** That a node was stopped is no failure of registering. */
function notClosed(error: unknown): IotError | undefined {
  const failure = toIotError(error);
  return failure.name === "Closed" ? undefined : failure;
}
