/** When it is tried again, and from when on somebody is told to mend something: the rules, without a connection. */
import assert from "node:assert/strict";
import { Retry } from "../../src/client/retry";
import { IotError, type ClientErrorName } from "../../src/protocol/errors";

const failure = (name: ClientErrorName): IotError => new IotError(name);
/** A past session that was of use. */
const GOOD = { lived: 60_000, heard: true };

describe("Retry", () => {
  it("backs off after failures that pass, and begins anew after a good session", () => {
    const retry = new Retry(() => 1);
    const waits = [0, 1, 2].map((now) => retry.decide(failure("ConnectionRefused"), now));
    assert.deepEqual(
      waits,
      [1000, 2000, 4000].map((wait) => ({ permanent: false, wait })),
    );
    assert.equal(retry.decide(failure("ConnectionLost"), 3, GOOD).wait, 1000);
  });

  it("takes a failure that looks permanent for it only when it has lasted: an agent that starts fails so, too", () => {
    const retry = new Retry(() => 0);
    const at = (now: number) => retry.decide(failure("CaMissing"), now);
    assert.deepEqual(
      [1000, 10_999].map((now) => at(now).permanent),
      [false, false],
    );
    assert.deepEqual(at(11_000), { permanent: true, wait: 30_000 });
  });

  it("counts from when that failure came: another one between, a session or a person ends it", () => {
    for (const interrupt of [
      (retry: Retry) => void retry.decide(failure("CaUnreadable"), 5000),
      (retry: Retry) => retry.succeeded(),
      (retry: Retry) => retry.reset(),
    ]) {
      const retry = new Retry(() => 0);
      retry.decide(failure("CaMissing"), 0);
      interrupt(retry);
      assert.equal(retry.decide(failure("CaMissing"), 12_000).permanent, false);
      assert.equal(retry.decide(failure("CaMissing"), 22_000).permanent, true);
    }
  });

  it("waits at first as long as at first when a person wants it tried", () => {
    const retry = new Retry(() => 1);
    for (let now = 0; now < 5; now++) retry.decide(failure("ConnectionRefused"), now);
    retry.reset();
    assert.equal(retry.decide(failure("ConnectionRefused"), 6).wait, 1000);
    retry.succeeded();
    assert.equal(retry.decide(failure("ConnectionRefused"), 7).wait, 2000);
  });

  it("waits for what somebody has to mend less than a minute, and for a clock so that it is seen within 30 s", () => {
    for (const [name, least, most, believedAfter] of [
      ["CaMissing", 30_000, 50_000, 10_000],
      ["ClientCertificateExpired", 10_000, 15_000, 20_000],
      ["ServerCertificateNotYetValid", 10_000, 15_000, 20_000],
    ] as const) {
      for (const [random, wait] of [
        [0, least],
        [1, most],
      ] as const) {
        const retry = new Retry(() => random);
        retry.decide(failure(name), 0);
        assert.equal(retry.decide(failure(name), believedAfter - 1).permanent, false, name);
        assert.deepEqual(retry.decide(failure(name), believedAfter), { permanent: true, wait }, name);
      }
    }
  });

  it("waits a minute while another client takes our place (fault 11)", () => {
    const { wait, permanent } = new Retry(() => 0).decide(failure("IdentityInUse"), 0, GOOD);
    assert.equal(permanent, false);
    assert.equal(wait, 60_000);
  });
});

describe("A takeover (fault 11)", () => {
  it("is seen when the broker ends five sessions within half a minute and goes on listening", () => {
    const retry = new Retry(() => 0);
    assert.deepEqual(
      [0, 7000, 14_000, 21_000, 28_000, 35_000].map((now) => retry.isTakeover(true, now)),
      [false, false, false, false, true, true],
    );
  });

  it("is not seen where sessions end now and then, however often in all", () => {
    const retry = new Retry(() => 0);
    for (let now = 0; now < 600_000; now += 7500) assert.equal(retry.isTakeover(true, now), false);
  });

  it("is counted anew once nobody listens: the broker itself was gone", () => {
    const retry = new Retry(() => 0);
    for (let now = 0; now < 4; now++) retry.isTakeover(true, now);
    assert.equal(retry.isTakeover(false, 5), false);
    assert.equal(retry.isTakeover(true, 6), false);
  });
});
