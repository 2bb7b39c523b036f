/** Clients of a simulator for its tests: mqtt.js, and a signing request that node-forge made. */
import { createHash, generateKeyPairSync } from "node:crypto";
import { readFileSync } from "node:fs";
import { connect as connectMqtt, type IClientOptions, type MqttClient } from "mqtt";
import forge from "node-forge";
import type { Simulator } from "../../src/simulator";

const { publicKey, privateKey } = generateKeyPairSync("rsa", {
  modulusLength: 2048,
  publicKeyEncoding: { type: "spki", format: "pem" },
  privateKeyEncoding: { type: "pkcs1", format: "pem" },
});
const request = forge.pki.createCertificationRequest();
request.publicKey = forge.pki.publicKeyFromPem(publicKey);
request.setSubject([{ name: "commonName", value: "test" }]);
request.sign(forge.pki.privateKeyFromPem(privateKey), forge.md.sha256.create());
const CSR = forge.pki.certificationRequestToPem(request);

export interface Registered {
  certificate: string;
  /** "/v1.0/<client ID>" */
  own: string;
}

/** A session on the client port with a certificate, on the registration port without. */
export async function connect(
  { port, registrationPort, ca }: Simulator,
  certificate: string | undefined,
  options: IClientOptions = {},
): Promise<MqttClient> {
  const client = connectMqtt({
    protocol: "mqtts",
    host: "localhost",
    port: certificate === undefined ? registrationPort : port,
    ca: readFileSync(ca),
    cert: certificate,
    key: certificate && privateKey,
    reconnectPeriod: 0,
    connectTimeout: 10_000,
    ...options,
  });
  client.on("error", () => undefined);
  await new Promise<void>((resolve, reject) => {
    client.once("connect", () => resolve());
    client.once("close", () => reject(new Error("the connection was closed")));
  });
  return client;
}

export const nextMessage = (client: MqttClient) =>
  new Promise<[topic: string, payload: string]>((resolve) => {
    client.once("message", (topic, payload) => resolve([topic, payload.toString()]));
  });

export async function register(simulator: Simulator): Promise<Registered> {
  const applicant = await connect(simulator, undefined);
  await applicant.subscribeAsync(`/certBack/${createHash("sha256").update(CSR).digest("hex")}`);
  const answer = nextMessage(applicant);
  applicant.publish("/v1.0/createClient", CSR);
  const [, certificate] = await answer;
  await applicant.endAsync(true);
  const { value } = forge.pki.certificateFromPem(certificate).subject.getField("CN") as { value: string };
  return { certificate, own: `/v1.0/${value}` };
}

/** Asks for a ping, and resolves with its answer. */
export async function ping(client: MqttClient, own: string): Promise<string> {
  await client.subscribeAsync(`${own}/ping/info/inbox`);
  const answer = nextMessage(client);
  client.publish(`${own}/ping`, '{"request":"x"}');
  return (await answer)[1];
}
