import assert from "node:assert/strict";
import type { Steps } from "../../../nodes/shared/concurrently";
import { connectionStatus, IDLE, type ConnectionView } from "../../../nodes/shared/connection-status";
import { IotError } from "../../../src/protocol/errors";

const texts = {
  text: (key: string, values: Record<string, string | number> = {}) =>
    [key.replace("status.", ""), ...Object.values(values)].join(" "),
  reason: (error: IotError) => error.name,
};
const refused = new IotError("ConnectionRefused", { details: { host: "h", port: 1 } });

const NOTHING = { queued: 0, unasked: 0, isUnanswered: false, stored: 0, delivered: 0, replayed: 0 } as const;

/** `fill shape text` */
function badge(
  view: Partial<ConnectionView> & Pick<ConnectionView, "state">,
  inProgress = 0,
  steps?: Steps,
): string {
  const { fill, shape, text } = connectionStatus(
    { ...NOTHING, ...view },
    { count: inProgress, steps },
    texts,
    1000,
  );
  return [fill, shape, text].join(" ");
}
const connected = { name: "connected", since: 0 } as const;

describe("The badge", () => {
  it("says what the connection is doing", () => {
    assert.equal(badge({ state: { name: "notRegistered" } }), "grey ring notRegistered");
    assert.equal(badge({ state: { name: "registering" } }), "yellow ring registering");
    assert.equal(badge({ state: { name: "deleting" } }), "yellow ring deleting");
    assert.equal(badge({ state: { name: "connecting", attempt: 1 } }), "yellow ring connecting");
    assert.equal(badge({ state: connected }), "green dot connected");
    assert.equal(badge({ state: { name: "disconnected" } }), "grey ring disconnected");
    assert.deepEqual(connectionStatus({ ...NOTHING, state: { name: "idle" } }, IDLE, texts), {});
  });

  it("is not green while no value can be stored, and says why", () => {
    const storeProblem = new IotError("OutboxUnwritable", { details: { path: "p", code: "ENOSPC" } });
    assert.equal(
      badge({ state: connected, stored: 940, storeProblem }),
      "red dot stored OutboxUnwritable 940 0 0",
    );
  });

  it("says why registering failed", () => {
    assert.equal(
      badge({ state: { name: "notRegistered", failure: refused } }),
      "red ring registeringFailed ConnectionRefused",
    );
  });

  it("says why it waits and when it tries again", () => {
    const waiting = { name: "waiting", failure: refused, retryAt: 8500 } as const;
    assert.equal(
      badge({ state: { ...waiting, permanent: false } }),
      "yellow ring waiting ConnectionRefused duration.seconds 8",
    );
    assert.equal(
      badge({ state: { ...waiting, retryAt: 301_000, permanent: true } }),
      "red ring waiting ConnectionRefused duration.minutes 5",
    );
    assert.match(badge({ state: { ...waiting, retryAt: 38_000, permanent: false } }), /seconds 40$/);
    assert.match(badge({ state: { ...waiting, retryAt: 0, permanent: false } }), /seconds 1$/);
  });

  it("says that settings cannot be used, before anything else", () => {
    assert.equal(badge({ state: connected, problem: refused, queued: 5 }), "red ring ConnectionRefused");
  });

  it("keeps showing why the last message failed", () => {
    const lastFailure = refused;
    assert.equal(badge({ state: connected, lastFailure }, 2), "red dot ConnectionRefused");
    assert.equal(badge({ state: { name: "connecting", attempt: 1 }, lastFailure }), "yellow ring connecting");
  });

  it("shows requests in progress, then a certificate that ends, then answers that nobody asked for, then silence", () => {
    const all = { state: connected, certificateDays: 6, unasked: 3, isUnanswered: true };
    assert.equal(badge(all, 2), "blue dot inProgress 2");
    assert.equal(badge(all), "yellow dot certificateEnds 6");
    assert.equal(badge({ state: connected, unasked: 3, isUnanswered: true }), "yellow dot unasked 3");
    assert.equal(badge({ state: connected, isUnanswered: true }), "yellow dot unanswered");
  });

  it("shows when what waits on disk will be through, where that is known", () => {
    const shown = (replaySeconds: number) => badge({ state: connected, stored: 1204, replaySeconds });
    assert.equal(shown(7.2), "green dot replaying connected 1204 duration.seconds 8");
    assert.match(shown(240), /minutes 4$/);
    assert.match(shown(7 * 3600), /hours 7$/);
    assert.match(shown(12 * 86_400), /days 12$/);
  });

  it("tells how far it is where a message is many requests", () => {
    assert.equal(badge({ state: connected }, 1, { done: 3412, of: 10_001 }), "blue dot steps 3412 10001");
  });

  it("shows what waits on disk, and what became of what did", () => {
    const counts = { stored: 3, delivered: 1204, replayed: 22 };
    assert.equal(badge({ state: connected, ...counts }), "green dot stored connected 3 1204 22");
    assert.equal(badge({ state: connected, ...counts, stored: 0 }), "green dot connected");
  });

  it("shows what waits for the connection, in the runtime's language throughout", () => {
    assert.equal(badge({ state: connected, queued: 4 }), "green dot queued connected 4");
    assert.equal(
      badge({ state: { name: "connecting", attempt: 3 }, queued: 4 }, 4),
      "yellow ring queued connecting 4",
    );
  });
});
