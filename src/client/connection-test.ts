/**
 * Tries a connection step by step and says of each step what was seen, so that somebody who sets one up knows where it
 * ends: are the files there → is the host known → does something listen → is it the agent → does it know us → does it
 * answer. Nothing is changed on either side, and what runs beside it is not disturbed.
 */
import { randomBytes, randomUUID } from "node:crypto";
import { lookup } from "node:dns/promises";
import { connect as connectTcp, isIP, type Socket } from "node:net";
import { connect as connectTls, type PeerCertificate } from "node:tls";
import type { Identity, IdentitySource } from "../identity/identity";
import { readPing } from "../protocol/answers";
import { IotError } from "../protocol/errors";
import { cleanText } from "../protocol/text";
import { classifyFailure, CLOSED_BY_PEER, CONNECT_TIMEOUT } from "../transport/failures";
import {
  isUnverified,
  openSession,
  tlsOptions,
  type Endpoint,
  type Session,
  type SessionOptions,
} from "../transport/session";
import { answerFilters, ROUTES, topicsOf } from "./requests/routes";

export const STEPS = ["settings", "name", "network", "encryption", "identity", "answer"] as const;
export type StepName = (typeof STEPS)[number];

/** What was seen in a step, for a person to read; times are ISO texts. */
interface StepFacts {
  /** `name`: the addresses that the host's name stands for. */
  addresses?: string[];
  port?: number;
  /** `settings`: the authority's name. */
  authority?: string;
  /** `encryption`: the version of TLS, and the server's certificate. */
  protocol?: string;
  certificate?: CertificateFacts;
  /** `identity`: who we are to the agent; absent where we are not registered yet. */
  clientId?: string;
  validTo?: string;
  fingerprint?: string;
}

interface CertificateFacts {
  subject: string;
  issuer: string;
  /** The host names and addresses that it is for. */
  names: string;
  validFrom: string;
  validTo: string;
}

/** A step begins, or has ended. */
export type TestEvent =
  | { step: StepName; outcome: "begun" }
  | { step: StepName; outcome: "passed" | "skipped"; milliseconds: number; facts: StepFacts }
  | { step: StepName; outcome: "failed"; milliseconds: number; facts: StepFacts; error: IotError };

export interface TestSubject {
  /** The port for registered clients. Rejects where the CA cannot be read. */
  endpoint: () => Promise<Endpoint>;
  /** The port for registering. */
  registration: () => Promise<Endpoint>;
  identity: IdentitySource;
  /** Milliseconds for each step. */
  patience: number;
}

/** Goes step by step, and ends with the first that fails. A client that is not registered yet ends well with `identity`. */
export async function* testConnection(subject: TestSubject, signal: AbortSignal): AsyncGenerator<TestEvent> {
  const walk = new Walk(subject, signal);
  try {
    for (const step of STEPS) {
      if (walk.isOver) return;
      yield { step, outcome: "begun" };
      const begun = performance.now();
      const facts: StepFacts = {};
      try {
        const outcome = (await walk[step](facts)) ?? "passed";
        yield { step, outcome, milliseconds: performance.now() - begun, facts };
      } catch (thrown) {
        const error = await walk.explain(step, thrown);
        yield { step, outcome: "failed", milliseconds: performance.now() - begun, facts, error };
        return;
      }
    }
  } finally {
    await walk.end();
  }
}

/** What the steps hand on to each other; each is a method of its step's name. */
class Walk implements Record<StepName, (facts: StepFacts) => Promise<"skipped" | void>> {
  /** Nothing is left to try. */
  isOver = false;
  private server!: Endpoint;
  private who: Identity | undefined;
  private session: Session | undefined;

  constructor(
    private readonly subject: TestSubject,
    private readonly signal: AbortSignal,
  ) {}

  /** Of who is not registered yet, the port matters at which that can be done. */
  async settings(facts: StepFacts): Promise<void> {
    this.who = await this.subject.identity.load();
    this.server = await (this.who === undefined ? this.subject.registration() : this.subject.endpoint());
    facts.port = this.server.port;
  }

  async name(facts: StepFacts): Promise<"skipped" | void> {
    const { host } = this.server;
    if (isIP(host) !== 0) return "skipped";
    const found = await within(this.subject.patience, lookup(host, { all: true }));
    facts.addresses = [...new Set(found.map(({ address }) => address))];
  }

  async network(facts: StepFacts): Promise<void> {
    facts.port = this.server.port;
    const socket = await within(this.subject.patience, reach(this.server));
    socket.destroy();
  }

  async encryption(facts: StepFacts): Promise<void> {
    const { patience } = this.subject;
    const below = await within(patience, reach(this.server));
    try {
      await within(patience, secure(below, this.server, this.who, facts));
    } finally {
      below.destroy();
    }
  }

  async identity(facts: StepFacts): Promise<void> {
    const { who, server } = this;
    if (who === undefined) {
      this.session = await this.open(server);
      this.isOver = true;
      return;
    }
    facts.clientId = who.clientId;
    facts.validTo = who.validTo.toISOString();
    facts.fingerprint = who.fingerprint;
    this.session = await this.open(server, who);
    await this.session.subscribe(answerFilters(who.clientId));
  }

  async answer(): Promise<void> {
    const { session, who } = this;
    if (session === undefined || who === undefined) return;
    const text = `connection test ${randomUUID()}`;
    const topics = topicsOf(ROUTES.ping, { clientId: who.clientId });
    const answered = new Promise<void>((resolve, reject) => {
      session.onMessage = (topic, payload) => {
        if (topics.answers.includes(topic) && isAnswer(payload, text)) resolve();
      };
      void session.closed.then((failure) => reject(failure ?? new IotError("Closed", { reason: "sent" })));
    });
    session.publish(topics.publish, ROUTES.ping.operation.write({ request: text }));
    const seconds = this.subject.patience / 1000;
    await within(this.subject.patience, answered).catch((error: unknown) => {
      throw isTimeout(error)
        ? new IotError("ReplyTimeout", { operation: "ping", details: { seconds } })
        : error;
    });
  }

  /** The error that a person can do most with: ports that were swapped look like many other things. */
  async explain(step: StepName, thrown: unknown): Promise<IotError> {
    const error =
      thrown instanceof IotError
        ? thrown
        : classifyFailure(thrown, this.server, { seconds: this.subject.patience / 1000 });
    const isAboutPort = step === "encryption" || step === "identity" || step === "answer";
    if (!isAboutPort || this.signal.aborted) return error;
    return (await this.swappedPorts().catch(() => undefined)) ?? error;
  }

  async end(): Promise<void> {
    await this.session?.close();
  }

  /** The port for registered clients lets in somebody without a certificate, or the other one does not. */
  private async swappedPorts(): Promise<IotError | undefined> {
    const endpoint = await this.subject.endpoint();
    const registration = await this.subject.registration();
    const [atEndpoint, atRegistration] = await Promise.all(
      [endpoint, registration].map((port) => this.letsInAnybody(port)),
    );
    if (!atEndpoint || atRegistration === true) return undefined;
    const { host, port } = endpoint;
    return new IotError("PortsSwapped", { details: { host, port, registrationPort: registration.port } });
  }

  private async letsInAnybody(endpoint: Endpoint): Promise<boolean> {
    try {
      await (await this.open(endpoint)).close();
      return true;
    } catch {
      return false;
    }
  }

  private open(endpoint: Endpoint, who?: Identity): Promise<Session> {
    const options: SessionOptions = {
      endpoint,
      ...credentialsOf(who),
      // A name of its own, so that no other connection is ended by it.
      mqttClientId: `test-${randomBytes(8).toString("hex")}`,
      keepalive: 10,
      connectTimeout: this.subject.patience,
    };
    return openSession(options, this.signal);
  }
}

function reach({ host, port }: Endpoint): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connectTcp({ host, port });
    // It stays for good: an error may come twice.
    socket.on("error", reject);
    socket.once("connect", () => resolve(socket));
  });
}

function secure(
  below: Socket,
  endpoint: Endpoint,
  who: Identity | undefined,
  facts: StepFacts,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const withCredentials = who !== undefined;
    const socket = connectTls({ ...tlsOptions({ endpoint, ...credentialsOf(who) }), socket: below });
    const fail = (error: unknown): void =>
      reject(
        classifyFailure(error, endpoint, {
          withCredentials,
          answered: below.bytesRead > 0,
          unverified: isUnverified(socket),
        }),
      );
    socket.on("error", fail);
    socket.on("close", () => fail({ code: CLOSED_BY_PEER }));
    // Before Node.js judges it: of a server that is refused, too, the person wants to see the certificate.
    socket.prependListener("secure", () => {
      const certificate = socket.getPeerCertificate();
      if (certificate.subject !== undefined) facts.certificate = describe(certificate);
      facts.protocol = socket.getProtocol() ?? "";
    });
    socket.once("secureConnect", () => resolve());
  });
}

function credentialsOf(who: Identity | undefined): Pick<SessionOptions, "credentials"> {
  return who === undefined ? {} : { credentials: { certificate: who.certificate, key: who.key } };
}

/** Whoever answers has written it, and nothing of it is verified: each text may be anything, each date may be none. */
function describe(certificate: PeerCertificate): CertificateFacts {
  const { subject, issuer, subjectaltname, valid_from, valid_to } = certificate;
  const name = cleanText(String(subject?.CN ?? ""));
  return {
    subject: name,
    issuer: cleanText(String(issuer?.CN ?? "")),
    names: subjectaltname === undefined ? name : cleanText(subjectaltname),
    validFrom: dateOf(valid_from),
    validTo: dateOf(valid_to),
  };
}

/** As an ISO text; "" of what is no date. */
function dateOf(text: string): string {
  const date = new Date(text);
  return Number.isNaN(date.getTime()) ? "" : date.toISOString();
}

function isAnswer(payload: Buffer, text: string): boolean {
  try {
    return readPing(payload.toString()).answer === text;
  } catch {
    return false;
  }
}

const isTimeout = (error: unknown): boolean =>
  (error as { code?: unknown } | undefined)?.code === CONNECT_TIMEOUT;

async function within<T>(milliseconds: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(Object.assign(new Error(CONNECT_TIMEOUT), { code: CONNECT_TIMEOUT })),
      milliseconds,
    );
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}
