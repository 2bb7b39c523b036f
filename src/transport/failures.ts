/**
 * What a failed connection is called: Node's, OpenSSL's and MQTT's codes → the names of `CLIENT_ERRORS`.
 * The rows are what was measured of real servers (fault 8, faults 24 to 28), not what the standards say.
 */
import { IotError, type ClientErrorName, type ErrorDetails } from "../protocol/errors";

/** Where an attempt, or a session, stood when it failed: one code can mean different things. */
export interface Circumstances {
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

/** The first row that fits decides. */
const CODES: readonly Row[] = [
  [/^(ENOTFOUND|EAI_\w+)$/, "HostNotFound"],
  [/^(EHOSTUNREACH|ENETUNREACH|ENETDOWN|EHOSTDOWN|EADDRNOTAVAIL|EACCES|EPERM)$/, "HostUnreachable"],
  [/^ECONNREFUSED$/, "ConnectionRefused"],
  [/^(ETIMEDOUT|connect timeout)$/, "ConnectTimeout"],

  [/^ERR_TLS_CERT_ALTNAME_(INVALID|FORMAT)$/, "ServerNameMismatch"],
  [/^CERT_HAS_EXPIRED$/, "ServerCertificateExpired"],
  [/^CERT_NOT_YET_VALID$/, "ServerCertificateNotYetValid"],
  [
    /^(UNABLE_TO_\w+|DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|CERT_\w+|INVALID_CA|INVALID_PURPOSE|PATH_LENGTH_EXCEEDED|ERR_SSL_CERTIFICATE_VERIFY_FAILED)$/,
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

  // Thrown by `tls.connect` before anything is sent.
  [/KEY_VALUES_MISMATCH$|KEY_TYPE_MISMATCH$/, "KeyMismatch"],
  [/^ERR_OSSL_X509_\w+$/, "CertificateUnreadable", "format"],
  [/^ERR_OSSL_\w+$|^ERR_CRYPTO_\w+$/, "KeyUnreadable", "format"],
  [/^ERR_(SSL|TLS)_\w+$|^EPROTO$/, "TlsFailed"],
];

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
  const details: Record<string, string | number> = {
    host: endpoint.host,
    port: endpoint.port,
    code: String(code ?? messageOf(error)),
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
  return error.details.code !== CLOSED_BY_PEER && error.details.code !== "ECONNRESET";
}

function nameOf(
  code: string | number | undefined,
  message: string,
  { answered, secured, established, withCredentials }: Circumstances,
): readonly [ClientErrorName, string?] {
  if (typeof code === "number" && !established) return CONNACK[code] ?? ["BrokerRefused", "protocol"];
  if (message === "Keepalive timeout") return ["AgentSilent"];
  if (code === "ECONNRESET" && !answered) return ["NotTls"];
  // Servers that send no alert hang up on a client certificate: in TLS 1.2 within the handshake, in 1.3 after it.
  if ((code === CLOSED_BY_PEER && !established) || (code === "ECONNRESET" && !secured)) {
    return [withCredentials ? "ClientCertificateRefused" : "ClientCertificateMissing"];
  }
  // A TLS 1.2 server has no other alert for a certificate that was not sent.
  if (!withCredentials && code === "ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE")
    return ["ClientCertificateMissing"];
  const row = typeof code === "string" ? CODES.find(([pattern]) => pattern.test(code)) : undefined;
  if (row === undefined || (established && row[1] === "ConnectTimeout")) return lost();
  return [row[1], row[2]];
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

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : "";
}

/** The names that a server's certificate is for, from the error of `tls.checkServerIdentity`. */
function namesOf(error: unknown): string {
  const { cert } = error as { cert?: { subjectaltname?: string; subject?: { CN?: string | string[] } } };
  return cert?.subjectaltname ?? String(cert?.subject?.CN ?? "?");
}
