/**
 * What is compared in Node-RED, each on a tab of its own: our nodes, and what a flow author makes of core nodes. These do
 * the least: no time-out, no errors, and what is lost is waited for until the end of days.
 */
import type { BenchClient } from "./agent";

export type Way =
  /** Our push node; of a client whose live data comes back, as a real agent's does, and of one that has none. */
  | "pushLive"
  | "push"
  /** A node that does nothing but hand each message to our client. */
  | "bareClient"
  /** Core MQTT nodes and two functions, wired so that each push gets its own answer; at QoS 0, and at QoS 1. */
  | "core"
  | "coreQos1"
  /** Core nodes that only publish. */
  | "coreUnconfirmed"
  /** A mosquitto_pub for each push. */
  | "exec"
  /** What receives live data: our node, a message each and in one array at a time; the core node. */
  | "liveData"
  | "liveDataArray"
  | "coreLiveData";

type Nodes = object[];

export const FLOWS: Record<Way, (way: Way, client: BenchClient) => Nodes> = {
  push,
  pushLive: push,
  bareClient: (way, client) => [
    ...loop(way, "client"),
    node(way, "client", { type: "bench-client", ...client }, [[way]]),
  ],
  core: (way, client) => confirmed(way, client, "0"),
  coreQos1: (way, client) => confirmed(way, client, "1"),
  coreUnconfirmed: (way, client) => [
    ...loop(way, "write"),
    node(way, "write", code(`return { ${message(client)} };`), [[`${way}.out`]]),
    publisher(way, "0"),
    node(way, "complete", { type: "complete", scope: [`${way}.out`] }, [[way]]),
    ...broker(way, client),
  ],
  exec: (way, client) => [
    ...loop(way, "write"),
    node(way, "write", code(inWords(client)), [[`${way}.exec`]]),
    node(way, "exec", execution(client), [[], [], [way]]),
  ],
  liveData: (way, client) => liveData(way, client, "push"),
  liveDataArray: (way, client) => liveData(way, client, "array"),
  coreLiveData: (way, client) => [
    ...loop(way),
    receiver(way, `${sensorsOf(client)}/+/livedata`, "json", way),
    ...broker(way, client),
  ],
};

const SENSOR = { sensor: "sensor", sensorType: "msg" };
const sensorsOf = ({ clientId }: BenchClient) => `/v1.0/${clientId}/sensor`;
const code = (func: string, initialize = "") => ({
  type: "function",
  outputs: 1,
  libs: [],
  func,
  initialize,
});

function node(way: Way, name: string, properties: object, wires: string[][] = []): object {
  return { id: `${way}.${name}`, z: `${way}.tab`, ...properties, wires };
}

/** What sends, and what all messages come back to. */
function loop(way: Way, to?: string): Nodes {
  return [
    { id: `${way}.tab`, type: "tab", label: way },
    { id: way, z: `${way}.tab`, type: "bench-loop", wires: to === undefined ? [] : [[`${way}.${to}`]] },
  ];
}

/** As many agents as there are clients, each with a push node; one message goes to all of these. */
export function agentsFlow(clients: readonly BenchClient[]): Nodes {
  const way = "agents";
  const nodes = clients.flatMap((client, number) => [
    {
      ...agent("push", client),
      id: `${way}.agent ${number}`,
    },
    {
      id: `${way}.push ${number}`,
      z: `${way}.tab`,
      type: "teamviewer-iot-push",
      agent: `${way}.agent ${number}`,
      ...SENSOR,
      wires: [[way], []],
    },
  ]);
  const pushes = clients.map((_, number) => `${way}.push ${number}`);
  return [
    { id: `${way}.tab`, type: "tab", label: way },
    { id: way, z: `${way}.tab`, type: "bench-loop", wires: [pushes] },
    ...nodes,
  ];
}

function liveData(way: Way, client: BenchClient, output: string): Nodes {
  return [
    ...loop(way),
    node(way, "in", { type: "teamviewer-iot-livedata", agent: `${way}.agent`, output }, [[way]]),
    agent(way, client),
  ];
}

function push(way: Way, client: BenchClient): Nodes {
  return [
    ...loop(way, "push"),
    node(way, "push", { type: "teamviewer-iot-push", agent: `${way}.agent`, ...SENSOR }, [[way], []]),
    agent(way, client),
  ];
}

/** Each sensor has one push in flight, so that its name is all that has to be known of an answer. */
function confirmed(way: Way, client: BenchClient, qos: string): Nodes {
  const write = `
    flow.get("waiting")[msg.sensor] = msg;
    return { ${message(client)} };`;
  const match = `
    const waiting = flow.get("waiting");
    const sensor = msg.topic.split("/")[4];
    const asked = waiting[sensor];
    if (asked === undefined) return;
    delete waiting[sensor];
    asked.payload = msg.payload;
    return asked;`;
  return [
    ...loop(way, "write"),
    node(way, "write", code(write, `flow.set("waiting", {});`), [[`${way}.out`]]),
    publisher(way, qos),
    receiver(way, `${sensorsOf(client)}/+/info/inbox`, "utf8", `${way}.match`),
    node(way, "match", code(match), [[way]]),
    ...broker(way, client),
  ];
}

/** The topic and the payload of a push, in a function node. */
function message(client: BenchClient): string {
  return `
    topic: "${sensorsOf(client)}/" + msg.sensor + "/metric/pushValues",
    payload: JSON.stringify({
      metrics: Object.entries(msg.payload).map(([metricId, value]) => ({ value, metricId })),
      timestamp: Date.now(),
    }),`;
}

/** The same as words of a command. */
function inWords(client: BenchClient): string {
  return `
    const { topic, payload } = { ${message(client)} };
    return { sensor: msg.sensor, payload: "-t " + topic + " -m '" + payload + "'" };`;
}

function execution({ port, caFile, certificateFile, keyFile }: BenchClient): object {
  const files = `--cafile ${caFile} --cert ${certificateFile} --key ${keyFile}`;
  return { type: "exec", command: `mosquitto_pub -h localhost -p ${port} ${files}`, addpay: "payload" };
}

function publisher(way: Way, qos: string): object {
  return node(way, "out", { type: "mqtt out", topic: "", qos, broker: `${way}.broker` });
}

function receiver(way: Way, topic: string, datatype: string, to: string): object {
  return node(way, "in", { type: "mqtt in", topic, qos: "0", datatype, broker: `${way}.broker` }, [[to]]);
}

function agent(way: Way, client: BenchClient): object {
  return {
    id: `${way}.agent`,
    type: "teamviewer-iot-agent",
    host: "localhost",
    port: String(client.port),
    caFile: client.caFile,
    identity: "files",
    certificateFile: client.certificateFile,
    keyFile: client.keyFile,
    requestTimeout: "2",
    // A burst waits here; core nodes keep it without a limit.
    queueCount: "100000",
    queueBytes: "100000000",
  };
}

function broker(way: Way, client: BenchClient): Nodes {
  return [
    {
      id: `${way}.broker`,
      type: "mqtt-broker",
      broker: "localhost",
      port: String(client.port),
      protocolVersion: "4",
      keepalive: "60",
      cleansession: true,
      autoConnect: true,
      usetls: true,
      tls: `${way}.tls`,
    },
    {
      id: `${way}.tls`,
      type: "tls-config",
      cert: client.certificateFile,
      key: client.keyFile,
      ca: client.caFile,
      verifyservercert: true,
    },
  ];
}
