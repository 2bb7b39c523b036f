import assert from "node:assert/strict";
import { IotError } from "../../src/protocol/errors";
import { classifyFailure, isCertain, type Circumstances } from "../../src/transport/failures";

const ENDPOINT = { host: "agent.local", port: 18884 };
const SECURED: Circumstances = { secured: true, withCredentials: true };
const LOCAL: Circumstances = { local: true, withCredentials: true };
const ESTABLISHED: Circumstances = { ...SECURED, established: true };

const ROWS: [code: string | number, name: string, circumstances?: Circumstances][] = [
  ["ENOTFOUND", "HostNotFound"],
  ["EAI_AGAIN", "HostNotFound"],
  ["EHOSTUNREACH", "HostUnreachable"],
  ["ENETUNREACH", "HostUnreachable"],
  ["ECONNREFUSED", "ConnectionRefused"],
  ["ETIMEDOUT", "ConnectTimeout"],
  ["connect timeout", "ConnectTimeout"],
  ["ECONNRESET", "ClosedAtOnce"],
  ["EPIPE", "ClosedAtOnce"],
  ["words.closed", "ClosedAtOnce", { withCredentials: true }],
  ["ECONNRESET", "ConnectionLost", { ...SECURED, answered: true }],
  ["ECONNRESET", "ClientCertificateRefused", { answered: true, withCredentials: true }],
  ["EPIPE", "ConnectionLost", ESTABLISHED],
  ["ETIMEDOUT", "ConnectionLost", ESTABLISHED],
  ["words.closed", "ConnectionLost", ESTABLISHED],
  ["words.closed", "ClientCertificateRefused", SECURED],
  ["words.closed", "ClientCertificateMissing", { secured: true, withCredentials: false }],
  ["SELF_SIGNED_CERT_IN_CHAIN", "ServerNotTrusted"],
  ["DEPTH_ZERO_SELF_SIGNED_CERT", "ServerNotTrusted"],
  ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", "ServerNotTrusted"],
  ["UNABLE_TO_GET_ISSUER_CERT_LOCALLY", "ServerNotTrusted"],
  ["CERT_SIGNATURE_FAILURE", "ServerNotTrusted"],
  ["ERR_TLS_CERT_ALTNAME_INVALID", "ServerNameMismatch"],
  ["CERT_HAS_EXPIRED", "ServerCertificateExpired"],
  ["CERT_NOT_YET_VALID", "ServerCertificateNotYetValid"],
  ["ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED", "ClientCertificateMissing", SECURED],
  ["ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE", "ClientCertificateMissing", { withCredentials: false }],
  ["ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE", "TlsFailed", { withCredentials: true }],
  ["ERR_SSL_TLSV1_ALERT_UNKNOWN_CA", "ClientCertificateNotTrusted", SECURED],
  ["ERR_SSL_TLSV1_ALERT_DECRYPT_ERROR", "ClientCertificateNotTrusted", SECURED],
  ["ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED", "ClientCertificateExpired", SECURED],
  ["ERR_SSL_SSLV3_ALERT_CERTIFICATE_REVOKED", "ClientCertificateRevoked", SECURED],
  ["ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE", "ClientCertificateRefused", SECURED],
  ["ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION", "TlsVersion"],
  ["ERR_SSL_UNSUPPORTED_PROTOCOL", "TlsVersion"],
  ["ERR_SSL_WRONG_VERSION_NUMBER", "NotTls"],
  ["ERR_SSL_PACKET_LENGTH_TOO_LONG", "NotTls"],
  ["ERR_OSSL_X509_KEY_VALUES_MISMATCH", "KeyMismatch", LOCAL],
  ["ERR_OSSL_UNSUPPORTED", "KeyUnreadable", LOCAL],
  ["ERR_OSSL_BAD_DECRYPT", "KeyUnreadable", LOCAL],
  ["ERR_SSL_CA_MD_TOO_WEAK", "CertificateUnreadable", LOCAL],
  ["ERR_SSL_EE_KEY_TOO_SMALL", "CertificateUnreadable", LOCAL],
  ["ERR_OSSL_EVP_UNSUPPORTED", "TlsFailed", { answered: true }],
  ["ERR_SSL_NO_SHARED_CIPHER", "TlsFailed"],
  ["EPROTO", "TlsFailed"],
  ["UNSPECIFIED", "ServerCertificateRefused", { answered: true, unverified: true }],
  ["INVALID_PURPOSE", "ServerCertificateRefused", { answered: true, unverified: true }],
  ["CODE_OF_THE_FUTURE", "ServerCertificateRefused", { answered: true, unverified: true }],
  ["CODE_OF_THE_FUTURE", "TlsFailed", { answered: true }],
  ["CODE_OF_THE_FUTURE", "ConnectionLost", ESTABLISHED],
  [1, "BrokerRefused", SECURED],
  [2, "BrokerRefused", SECURED],
  [3, "BrokerUnavailable", SECURED],
  [4, "BrokerRefused", SECURED],
  [5, "BrokerRefused", SECURED],
];

describe("failures of a connection", () => {
  for (const [code, name, circumstances] of ROWS) {
    const where = circumstances === undefined ? "" : ` (${Object.keys(circumstances).join(", ")})`;
    it(`calls ${code} ${name}${where}`, () => {
      const error = classifyFailure(Object.assign(new Error("x"), { code }), ENDPOINT, circumstances);
      assert.equal(error.name, name);
      assert.doesNotMatch(error.message, /__|^[A-Z]\w+(\.\w+)?$/, "its sentence is complete");
    });
  }

  it("knows a silent peer by what mqtt.js says of it", () => {
    const error = classifyFailure(new Error("Keepalive timeout"), ENDPOINT, { ...ESTABLISHED, seconds: 18 });
    assert.equal(error.name, "AgentSilent");
    assert.match(error.message, /silent for 18 s/);
  });

  it("names the names that the server's certificate is for", () => {
    const cert = { subjectaltname: "DNS:other.local", subject: { CN: "x" } };
    const error = classifyFailure({ code: "ERR_TLS_CERT_ALTNAME_INVALID", cert }, ENDPOINT);
    assert.match(error.message, /DNS:other\.local/);
  });

  it("says OpenSSL's own reason where there is no better sentence (fault 56)", () => {
    const verifying = Object.assign(new Error("CA signature digest algorithm too weak"), {
      code: "UNSPECIFIED",
    });
    const refused = classifyFailure(verifying, ENDPOINT, { answered: true, unverified: true });
    assert.match(refused.message, /not accepted: CA signature digest algorithm too weak/);
    const alert = Object.assign(new Error("C0:error:0A000410:SSL routines:ssl3_read_bytes:…"), {
      code: "ERR_SSL_TLSV1_ALERT_INSUFFICIENT_SECURITY",
      reason: "tlsv1 alert insufficient security",
    });
    const failed = classifyFailure(alert, ENDPOINT, { answered: true });
    assert.match(failed.message, /failed: tlsv1 alert insufficient security \(ERR_SSL_TLSV1_\w+\)/);
  });

  it("passes on what is classified already", () => {
    const error = new IotError("CaMissing", { reason: "unset" });
    assert.equal(classifyFailure(error, ENDPOINT), error);
  });

  it("is not certain of what a restarting agent can cause, too", () => {
    assert.equal(isCertain(classifyFailure({ code: "ECONNRESET" }, ENDPOINT)), false);
    assert.equal(isCertain(classifyFailure({ code: "words.closed" }, ENDPOINT, SECURED)), false);
    assert.equal(isCertain(classifyFailure({ code: "ERR_SSL_WRONG_VERSION_NUMBER" }, ENDPOINT)), true);
  });
});
