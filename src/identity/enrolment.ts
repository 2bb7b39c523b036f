/** Registering ("Create Client"): a new key, its signing request published, the certificate that comes back checked and kept. */
import { randomBytes } from "node:crypto";
import { IotError } from "../protocol/errors";
import { openSession as openTransport, type Endpoint, type OpenSession } from "../transport/session";
import { checkCertificate } from "./certificate";
import { requestCertificate } from "./certificate-exchange";
import type { FolderIdentity } from "./folder-identity";
import type { Identity } from "./identity";
import { generateKey } from "./key";
import { checkClientName, createSigningRequest } from "./signing-request";

export interface EnrolmentOptions {
  /** The agent's registration port. */
  endpoint: Endpoint;
  clientName: string;
  /** Where the new identity is kept. */
  identity: FolderIdentity;
  /** Register although there is an identity: the sensors of the old one are lost with it. */
  replace?: boolean;
  /** Milliseconds to connect, and again to wait for the answer; 30000 when absent. */
  timeout?: number;
  signal?: AbortSignal;
  openSession?: OpenSession;
}

const TIMEOUT = 30_000;
const KEEPALIVE = 12;

/** Folders for which a registration is running: a second one would make a second client. */
const running = new Set<string>();

export async function enrol(options: EnrolmentOptions): Promise<Identity> {
  checkClientName(options.clientName);
  const { directory } = options.identity;
  if (running.has(directory)) throw new IotError("RegistrationRunning");
  running.add(directory);
  try {
    return await enrolAlone(options);
  } finally {
    running.delete(directory);
  }
}

async function enrolAlone(options: EnrolmentOptions): Promise<Identity> {
  const { endpoint, clientName, identity, signal, timeout = TIMEOUT, openSession = openTransport } = options;
  const existing = options.replace === true ? undefined : await identity.load();
  if (existing !== undefined) {
    throw new IotError("AlreadyRegistered", { details: { clientId: existing.clientId } });
  }
  // A folder that cannot be written must show before the agent makes a client that nobody could use.
  await identity.prepare();
  const key = await generateKey();
  const request = await createSigningRequest(clientName, key);
  if (signal?.aborted) throw new IotError("Closed", { reason: "unsent" });
  const session = await openSession(
    {
      endpoint,
      mqttClientId: `register-${randomBytes(6).toString("hex")}`,
      keepalive: KEEPALIVE,
      connectTimeout: timeout,
    },
    signal,
  );
  try {
    const check = (certificate: string) =>
      checkCertificate(certificate, { key, ca: endpoint.ca, now: new Date() });
    const certificate = await requestCertificate(session, request, { check, timeout, signal });
    return await identity.save({ certificate, key });
  } finally {
    await session.close();
  }
}
