/** Registering ("Create Client"): a new key, its signing request published, the certificate that comes back checked and kept. */
import { randomBytes } from "node:crypto";
import { IotError } from "../protocol/errors";
import { readError } from "../protocol/answers";
import { MAX_PAYLOAD_BYTES } from "../protocol/limits";
import { OPERATIONS } from "../protocol/operations";
import { buildFilter, buildTopic } from "../protocol/topics";
import {
  openSession as openTransport,
  type Endpoint,
  type OpenSession,
  type Session,
} from "../transport/session";
import { checkCertificate } from "./certificate";
import type { FolderIdentity } from "./folder-identity";
import type { Identity } from "./identity";
import { generateKey } from "./key";
import { checkClientName, createSigningRequest, type SigningRequest } from "./signing-request";

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
  const request = createSigningRequest(clientName, key);
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
    const certificate = await askForCertificate(session, request, check, timeout, signal);
    return await identity.save({ certificate, key });
  } finally {
    await session.close();
  }
}

/**
 * Publishes the request and waits for a certificate that passes `check`. Anybody may publish on the answer's
 * topic, so one that does not pass ends nothing: it is only told when no right one came in time.
 */
async function askForCertificate(
  session: Session,
  { csr, hash }: SigningRequest,
  check: (certificate: string) => void,
  timeout: number,
  signal?: AbortSignal,
): Promise<string> {
  const operation = OPERATIONS.createClient;
  const answerTopics = operation.answers.map((pattern) => buildFilter(pattern, { hash }));
  const errorTopics = operation.errors.map((pattern) => buildFilter(pattern, { hash }));
  let sent = false;
  const closed = () => new IotError("Closed", { reason: sent ? "sent" : "unsent" });
  const done = new AbortController();

  const answer = new Promise<string>((resolve, reject) => {
    let refused = new IotError("ReplyTimeout", { details: { seconds: timeout / 1000 } });
    session.onMessage = (topic, payload) => {
      if (payload.length > MAX_PAYLOAD_BYTES) return;
      if (errorTopics.includes(topic)) {
        const error = readError(payload.toString());
        error.operation = "createClient";
        if (error.source === "agent") reject(error);
        else refused = error;
      } else if (answerTopics.includes(topic)) {
        try {
          const certificate = operation.read(payload.toString());
          check(certificate);
          resolve(certificate);
        } catch (error) {
          refused =
            error instanceof IotError ? error : new IotError("CertificateRejected", { reason: "format" });
        }
      }
    };
    const timer = setTimeout(() => reject(refused), timeout);
    done.signal.addEventListener("abort", () => clearTimeout(timer));
    signal?.addEventListener("abort", () => reject(closed()), { signal: done.signal });
    void session.closed.then((error) => reject(error ?? closed()));
  });
  try {
    // The agent answers at once, and only to who listens already.
    await Promise.race([session.subscribe([...answerTopics, ...errorTopics]), answer]);
    sent = true;
    session.publish(buildTopic(operation.publish, { hash }), operation.write({ csr }));
    return await answer;
  } finally {
    done.abort();
  }
}
