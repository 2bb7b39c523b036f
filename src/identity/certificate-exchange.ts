/** A signing request for a certificate ("Create Client", steps 2 and 3): the exchange on an open session. */
import { readError } from "../protocol/answers";
import { IotError } from "../protocol/errors";
import { MAX_PEM_BYTES } from "../protocol/limits";
import { OPERATIONS } from "../protocol/operations";
import { buildFilter, buildTopic } from "../protocol/topics";
import type { Session } from "../transport/session";
import { isForOurKey, type CertificateCheck } from "./certificate";
import type { SigningRequest } from "./signing-request";

export interface ExchangeOptions {
  check: CertificateCheck;
  /** Gets the text of the certificate that the error at the end speaks of. */
  refused?: (text: string) => void;
  /** Milliseconds. */
  timeout: number;
  /** Whoever gives it is told an agent's error soon, and gets here a certificate that comes after it all the same. */
  late?: ((certificate: string) => void) | undefined;
  /** Milliseconds until then; 5000 when absent. */
  grace?: number | undefined;
  /** Called once: nothing is listened for any more. */
  ended?: () => void;
  signal?: AbortSignal | undefined;
}

/** Bytes of an agent's error that is read. */
const MAX_ERROR_BYTES = 4096;
/** Milliseconds after an agent's error at which it is believed enough to be told: an agent signs within a second. */
const GRACE_MS = 5000;

/**
 * Publishes the request and waits for a certificate that passes `check`. Anybody may publish on the answer's topics,
 * so nothing else ends the wait, not even an error: what else came is only told when no right certificate came in
 * time. An agent's error is told before that to who takes a late certificate: most are genuine, and a person waits. Each
 * message costs little and leaves nothing behind.
 */
export async function requestCertificate(
  session: Session,
  { csr, hash }: SigningRequest,
  { check, timeout, signal, refused, late, grace = GRACE_MS, ended }: ExchangeOptions,
): Promise<string> {
  const operation = OPERATIONS.createClient;
  const answerTopics = operation.answers.map((pattern) => buildFilter(pattern, { hash }));
  const errorTopics = operation.errors.map((pattern) => buildFilter(pattern, { hash }));
  let sent = false;
  let isRejected = false;
  const closed = () => new IotError("Closed", { reason: sent ? "sent" : "unsent" });
  const done = new AbortController();
  done.signal.addEventListener("abort", () => ended?.());

  const answer = new Promise<string>((resolve, reject) => {
    let patience: NodeJS.Timeout | undefined;
    let worst = new IotError("ReplyTimeout", { details: { seconds: timeout / 1000 } });
    const note = (error: IotError, text: string) => {
      if (weightOf(error) <= weightOf(worst)) return;
      error.operation = "createClient";
      worst = error;
      refused?.(text);
      if (late === undefined || error.source !== "agent") return;
      patience ??= setTimeout(() => {
        isRejected = true;
        reject(worst);
      }, grace);
    };
    session.onMessage = (topic, payload) => {
      if (errorTopics.includes(topic) && payload.length <= MAX_ERROR_BYTES) {
        note(readError(payload.toString()), "");
      } else if (answerTopics.includes(topic) && payload.length <= MAX_PEM_BYTES) {
        const text = payload.toString();
        try {
          operation.read(text);
          const certificate = String(check(text));
          done.abort();
          if (isRejected) late?.(certificate);
          else resolve(certificate);
        } catch (error) {
          note(asRefusal(error), text);
        }
      }
    };
    const end = (error: IotError) => {
      done.abort();
      reject(error);
    };
    const timer = setTimeout(() => end(worst), timeout);
    // That the agent has made a client is worth more than how the wait ended.
    const breakOff = (error: IotError) => end(isForOurKey(worst) ? worst : error);
    done.signal.addEventListener("abort", () => {
      clearTimeout(timer);
      clearTimeout(patience);
      session.onMessage = () => undefined;
    });
    if (signal?.aborted) return breakOff(closed());
    signal?.addEventListener("abort", () => breakOff(closed()), { signal: done.signal });
    void session.closed.then((error) => breakOff(lostAnswer(error) ?? closed()));
  });
  if (done.signal.aborted) return answer;
  try {
    // The agent answers at once, and only to who listens already.
    await Promise.race([session.subscribe([...answerTopics, ...errorTopics]), answer]);
    sent = true;
    session.publish(buildTopic(operation.publish, { hash }), operation.write({ csr }));
    return await answer;
  } finally {
    if (!isRejected) done.abort();
  }
}

function asRefusal(error: unknown): IotError {
  return error instanceof IotError ? error : new IotError("CertificateRejected", { reason: "format" });
}

/** Of all that came, what says most of why there is no certificate; of equals, the first. */
function weightOf(error: IotError): number {
  if (isForOurKey(error)) return 4;
  if (error.source === "agent") return 3;
  return ["ReplyTimeout", "BadReply", "CertificateRejected"].indexOf(error.name);
}

/** A registration does not reconnect by itself, as the sentence of a lost session would say. */
function lostAnswer(error: IotError | undefined): IotError | undefined {
  if (error?.name !== "ConnectionLost") return error;
  const { details, cause } = error;
  return new IotError("ConnectionLost", { reason: "request", operation: "createClient", details, cause });
}
