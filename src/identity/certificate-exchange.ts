/** A signing request for a certificate ("Create Client", steps 2 and 3): the exchange on an open session. */
import { readError } from "../protocol/answers";
import { IotError } from "../protocol/errors";
import { MAX_PAYLOAD_BYTES } from "../protocol/limits";
import { OPERATIONS } from "../protocol/operations";
import { buildFilter, buildTopic } from "../protocol/topics";
import type { Session } from "../transport/session";
import type { SigningRequest } from "./signing-request";

export interface ExchangeOptions {
  /** Throws when a certificate is not to be believed. */
  check: (certificate: string) => unknown;
  /** Milliseconds. */
  timeout: number;
  signal?: AbortSignal | undefined;
}

/**
 * Publishes the request and waits for a certificate that passes `check`. Anybody may publish on the answer's
 * topic, so one that does not pass ends nothing: it is only told when no right one came in time.
 */
export async function requestCertificate(
  session: Session,
  { csr, hash }: SigningRequest,
  { check, timeout, signal }: ExchangeOptions,
): Promise<string> {
  const operation = OPERATIONS.createClient;
  const answerTopics = operation.answers.map((pattern) => buildFilter(pattern, { hash }));
  const errorTopics = operation.errors.map((pattern) => buildFilter(pattern, { hash }));
  let sent = false;
  const closed = () => new IotError("Closed", { reason: sent ? "sent" : "unsent" });
  if (signal?.aborted) throw closed();
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
    void session.closed.then((error) => reject(lostAnswer(error) ?? closed()));
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

/** Nobody connects again for a registration by itself, as the sentence of a lost session says. */
function lostAnswer(error: IotError | undefined): IotError | undefined {
  if (error?.name !== "ConnectionLost") return error;
  const { details, cause } = error;
  return new IotError("ConnectionLost", { reason: "request", operation: "createClient", details, cause });
}
