import assert from "node:assert/strict";
import { AutoRegistration } from "../../src/client/auto-registration";
import { IotError } from "../../src/protocol/errors";
import { FakeClock } from "../support/agent/fake-clock";

describe("Registering by itself", () => {
  /** A registration whose attempts the test ends. */
  function registration() {
    const attempts: { succeed(): void; fail(error: IotError): void }[] = [];
    const states: (string | undefined)[] = [];
    const clock = new FakeClock();
    const it = new AutoRegistration(
      () => new Promise<void>((succeed, fail) => attempts.push({ succeed, fail })),
      () => states.push(it.current?.name),
      clock,
    );
    const settled = () => new Promise((resolve) => setImmediate(resolve));
    return { it, attempts, states, settled, clock };
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

  it("tries again at once when a file has changed that was the reason, and looks no more then", async () => {
    let attempts = 0;
    const watching = new Set<() => void>();
    const it = new AutoRegistration(
      () => {
        attempts++;
        return Promise.reject(new IotError("CaMissing"));
      },
      () => undefined,
      new FakeClock(),
      (onChange) => {
        watching.add(onChange);
        return () => watching.delete(onChange);
      },
    );
    const settled = () => new Promise((resolve) => setImmediate(resolve));
    it.start();
    await settled();
    assert.deepEqual([attempts, watching.size], [1, 1]);
    for (const changed of watching) changed();
    assert.deepEqual([attempts, watching.size], [2, 0]);
    await settled();
    it.stop();
    assert.equal(watching.size, 0);
  });

  it("does not believe for ten seconds that a file of this machine is missing: whoever writes it may be starting", async () => {
    const { it, attempts, settled, clock } = registration();
    it.start();
    const fails = async (): Promise<boolean> => {
      attempts.at(-1)!.fail(new IotError("CaMissing"));
      await settled();
      return it.current?.name === "waiting" && it.current.permanent;
    };
    const begun = clock.monotonic();
    for (let permanent = await fails(); !permanent; permanent = await fails()) {
      assert.ok(it.current?.name === "waiting");
      clock.advance(it.current.retryAt - clock.monotonic());
    }
    assert.ok(clock.monotonic() - begun >= 10_000);
    it.stop();
    assert.equal(clock.pending, 0);
  });

  it("tries once a minute when trying again will hardly help (fault 49)", async () => {
    const { it, attempts, settled, clock } = registration();
    it.start();
    attempts[0]!.fail(new IotError("ServerNotTrusted"));
    await settled();
    assert.ok(it.current?.name === "waiting" && it.current.permanent);
    const wait = it.current.retryAt - clock.monotonic();
    assert.ok(wait >= 30_000 && wait <= 50_000, `${wait} ms`);
    clock.advance(wait - 1);
    assert.equal(attempts.length, 1);
    clock.advance(1);
    assert.equal(attempts.length, 2);
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
      new FakeClock(),
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

  it("tries again at once when the clock was set, or a file replaced, during an attempt that fails (fault 47)", async () => {
    const { it, attempts, settled, clock } = registration();
    it.start();
    it.start();
    attempts[0]!.fail(new IotError("ServerCertificateNotYetValid"));
    await settled();
    clock.advance(1);
    assert.equal(attempts.length, 2);
    attempts[1]!.fail(new IotError("ServerCertificateNotYetValid"));
    await settled();
    clock.advance(1);
    assert.equal(attempts.length, 2);
    it.stop();
  });

  it("tries again within 30 s while a clock may be wrong, and within a minute whatever the failure (faults 47, 49)", async () => {
    for (const [name, most] of [
      ["ServerCertificateNotYetValid", 30_000],
      ["ServerCertificateExpired", 30_000],
      ["ServerNotTrusted", 60_000],
      ["CertificateRejected", 60_000],
    ] as const) {
      const { it, attempts, settled, clock } = registration();
      it.start();
      for (let attempt = 1; attempt < 20; attempt++) {
        attempts[attempt - 1]!.fail(new IotError(name));
        await settled();
        clock.advance(most);
        assert.equal(attempts.length, attempt + 1, name);
      }
      it.stop();
    }
  });
});
