/** An agent that runs here: a broker, an authority and the model of the agent behind them. */
import { createHash, randomBytes } from "node:crypto";
import { EventEmitter } from "node:events";
import { isIP } from "node:net";
import { resolve } from "node:path";
import { IotError } from "../protocol/errors";
import { invalid } from "../protocol/input";
import { cleanText } from "../protocol/text";
import { Turns } from "../time/turns";
import { handleRequest, refuseByFault, type Answer, type Handled } from "./agent";
import { Authority, readClientRequest } from "./authority";
import {
  addressesOf,
  CERTIFICATE_TOPICS,
  OLDER_REGISTRATION_TOPIC,
  REGISTRATION_TOPICS,
  type Broker,
  type BrokerOptions,
} from "./broker";
import { hasControls } from "./controls";
import { ControlFile } from "./control-file";
import { Delivery } from "./delivery";
import { EmbeddedBroker } from "./embedded-broker";
import { checkFaults, NO_FAULTS, type Faults } from "./faults";
import { openFolder } from "./files";
import { Model, type ModelCounts } from "./model";
import { MosquittoBroker } from "./mosquitto-broker";
import { Refusal, writeError } from "./refusal";
import { StateFile } from "./state-file";

export { FAULTS, NO_FAULTS, readFault, type Faults } from "./faults";

export type BrokerName = "embedded" | "mosquitto";

export interface SimulatorOptions {
  /** Authority, state and control file are kept here. */
  directory: string;
  host?: string;
  /** For registered clients; 0: any free port. */
  port?: number;
  /** For registering; 0: any free port. */
  registrationPort?: number;
  broker?: BrokerName;
  faults?: Partial<Faults>;
  /** Milliseconds that a connection may be silent before its CONNECT (10,000); Mosquitto has 90 s of its own. */
  patience?: number;
}

/** A request that the agent received, and what it answers, before faults change that. */
export interface SimulatorRequest {
  time: number;
  clientId?: string;
  topic: string;
  payload: string;
  operation?: string;
  answers: Answer[];
}

interface SimulatorCounts extends ModelCounts {
  requests: number;
  values: number;
}

interface SimulatorEvents {
  request: [SimulatorRequest];
  /** Something failed while the simulator ran: the control file, the disk. It goes on. */
  problem: [Error];
  /** The broker ended by itself; the simulator is of no use any more. */
  ended: [Error];
  /** Faults were changed. */
  faults: [Faults];
}

const BROKERS: Record<BrokerName, new (options: BrokerOptions) => Broker> = {
  embedded: EmbeddedBroker,
  mosquitto: MosquittoBroker,
};

/** The real agent's certificate is valid for "localhost"; addresses are for whoever has no name service. */
const SERVER_NAMES = ["localhost", "127.0.0.1", "::1"];
const ANY_ADDRESS: ReadonlySet<string> = new Set(["0.0.0.0", "::"]);

export type { Simulator };

class Simulator extends EventEmitter<SimulatorEvents> {
  /** The name or address that it listens on. */
  readonly host: string;
  readonly faults: Faults;
  private readonly startFaults: Faults;
  private readonly delivery: Delivery;
  private readonly state: StateFile;
  private readonly control: ControlFile;
  private readonly broker: Broker;
  private requests = 0;
  private values = 0;
  private stopping: Promise<void> | undefined;
  /** Opening and closing the broker, one after the other. */
  private readonly switching = new Turns();
  private open = false;
  private exposure: readonly string[] = [];
  /** Problems of the time before anybody listened. */
  private untold: Error[] = [];

  constructor(
    options: SimulatorOptions,
    private readonly authority: Authority,
    private readonly model: Model,
  ) {
    super();
    const { directory, host = "localhost", port = 0, registrationPort = 0, broker = "embedded" } = options;
    this.host = host;
    this.startFaults = { ...NO_FAULTS, ...checkFaults(options.faults ?? {}) };
    this.faults = { ...this.startFaults };
    const problem = (error: Error) => {
      if (!this.emit("problem", error)) this.untold.push(error);
    };
    (this as unknown as EventEmitter).on("newListener", (event: string) => {
      if (event === "problem") setImmediate(() => this.untold.splice(0).forEach(problem));
    });
    this.state = new StateFile(directory, () => model.toState(), problem);
    this.control = new ControlFile(
      directory,
      (faults) => this.setFaults({ ...this.startFaults, ...faults }),
      problem,
    );
    this.broker = new BROKERS[broker]({
      directory,
      host,
      port,
      registrationPort,
      authority,
      serverNames: serverNames(host),
      patience: options.patience,
      hasClient: (clientId) => model.hasClient(clientId),
      revoked: () => model.revoked,
      onRequest: (topic, payload) => void this.receive(topic, payload).catch(problem),
      onFailure: (error) => void this.emit("ended", error),
    });
    this.delivery = new Delivery({
      faults: this.faults,
      send: ({ topic, payload }) => this.broker.publish(topic, payload),
    });
  }

  get port(): number {
    return this.broker.port;
  }

  get registrationPort(): number {
    return this.broker.registrationPort;
  }

  /** The path of the authority's certificate. */
  get ca(): string {
    return this.authority.file;
  }

  /** The addresses, other than loopback, on which others can reach it; empty: only this machine. */
  get exposed(): readonly string[] {
    return this.exposure;
  }

  get counts(): SimulatorCounts {
    return { ...this.model.counts, requests: this.requests, values: this.values };
  }

  async start(): Promise<void> {
    try {
      this.exposure = (await addressesOf(this.host)).filter((address) => !isLoopback(address));
      await this.state.flush();
      await this.openBroker();
      await this.control.open();
    } catch (error) {
      await this.stop().catch(() => undefined);
      throw error;
    }
  }

  /** Changes the faults that are named, or throws `InvalidInput` that names the one that is wrong. */
  setFaults(faults: Partial<Faults>): void {
    Object.assign(this.faults, checkFaults(faults));
    this.emit("faults", this.faults);
    if (this.open !== !this.faults.stopped) {
      this.switchBroker().catch((error: Error) => this.emit("problem", error));
    }
  }

  stop(): Promise<void> {
    this.stopping ??= this.stopAll();
    return this.stopping;
  }

  private async stopAll(): Promise<void> {
    this.control.close();
    this.delivery.close();
    await this.switching.ended();
    await this.broker.close();
    await this.state.flush();
  }

  private async openBroker(): Promise<void> {
    await this.broker.open();
    this.open = true;
    if (this.faults.stopped) await this.switchBroker();
  }

  /** Brings the broker to what the fault "stopped" says, also when that changes meanwhile. */
  private switchBroker(): Promise<void> {
    return this.switching.run(async () => {
      const wanted = !this.faults.stopped;
      if (this.stopping !== undefined || this.open === wanted) return;
      this.open = wanted;
      if (wanted) await this.broker.open();
      else {
        this.delivery.close();
        await this.broker.close();
      }
    });
  }

  private async receive(topic: string, payload: Buffer): Promise<void> {
    const time = Date.now();
    this.requests++;
    const handled = REGISTRATION_TOPICS.includes(topic)
      ? await this.register(topic, payload)
      : handleRequest(this.model, topic, payload, this.faults);
    const { clientId, operation, reads, answers, values, deletedClient } = handled;
    this.values += values;
    if (operation !== undefined && !reads) this.state.changed();
    if (this.listenerCount("request") > 0) {
      const text = payload.toString("utf8");
      this.emit("request", { time, clientId, topic, payload: text, operation, answers });
    }
    this.delivery.deliver(answers);
    if (deletedClient !== undefined) {
      await this.state.flush();
      await this.broker.shutOut(deletedClient);
    }
  }

  /** "Create Client": the certificate goes out when the client is safely on disk. */
  private async register(topic: string, payload: Buffer): Promise<Handled> {
    const topics = digestsOf(payload).map((digest) => CERTIFICATE_TOPICS + digest);
    const handled: Handled = { operation: "createClient", answers: [], values: 0 };
    try {
      refuseByFault({ backend: true }, {}, this.faults);
      const { request, name } = readClientRequest(payload);
      const { clientId, serial } = this.model.createClient(name, topic === OLDER_REGISTRATION_TOPIC);
      handled.clientId = clientId;
      const { certificateSeconds } = this.faults;
      const certificate = await this.authority.signClient(request, clientId, serial, certificateSeconds);
      await this.state.flush();
      handled.answers = topics.map((answer) => ({ topic: answer, payload: certificate }));
    } catch (error) {
      const refusal = error instanceof Refusal ? error : new Refusal(3, `Internal Error. ${String(error)}`);
      handled.answers = topics.map((answer) => ({ topic: `${answer}/error`, payload: writeError(refusal) }));
    }
    return handled;
  }
}

export async function startSimulator(options: SimulatorOptions): Promise<Simulator> {
  try {
    checkOptions(options);
    const directory = resolve(options.directory);
    await openFolder(directory);
    const state = await StateFile.load(directory);
    const authority = await Authority.open(directory);
    const newId = () => randomBytes(16).toString("hex");
    const model = new Model({ now: Date.now, newId }, state);
    const simulator = new Simulator({ ...options, directory }, authority, model);
    await simulator.start();
    return simulator;
  } catch (cause) {
    if (cause instanceof IotError) throw cause;
    const message = cleanText(cause instanceof Error ? cause.message : String(cause));
    throw new IotError("SimulatorFailed", { reason: "start", details: { message }, cause });
  }
}

/** What goes into a configuration or a log is looked at before anything is made. */
function checkOptions({
  directory,
  host = "localhost",
  port = 0,
  registrationPort = 0,
}: SimulatorOptions): void {
  for (const [field, text] of Object.entries({ directory, host })) {
    if (text.trim() === "") throw invalid("missing", field);
    if (hasControls(field === "directory" ? resolve(text) : text))
      throw invalid("value", field, text, { allowed: "words.noControls" });
  }
  for (const [field, number] of Object.entries({ port, registrationPort })) {
    if (!Number.isInteger(number) || number < 0 || number > 65_535) {
      throw invalid("range", field, number, { allowed: "words.anyPort" });
    }
  }
}

const isLoopback = (address: string) => /^(?:127\.|::1$|::ffff:127\.)/.test(address);

/**
 * The hashes of a signing request. A shell's `-m "$(cat csr.pem)"` takes the last newline away, so where none came the
 * hash of the file with one is another.
 */
function digestsOf(payload: Buffer): string[] {
  const forms =
    payload.at(-1) === NEWLINE ? [payload] : [payload, Buffer.concat([payload, Buffer.of(NEWLINE)])];
  return forms.map((form) => createHash("sha256").update(form).digest("hex"));
}

const NEWLINE = 0x0a;

function serverNames(host: string): string[] {
  const own = ANY_ADDRESS.has(host) ? [] : [isIP(host) === 6 ? host.toLowerCase() : host];
  return [...new Set([...SERVER_NAMES, ...own])];
}
