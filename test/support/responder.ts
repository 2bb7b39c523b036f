/**
 * An agent that is not ours: a real Mosquitto, and behind it a client that answers with what the API document prints,
 * letter by letter. It shares no code with the package.
 */
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { connectAsync, type MqttClient } from "mqtt";
import { Authority } from "./agent/authority";
import { isProbe } from "./agent/probe";
import { Mosquitto } from "./agent/mosquitto";
import { freePort } from "./ports";

const run = promisify(execFile);

export const CLIENT_ID = "6d69c58223fb44a7b76ae61a18faf37c";
export const SENSOR_ID = "d4170d999b9240a5863df622aad9fc4a";
const METRICS = ["94c2c5e193bb437195368c08f0bd86ab", "94c2c5e193bb437195368c08f0bd86ac"];

/** The topics below `/v1.0/CLIENT_ID` on which an answer is published, and the messages; in this order. */
type Answers = readonly (readonly [topic: string, message: string])[];

/** For a request topic below `/v1.0/CLIENT_ID`, what is answered to a message. */
export type Answer = (message: string) => Answers;

const sensor = `/sensor/${SENSOR_ID}`;

/** The document's examples. */
export const DOCUMENT: Readonly<Record<string, Answer>> = {
  "/ping": (message) => [
    [
      "/ping/info/inbox",
      `{\n"answer": ${JSON.stringify((JSON.parse(message) as { request: string }).request)}\n}`,
    ],
  ],
  "/update": () => [["/update/info/inbox", '"Client name was successfully updated."']],
  "/sensor/weather/metric/pushValues": (message) => [
    ["/sensor/weather/info/inbox", '"Sensor was updated."'],
    ["/sensor/weather/livedata", message],
  ],
  "/sensor/create": () => [["/sensor/inbox", `{\n"name": "SensorName",\n"sensorId": "${SENSOR_ID}"\n}`]],
  "/sensor/list": () => [
    [
      "/inventory/inbox",
      `[\n{\n"metrics" : [\n${METRICS.map(
        (id) => `{\n"link" : "/v1.0/${CLIENT_ID}${sensor}/metric/${id}/inventory",\n"metricId" : "${id}"\n}`,
      ).join(",\n")}\n],\n"name" : "unispeed6",\n"sensorId" : "${SENSOR_ID}",\n"store" : true\n}\n]`,
    ],
  ],
  [`${sensor}/update`]: () => [[`${sensor}/update/info/inbox`, '"Sensor was changed."']],
  [`${sensor}/delete`]: () => [[`${sensor}/delete/info/inbox`, '"Sensor was deleted."']],
  [`${sensor}/metric/create`]: (message) => {
    const { metrics } = JSON.parse(message) as { metrics: { matchingId: string }[] };
    const created = metrics.map(
      ({ matchingId }, index) => `{\n"matchingId" : "${matchingId}",\n"metricId" : "${METRICS[index]}"\n}`,
    );
    return [[`${sensor}/metric/inbox`, `[\n${created.join(",\n")}\n]`]];
  },
  [`${sensor}/metric/${METRICS[0]}/inventory`]: () => [
    [
      `${sensor}/metric/${METRICS[0]}/inventory/inbox`,
      `{\n"lastUpdated" : 9223372036854775,\n"metricId" : "${METRICS[0]}",\n"name" : "CPUUsage",\n"value" : 0.0,\n"valueUnit" : "NoSI.Dimensionless.PERCENT"\n}`,
    ],
  ],
  [`${sensor}/metric/update`]: () => [
    [`${sensor}/metric/update/info/inbox`, '"All metrics were successfully modified."'],
  ],
  [`${sensor}/metric/delete`]: () => [
    [`${sensor}/metric/delete/info/inbox`, '"All metrics were successfully deleted."'],
  ],
};

export class Responder {
  /** What is answered to what; tests change it. */
  answers: Record<string, Answer> = { ...DOCUMENT };
  /** The requests that came, `topic message`, oldest first. */
  readonly requests: string[] = [];

  private constructor(
    private readonly authority: Authority,
    private readonly broker: Mosquitto,
    private readonly agent: MqttClient,
    readonly registrationPort: number,
  ) {
    agent.on("message", (topic, payload) => void this.receive(topic, payload));
  }

  static async start(): Promise<Responder> {
    const authority = await Authority.make();
    const registrationPort = await freePort();
    const server = await authority.issue("localhost", { names: "DNS:localhost" });
    const broker = await Mosquitto.start(authority, [
      `listener ${registrationPort} localhost`,
      `certfile ${server.certificateFile}`,
      `keyfile ${server.keyFile}`,
    ]);
    const own = await authority.issue("agent");
    const agent = await connectAsync(`mqtts://localhost:${broker.port}`, {
      ca: authority.certificate,
      cert: own.certificate,
      key: own.key,
    });
    await agent.subscribeAsync("/v1.0/#");
    return new Responder(authority, broker, agent, registrationPort);
  }

  get port(): number {
    return this.broker.port;
  }

  get ca(): string {
    return this.authority.certificateFile;
  }

  /** Publishes below `/v1.0/CLIENT_ID`, asked or not. */
  async publish(topic: string, message: string): Promise<void> {
    await this.agent.publishAsync(`/v1.0/${CLIENT_ID}${topic}`, message);
  }

  async stop(): Promise<void> {
    await this.agent.endAsync(true);
    await this.broker.stop();
    await this.authority.remove();
  }

  private async receive(topic: string, payload: Buffer): Promise<void> {
    if (topic === "/v1.0/createClient") return this.createClient(payload);
    const path = topic.slice(`/v1.0/${CLIENT_ID}`.length);
    const answer = this.answers[path];
    if (answer === undefined) return;
    const message = payload.toString();
    if (!isProbe(message)) this.requests.push(`${path} ${message}`);
    for (const [to, text] of answer(message)) await this.publish(to, text);
  }

  private async createClient(csr: Buffer): Promise<void> {
    const hash = createHash("sha256").update(csr).digest("hex");
    const file = (name: string) => join(this.authority.directory, name);
    await writeFile(file(`${hash}.csr`), csr);
    await run("openssl", [
      ...["x509", "-req", "-in", file(`${hash}.csr`), "-CA", file("ca.crt"), "-CAkey", file("ca.key")],
      ...["-set_serial", "0", "-days", "365", "-subj", `/C=DE/CN=${CLIENT_ID}`, "-out", file(`${hash}.crt`)],
    ]);
    await this.agent.publishAsync(`/certBack/${hash}`, await readFile(file(`${hash}.crt`), "utf8"));
  }
}
