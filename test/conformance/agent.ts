/** The simulator as anybody starts it, a process of its own, and Mosquitto's and OpenSSL's commands to talk to it. */
import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { DOCUMENT, REGISTRATION } from "./examples";

const CLI = resolve("src/simulator/cli.ts");
/** Seconds in which a command that waits gives up. */
const PATIENCE = 30;

export class Agent {
  readonly directory = mkdtempSync(join(tmpdir(), "conformance-"));
  readonly data = join(this.directory, "agent");
  port = 0;
  registrationPort = 0;
  ca = "";
  readonly errors: string[] = [];
  private process: ChildProcess | undefined;

  constructor(private readonly broker: string) {}

  async start(...options: string[]): Promise<void> {
    const ports = ["--port", String(this.port), "--registration-port", String(this.registrationPort)];
    const args = ["--directory", this.data, ...ports, "--broker", this.broker, ...options];
    const child = spawn(process.execPath, ["--import", "tsx", CLI, ...args]);
    this.process = child;
    createInterface({ input: child.stderr }).on("line", (line) => this.errors.push(line));
    const ready = await new Promise<string>((done, failed) => {
      createInterface({ input: child.stdout }).on("line", done);
      child.once("exit", (code) => failed(new Error(`it ended with ${code}: ${this.errors.join("\n")}`)));
    });
    const { port, registrationPort, ca } = JSON.parse(ready.replace(/^ready /, "")) as Agent;
    Object.assign(this, { port, registrationPort, ca });
  }

  /** Ends it with a signal; gives the exit code. */
  async stop(signal: NodeJS.Signals = "SIGTERM"): Promise<number | null> {
    const child = this.process;
    if (child === undefined || child.exitCode !== null) return child?.exitCode ?? null;
    child.removeAllListeners("exit");
    const ended = new Promise<number | null>((done) => child.once("exit", done));
    child.kill(signal);
    return ended;
  }

  async dispose(): Promise<void> {
    await this.stop();
    rmSync(this.directory, { recursive: true, force: true });
  }

  /** Switches faults by the control file, and waits until they are in force by what the agent answers. */
  setFaults(faults: Record<string, unknown>): void {
    const aside = join(this.data, "faults.json.new");
    writeFileSync(aside, JSON.stringify(faults));
    renameSync(aside, join(this.data, "faults.json"));
  }
}

/** A registered client: a folder with clientCert.crt and privkey.pem, and the IDs that stand for the document's. */
export class Client {
  readonly directory: string;
  clientId = "";
  /** What stands in place of what the document prints. */
  readonly substitutes: [string, string][];

  constructor(
    readonly agent: Agent,
    /** Options for all Mosquitto commands, like the protocol version. */
    private readonly options = "",
  ) {
    this.directory = mkdtempSync(join(agent.directory, "client-"));
    this.substitutes = [
      [DOCUMENT.caFile, agent.ca],
      [`-p ${DOCUMENT.port}`, `-p ${agent.port}`],
      [`-p ${DOCUMENT.registrationPort}`, `-p ${agent.registrationPort}`],
    ];
  }

  /** "Create Client", with the document's command lines. */
  async register(): Promise<void> {
    // The questions that OpenSSL asks: country, state, locality, organization, unit, name, e-mail, …
    const answers = "DE\nSome-State\n\nInternet Widgits Pty Ltd\n\nconformance\n\n\n\n";
    await this.run(REGISTRATION.request, answers);
    const hash = (await this.run(REGISTRATION.hash)).trim().split("= ")[1] ?? "";
    this.substitutes.push([DOCUMENT.hash, hash]);
    const certificate = await this.ask(REGISTRATION.publish, REGISTRATION.subscribe);
    writeFileSync(join(this.directory, "clientCert.crt"), certificate);
    this.clientId = await this.run(REGISTRATION.clientId);
    this.substitutes.push([DOCUMENT.clientId, this.clientId]);
  }

  /** Runs a command line of the document with what stands in place of the printed IDs, ports and paths. */
  run(line: string, input = ""): Promise<string> {
    const child = this.spawn(this.substitute(line));
    child.stdin.on("error", () => undefined); // A command that reads nothing can have ended before.
    child.stdin.end(input);
    return output(child, line);
  }

  /** The first message that a subscription of the document receives after a publication of the document. */
  async ask(publish: string, subscribe: string): Promise<string> {
    const subscription = await this.subscribe(this.substitute(subscribe), `-C 1 -W ${PATIENCE}`);
    await this.run(publish);
    return subscription.end();
  }

  /** Everything that comes on a filter, until it is closed. */
  async listen(filter: string): Promise<Listener> {
    const line = `mosquitto_sub ${this.login()} -t '${filter}' -F '%t\\t%p'`;
    return new Listener(await this.subscribe(line, ""));
  }

  async publish(topic: string, message: string): Promise<void> {
    const child = this.spawn(`mosquitto_pub ${this.login()} -t '${topic}' -s`);
    child.stdin.end(message);
    await output(child, `publish to ${topic}`);
  }

  /** One message a line. */
  async publishLines(topic: string, messages: string[]): Promise<void> {
    const child = this.spawn(`mosquitto_pub ${this.login()} -t '${topic}' -l`);
    child.stdin.end(messages.map((message) => `${message}\n`).join(""));
    await output(child, `publish to ${topic}`);
  }

  /** Options to connect with this client's certificate. */
  login(): string {
    const { port, ca } = this.agent;
    return `-h localhost -p ${port} --cert clientCert.crt --key privkey.pem --cafile ${ca}`;
  }

  substitute(text: string): string {
    return this.substitutes.reduce((result, [from, to]) => result.replaceAll(from, to), text);
  }

  spawn(line: string) {
    const command = line.replace(/^(mosquitto_(?:pub|sub))/, `$1 ${this.options}`);
    const child = spawn("sh", ["-c", command], { cwd: this.directory });
    // A command that has ended already needs no input.
    child.stdin.on("error", () => undefined);
    return child;
  }

  /** Resolves when the broker has confirmed the subscription: -d says so. */
  private async subscribe(line: string, options: string): Promise<Subscription> {
    const child = this.spawn(`exec stdbuf -oL ${line} ${this.options} ${options} -d`);
    const subscription = new Subscription(child);
    await subscription.ready;
    return subscription;
  }
}

type Spawned = ReturnType<Client["spawn"]>;

class Subscription {
  readonly lines: string[] = [];
  readonly ready: Promise<void>;
  private readonly ended: Promise<void>;
  onLine: () => void = () => undefined;

  constructor(readonly child: Spawned) {
    let problem = "";
    child.stderr.on("data", (chunk) => (problem += String(chunk)));
    this.ended = new Promise((done) => child.once("close", () => done()));
    this.ready = new Promise((done, failed) => {
      createInterface({ input: child.stdout }).on("line", (line) => {
        if (line.startsWith("Subscribed (mid: ")) done();
        // What -d says besides the messages.
        else if (!/^Client \S+ (sending|received) /.test(line)) this.lines.push(line);
        this.onLine();
      });
      void this.ended.then(() => failed(new Error(`mosquitto_sub ended: ${problem}`)));
    });
    this.ready.catch(() => undefined);
  }

  /** Waits for the command to end, and gives what it printed. */
  async end(): Promise<string> {
    await this.ended;
    return `${this.lines.join("\n")}\n`;
  }
}

export interface Heard {
  topic: string;
  payload: string;
}

/** Collects messages, to be waited for. */
export class Listener {
  private readonly messages: Heard[] = [];
  private readonly byTopic = new Map<string, string[]>();
  private read = 0;

  constructor(private readonly subscription: Subscription) {}

  /** Every message so far, in the order of its coming. */
  get heard(): readonly Heard[] {
    for (const line of this.subscription.lines.slice(this.read)) {
      const tab = line.indexOf("\t");
      // What the command itself has to say, about a connection that ends.
      if (tab < 0) continue;
      const message = { topic: line.slice(0, tab), payload: line.slice(tab + 1) };
      this.messages.push(message);
      const payloads = this.byTopic.get(message.topic);
      if (payloads === undefined) this.byTopic.set(message.topic, [message.payload]);
      else payloads.push(message.payload);
    }
    this.read = this.subscription.lines.length;
    return this.messages;
  }

  /** The message number `count` (from 1) on a topic; rejects when it does not come. */
  async wait(topic: string, count = 1): Promise<string> {
    const find = () => (this.heard.length > 0 ? this.byTopic.get(topic)?.[count - 1] : undefined);
    return new Promise((done, failed) => {
      const deadline = setTimeout(
        () => failed(new Error(`no ${count}. message on ${topic}; the last ones: ${this.last()}`)),
        PATIENCE * 1000,
      );
      const look = () => {
        const found = find();
        if (found === undefined) return;
        clearTimeout(deadline);
        done(found);
      };
      this.subscription.onLine = look;
      look();
    });
  }

  private last(): string {
    return this.heard
      .slice(-5)
      .map(({ topic, payload }) => `${topic} ${payload}`)
      .join(", ");
  }

  /** Resolves when the broker has ended the connection. */
  ended(): Promise<string> {
    return this.subscription.end();
  }

  async close(): Promise<void> {
    this.subscription.child.kill();
    await this.subscription.end();
  }
}

/** What a command prints; rejects with what it complains about. */
function output(child: Spawned, name: string): Promise<string> {
  let text = "";
  let problem = "";
  child.stdout.on("data", (chunk) => (text += String(chunk)));
  child.stderr.on("data", (chunk) => (problem += String(chunk)));
  return new Promise((done, failed) => {
    child.once("close", (code) => {
      if (code === 0) done(text);
      else failed(new Error(`${name} ended with ${code}: ${problem}`));
    });
  });
}
