import assert from "node:assert/strict";
import { AutoRegistration } from "../../../nodes/agent/auto-registration";
import { IotError } from "../../../src/protocol/errors";

describe("Registering by itself", () => {
  /** A registration whose attempts the test ends. */
  function registration() {
    const attempts: { succeed(): void; fail(error: IotError): void }[] = [];
    const states: (string | undefined)[] = [];
    const it = new AutoRegistration(
      () => new Promise<void>((succeed, fail) => attempts.push({ succeed, fail })),
      () => states.push(it.current?.name),
    );
    const settled = () => new Promise((resolve) => setImmediate(resolve));
    return { it, attempts, states, settled };
  }

  it("ends when it has succeeded", async () => {
    const { it, attempts, states, settled } = registration();
    it.start();
    it.start();
    assert.equal(attempts.length, 1);
    attempts[0]!.succeed();
    await settled();
    assert.deepEqual(states, ["registering", undefined]);
  });

  it("waits and tries again when it has failed, and at once when it is told to", async () => {
    const { it, attempts, settled } = registration();
    it.start();
    attempts[0]!.fail(new IotError("ConnectionRefused"));
    await settled();
    assert.ok(it.current?.name === "waiting" && !it.current.permanent);
    assert.equal(it.current.failure.name, "ConnectionRefused");
    it.start();
    assert.equal(attempts.length, 2);
    it.stop();
  });

  it("waits for minutes when trying again will hardly help", async () => {
    const { it, attempts, settled } = registration();
    const before = Date.now();
    it.start();
    attempts[0]!.fail(new IotError("ServerNotTrusted"));
    await settled();
    assert.ok(it.current?.name === "waiting" && it.current.permanent);
    assert.ok(it.current.retryAt - before >= 300_000);
    it.stop();
  });

  it("is content with an identity that somebody else has made", async () => {
    const { it, attempts, settled } = registration();
    it.start();
    attempts[0]!.fail(new IotError("AlreadyRegistered"));
    await settled();
    assert.equal(it.current, undefined);
  });

  it("is broken off when it is stopped, and an attempt after that is another one", () => {
    const signals: AbortSignal[] = [];
    const it = new AutoRegistration(
      (signal) => {
        signals.push(signal);
        return new Promise(() => undefined);
      },
      () => undefined,
    );
    it.start();
    it.stop();
    it.start();
    assert.deepEqual(
      signals.map(({ aborted }) => aborted),
      [true, false],
    );
    it.stop();
  });

  it("says nothing more once it was stopped", async () => {
    const { it, attempts, states, settled } = registration();
    it.start();
    it.stop();
    attempts[0]!.fail(new IotError("Closed"));
    await settled();
    assert.deepEqual(states, ["registering"]);
    assert.equal(it.current, undefined);
  });
});
