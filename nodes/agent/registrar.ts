/** The identity of one agent node: made and deleted by its register and client nodes, or made by itself where that is wanted. */
import type { AgentClient } from "../../src/client/agent-client";
import { enrol } from "../../src/identity/enrolment";
import type { Identity } from "../../src/identity/identity";
import { IotError, toIotError } from "../../src/protocol/errors";
import { Turns } from "../../src/time/turns";
import type { Configuration } from "./settings";

export class Registrar {
  private readonly turns = new Turns();

  constructor(
    private readonly configuration: Configuration,
    private readonly client: AgentClient,
    private readonly registered: (identity: Identity) => void,
  ) {}

  /** Registers, and connects with the new identity. */
  register(clientName: string, options: { replace: boolean; signal: AbortSignal }): Promise<Identity> {
    return this.occupied("registering", async () => {
      const identity = await this.enrol(clientName, options);
      await this.client.useIdentity();
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
      await folder?.setAside();
      await this.client.reconnect();
      return identity.clientId;
    });
  }

  /** The identity is exchanged for another one, and connected with that where there was or should be a connection. */
  exchange(exchange: () => Promise<Identity>): Promise<Identity> {
    return this.turns.run(async () => {
      const isWanted = this.client.state.name !== "disconnected";
      await this.client.disconnect();
      try {
        const identity = await exchange();
        this.registered(identity);
        return identity;
      } finally {
        if (isWanted) this.client.connect();
      }
    });
  }

  /** Without anybody asking. */
  registerAlone(signal: AbortSignal): Promise<Identity> {
    return this.enrol(this.configuration.clientName, { replace: false, unattended: true, signal });
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
    this.client.noteRegistration({ failure: undefined });
    void this.client.useIdentity();
  }

  /** While a node registers or deletes this client; another that wants to waits for its end. */
  private occupied<T>(occupation: "registering" | "deleting", work: () => Promise<T>): Promise<T> {
    return this.turns.run(async () => {
      let failure: IotError | undefined;
      this.client.noteRegistration({ occupation, failure });
      try {
        return await work();
      } catch (error) {
        if (occupation === "registering") failure = notClosed(error);
        throw error;
      } finally {
        this.client.noteRegistration({ occupation: undefined, failure });
      }
    });
  }
}

/** That a node was stopped is no failure of registering. */
function notClosed(error: unknown): IotError | undefined {
  const failure = toIotError(error);
  return failure.name === "Closed" ? undefined : failure;
}
