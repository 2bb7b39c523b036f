/**
 * Registering ("Create Client"): a new key, its signing request published, the certificate that comes back checked and
 * kept. The agent cannot take back a client that it has made, so everything that can be checked is checked before it
 * is asked, what came of asking is never thrown away, and only a person can make it ask twice.
 */
import { createHash, randomBytes } from "node:crypto";
import { IotError } from "../protocol/errors";
import { openSession as openTransport, type Endpoint, type OpenSession } from "../transport/session";
import { certificateCheck } from "./certificate";
import { requestCertificate } from "./certificate-exchange";
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
  /** Nobody asked for it: an agent whose certificate was refused is not asked for another one. */
  unattended?: boolean;
  /** Milliseconds to connect, and again to wait for the answer; 30000 when absent. */
  timeout?: number;
  signal?: AbortSignal;
  /** Whoever gives it is told an agent's error after some seconds, and gets here the identity that comes all the same. */
  late?: (identity: Identity) => void;
  /** Milliseconds until that error is told; 5000 when absent. */
  grace?: number;
  openSession?: OpenSession;
}

const TIMEOUT = 30_000;
const KEEPALIVE = 12;

/** Folders for which a registration is running: a second one would make a second client. */
const running = new Set<string>();

/** What was asked for a folder, and has not come to an end. */
interface Asked {
  /** Which agent, and for which name. */
  of: string;
  key: string;
  request: SigningRequest;
  /** It came, and could not be written. */
  certificate?: string;
}

/**
 * Whether the agent has made a client is not known after a time-out: it is asked with the same request again, so that
 * an answer that comes late is still one to our key.
 */
const asked = new Map<string, Asked>();

export async function enrol(options: EnrolmentOptions): Promise<Identity> {
  checkClientName(options.clientName);
  const { directory } = options.identity;
  if (running.has(directory)) throw new IotError("RegistrationRunning");
  running.add(directory);
  try {
    return await enrolAlone(options);
  } finally {
    await options.identity.release();
    running.delete(directory);
  }
}

async function enrolAlone(options: EnrolmentOptions): Promise<Identity> {
  const { endpoint, identity, signal } = options;
  const existing = options.replace === true ? undefined : await identity.load();
  if (existing !== undefined) {
    throw new IotError("AlreadyRegistered", { details: { clientId: existing.clientId } });
  }
  const before = await useRefused(options);
  if (before !== undefined) return before;
  // A folder that cannot be written must show before the agent makes a client that nobody could use.
  await identity.prepare();
  const ask = await whatToAsk(options);
  if (signal?.aborted) throw new IotError("Closed", { reason: "unsent" });
  asked.set(identity.directory, ask);
  ask.certificate ??= await exchange(options, ask);
  const saved = await identity.save({ certificate: ask.certificate, key: ask.key });
  asked.delete(identity.directory);
  await identity.forgetRefused(authorityOf(endpoint));
  return saved;
}

/**
 * A certificate that was refused earlier may be right by now: somebody has given us the CA that belongs to it. One that
 * is refused still, by the same CA, says that this agent has made a client already.
 */
async function useRefused({
  endpoint,
  identity,
  unattended,
}: EnrolmentOptions): Promise<Identity | undefined> {
  for (const { authority, key, certificate: kept } of await identity.refused()) {
    let certificate: string;
    try {
      certificate = String(certificateCheck({ key, ca: endpoint.ca })(kept));
    } catch (error) {
      if (unattended !== true || authority !== authorityOf(endpoint)) continue;
      throw error instanceof IotError ? error : new IotError("CertificateRejected", { reason: "format" });
    }
    const saved = await identity.save({ certificate, key });
    await identity.forgetRefused(authority);
    return saved;
  }
  return undefined;
}

async function whatToAsk({ endpoint, clientName, identity }: EnrolmentOptions): Promise<Asked> {
  const of = JSON.stringify([endpoint.host, endpoint.port, endpoint.ca, clientName]);
  const before = asked.get(identity.directory);
  if (before?.of === of) return before;
  const key = await generateKey();
  return { of, key, request: await createSigningRequest(clientName, key) };
}

async function exchange(options: EnrolmentOptions, ask: Asked): Promise<string> {
  const { key, request } = ask;
  const { endpoint, identity, signal, timeout = TIMEOUT, openSession = openTransport } = options;
  const session = await openSession(
    {
      endpoint,
      mqttClientId: `register-${randomBytes(6).toString("hex")}`,
      keepalive: KEEPALIVE,
      connectTimeout: timeout,
    },
    signal,
  );
  let refused = "";
  let closed: Promise<void> | undefined;
  const check = certificateCheck({ key, ca: endpoint.ca });
  try {
    return await requestCertificate(session, request, {
      check,
      timeout,
      signal,
      refused: (text) => (refused = text),
      grace: options.grace,
      late: options.late && ((certificate) => void takeLate(options, ask, certificate)),
      ended: () => {
        closed = session.close();
      },
    });
  } catch (error) {
    if (!(error instanceof IotError)) throw error;
    const isOver = closed !== undefined;
    // The agent has answered: what is asked next is another question.
    if (isOver && (error.source === "agent" || error.name === "CertificateRejected"))
      asked.delete(identity.directory);
    if (error.name === "CertificateRejected") {
      await identity.keepRefused(authorityOf(endpoint), { key, certificate: refused });
    }
    throw error;
  } finally {
    await closed;
  }
}

/** The error that was told before was not the agent's, or not its last word. An attempt that runs hears the same by itself. */
async function takeLate(options: EnrolmentOptions, ask: Asked, certificate: string): Promise<void> {
  const { directory } = options.identity;
  ask.certificate = certificate;
  if (running.has(directory) || asked.get(directory) !== ask) return;
  try {
    options.late?.(await enrol(options));
  } catch {
    // It could not be written, or there is an identity by now: the next attempt tells it, and has the certificate.
  }
}

/** Each agent has an authority of its own, whatever name or port it is reached at. */
function authorityOf({ ca }: Endpoint): string {
  return createHash("sha256").update(ca).digest("hex").slice(0, 16);
}
