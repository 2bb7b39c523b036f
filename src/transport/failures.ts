/**
 * What a failed connection is called: Node's, OpenSSL's and MQTT's codes → the names of `CLIENT_ERRORS`.
 * The rows are what was measured of real servers (fault 8, faults 24 to 28), not what the standards say.
 */
import { IotError, type ClientErrorName } from "../protocol/errors";
import type { ErrorDetails } from "../protocol/words";

/** Where an attempt, or a session, stood when it failed: one code can mean different things. */
export interface Circumstances {
  /** Nothing had been sent: what was to be sent, or to be trusted, was wrong already. */
  local?: boolean;
  /** OpenSSL, or the name, spoke against the server's certificate. */
  unverified?: boolean;
  /** The TLS handshake had ended, with a server that was verified. */
  secured?: boolean;
  /** The server had answered something: it is not a port that only hangs up. */
  answered?: boolean;
  /** CONNACK had come: this was a session. */
  established?: boolean;
  /** A client certificate was offered. */
  withCredentials?: boolean;
  mqttClientId?: string;
  /** How long was waited, for the errors that are about time. */
  seconds?: number;
}

/** The code of a connection that the peer ended without saying why. */
export const CLOSED_BY_PEER = "words.closed";
export const CONNECT_TIMEOUT = "connect timeout";

type Row = readonly [pattern: RegExp, name: ClientErrorName, reason?: string];

/**
 * The first row that fits decides. Where none does, the circumstances say what kind of failure it is, and OpenSSL's own
 * reason says the rest: Node.js has no code for many of them (fault 56).
 */
const CODES: readonly Row[] = [
  [/^(ENOTFOUND|EAI_\w+)$/, "HostNotFound"],
  [/^(EHOSTUNREACH|ENETUNREACH|ENETDOWN|EHOSTDOWN|EADDRNOTAVAIL|EACCES|EPERM)$/, "HostUnreachable"],
  [/^ECONNREFUSED$/, "ConnectionRefused"],
  [/^(ETIMEDOUT|connect timeout)$/, "ConnectTimeout"],

  [/^ERR_TLS_CERT_ALTNAME_(INVALID|FORMAT)$/, "ServerNameMismatch"],
  [/^CERT_HAS_EXPIRED$/, "ServerCertificateExpired"],
  [/^CERT_NOT_YET_VALID$/, "ServerCertificateNotYetValid"],
  [
    /^(UNABLE_TO_\w+|DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|CERT_SIGNATURE_FAILURE|CERT_UNTRUSTED)$/,
    "ServerNotTrusted",
  ],

  // Alerts: what the server says of us. In TLS 1.3 they arrive after the handshake has ended here.
  [/ALERT_CERTIFICATE_REQUIRED$/, "ClientCertificateMissing"],
  // A decrypt error: an authority of the right name, but with another key.
  [/ALERT_(UNKNOWN_CA|DECRYPT_ERROR)$/, "ClientCertificateNotTrusted"],
  [/ALERT_CERTIFICATE_EXPIRED$/, "ClientCertificateExpired"],
  [/ALERT_CERTIFICATE_REVOKED$/, "ClientCertificateRevoked"],
  [
    /ALERT_(BAD_CERTIFICATE|UNSUPPORTED_CERTIFICATE|CERTIFICATE_UNKNOWN|ACCESS_DENIED)$/,
    "ClientCertificateRefused",
  ],
  [
    /ALERT_PROTOCOL_VERSION$|^ERR_SSL_(UNSUPPORTED_PROTOCOL|VERSION_TOO_LOW|NO_PROTOCOLS_AVAILABLE)$/,
    "TlsVersion",
  ],
  [
    /^ERR_SSL_(WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|HTTP_REQUEST|UNKNOWN_PROTOCOL|RECORD_LAYER_FAILURE)$/,
    "NotTls",
  ],
];

/** The same for what OpenSSL says of our own certificate and key, before anything is sent. */
const LOCAL_CODES: readonly Row[] = [
  [/KEY_VALUES_MISMATCH$|KEY_TYPE_MISMATCH$/, "KeyMismatch"],
  [/^ERR_OSSL_X509_\w+$/, "CertificateUnreadable", "format"],
  [/^ERR_OSSL_\w+$|^ERR_CRYPTO_\w+$/, "KeyUnreadable", "format"],
  // It can be read, and is too weak, or not for this.
  [/^/, "CertificateUnreadable", "refused"],
];

/** The peer, or what lies between, has ended the connection without a word of why. */
const WITHOUT_A_WORD: ReadonlySet<unknown> = new Set([CLOSED_BY_PEER, "ECONNRESET", "EPIPE"]);
/** What the operating system says, in place of OpenSSL or Node.js. */
const SYSTEM_CODE = /^E(?!PROTO$)[A-Z0-9]+$/;

/** CONNACK return codes (MQTT 3.1, section 3.2). */
const CONNACK: Readonly<Record<number, readonly [ClientErrorName, string?]>> = {
  1: ["BrokerRefused", "protocol"],
  2: ["BrokerRefused", "identifier"],
  3: ["BrokerUnavailable"],
  4: ["BrokerRefused", "credentials"],
  5: ["BrokerRefused", "credentials"],
};

/** Names a failure. `endpoint` is where the connection went, or should have gone. */
export function classifyFailure(
  error: unknown,
  endpoint: { host: string; port: number },
  circumstances: Circumstances = {},
): IotError {
  if (error instanceof IotError) return error;
  const code = codeOf(error);
  const [name, reason] = nameOf(code, messageOf(error), circumstances);
  const why = reasonOf(error, circumstances) ?? String(code ?? messageOf(error));
  const details: Record<string, string | number> = {
    host: endpoint.host,
    port: endpoint.port,
    code: String(code ?? messageOf(error)),
    ...(TELLS_WHY.has(reason === undefined ? name : `${name}.${reason}`) ? { why } : {}),
    seconds: circumstances.seconds ?? 0,
    value: circumstances.mqttClientId ?? "",
    ...(name === "ServerNameMismatch" ? { names: namesOf(error) } : {}),
    ...(name === "KeyUnreadable" || name === "CertificateUnreadable" ? { path: "PEM" } : {}),
  };
  return failure(name, reason, details);
}

/**
 * Whether a failure can only mean what its name says. A reset before TLS also comes of an agent that is
 * being restarted, and so does an end before CONNACK: only when they are repeated are they what they seem.
 */
export function isCertain(error: IotError): boolean {
  return !WITHOUT_A_WORD.has(error.details.code);
}

function nameOf(
  code: string | number | undefined,
  message: string,
  { local, unverified, answered, secured, established, withCredentials }: Circumstances,
): readonly [ClientErrorName, string?] {
  if (local) return rowOf(LOCAL_CODES, code) ?? ["TlsFailed"];
  if (message === "Keepalive timeout") return ["AgentSilent"];
  if (established) return lost();
  if (typeof code === "number") return CONNACK[code] ?? ["BrokerRefused", "protocol"];
  if (WITHOUT_A_WORD.has(code)) return silentEnd(code, { answered, secured, withCredentials });
  // A TLS 1.2 server has no other alert for a certificate that was not sent.
  if (!withCredentials && code === "ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE")
    return ["ClientCertificateMissing"];
  const row = rowOf(CODES, code);
  if (row !== undefined) return row;
  if (unverified) return ["ServerCertificateRefused"];
  if (code === undefined || SYSTEM_CODE.test(code)) return lost();
  // What comes after the handshake and is not OpenSSL's is no failure of it.
  return secured && !code.startsWith("ERR_") ? lost() : ["TlsFailed"];
}

/**
 * One that has not even begun TLS has no room, is about to start or to stop, or is no TLS server: it is not known which.
 * Servers that send no alert hang up on a client certificate: in TLS 1.2 within the handshake, in 1.3 after it.
 */
function silentEnd(
  code: unknown,
  { answered, secured, withCredentials }: Circumstances,
): readonly [ClientErrorName, string?] {
  if (!answered && !secured) return ["ClosedAtOnce"];
  if (secured && code !== CLOSED_BY_PEER) return lost();
  return [withCredentials ? "ClientCertificateRefused" : "ClientCertificateMissing"];
}

function rowOf(
  rows: readonly Row[],
  code: string | number | undefined,
): readonly [ClientErrorName, string?] | undefined {
  const row = rows.find(([pattern]) => pattern.test(String(code)));
  return row && [row[1], row[2]];
}

function lost(): readonly [ClientErrorName, string] {
  return ["ConnectionLost", "session"];
}

function failure(name: ClientErrorName, reason: string | undefined, details: ErrorDetails): IotError {
  // No `cause`: OpenSSL's errors can carry what they choked on, and this one goes to logs.
  return new IotError(name, reason === undefined ? { details } : { reason, details });
}

function codeOf(error: unknown): string | number | undefined {
  const code: unknown =
    typeof error === "object" && error !== null && "code" in error ? error.code : undefined;
  return typeof code === "string" || typeof code === "number" ? code : undefined;
}

/** The sentences that have a blank for OpenSSL's reason. */
const TELLS_WHY: ReadonlySet<string> = new Set([
  "ServerCertificateRefused",
  "TlsFailed",
  "CertificateUnreadable.refused",
]);

/** OpenSSL's own reason: its other words can carry what it choked on. */
function reasonOf(error: unknown, { unverified }: Circumstances): string | undefined {
  const { reason, message } = error as { reason?: unknown; message?: unknown };
  if (typeof reason === "string") return reason;
  return unverified && typeof message === "string" ? message : undefined;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : "";
}

/** The names that a server's certificate is for, from the error of `tls.checkServerIdentity`. */
function namesOf(error: unknown): string {
  const { cert } = error as { cert?: { subjectaltname?: string; subject?: { CN?: string | string[] } } };
  return cert?.subjectaltname ?? String(cert?.subject?.CN ?? "?");
}
