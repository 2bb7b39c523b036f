/** What an error says of the request that ended with it. */
import assert from "node:assert/strict";
import { agentError, CLIENT_ERRORS, IotError, type ClientErrorName } from "../../src/protocol/errors";
import { CLIENT_ID_PATTERN } from "../../src/protocol/limits";

const named = (holds: (error: IotError) => boolean): string[] =>
  Object.keys(CLIENT_ERRORS).filter((name) => holds(new IotError(name as ClientErrorName)));

describe("An error", () => {
  it("says of which request the agent cannot have known: it was never sent", () => {
    assert.deepEqual(
      named(({ isUnsent }) => isUnsent),
      ["NotConnected", "NotRegistered", "QueueFull", "QueueExpired", "QueueDropped", "Disconnected"],
    );
    assert.equal(agentError(15, "").isUnsent, false);
  });

  it("says where the agent's broker does not know the client", () => {
    assert.deepEqual(
      named(({ isClientUnknown }) => isClientUnknown),
      [
        ...["ClientCertificateMissing", "ClientCertificateNotTrusted", "ClientCertificateRevoked"],
        ...["ClientCertificateRefused", "BrokerRefused", "SubscriptionRefused"],
      ],
    );
  });

  it("is the agent's where it has the agent's number, and else ours", () => {
    assert.equal(agentError(1, "").source, "agent");
    assert.equal(new IotError("ReplyTimeout").source, "client");
    // The name is in both lists; the number decides.
    assert.equal(agentError(99, "").name, "UnknownError");
    assert.equal(agentError(99, "").retryable, false);
  });

  it("keeps its cause, and tells its reason by the key of its sentence", () => {
    const cause = new Error("why");
    const error = new IotError("NotRegistered", { reason: "never", cause });
    assert.deepEqual([error.cause, error.reason, error.textKey], [cause, "never", "NotRegistered.never"]);
    assert.equal(new IotError("BadReply").textKey, "BadReply");
  });

  it("has its key for a sentence where there is none: that is a mistake of ours, and no reason to fail", () => {
    for (const reason of ["none", "none.at.all"])
      assert.equal(new IotError("NotRegistered", { reason }).message, `NotRegistered.${reason}`);
    assert.equal(new IotError("InvalidInput").message, "InvalidInput");
  });
});

describe("A client ID", () => {
  it("has up to 64 letters and digits, and nothing before or behind them", () => {
    for (const good of ["a", "6d69c58223fb44a7b76ae61a18faf37c", "x".repeat(64)])
      assert.match(good, CLIENT_ID_PATTERN);
    for (const bad of ["", "x".repeat(65), "a b", "a/", "/a", "+", "ü"])
      assert.doesNotMatch(bad, CLIENT_ID_PATTERN);
  });
});
