/** What tells that the agent has got past what was sent before. */
import assert from "node:assert/strict";
import { Fence } from "../../src/client/fence";

const ANSWERS = "/v1.0/c/ping/info/inbox";

describe("A fence", () => {
  let fence: Fence;
  let sent: Buffer[];
  beforeEach(() => {
    fence = new Fence();
    sent = [];
  });
  const send = (now: number): void =>
    fence.send("c", now, (_, payload) => sent.push(Buffer.from(payload.replace("request", "answer"))));
  const come = (index: number): number | undefined => fence.takes(ANSWERS, sent[index]!);

  it("is passed when its text comes back, and with it those before it", () => {
    send(1.25);
    send(2.5);
    assert.equal(fence.pendingSince, 2.5);
    assert.equal(come(1), 2.5);
    assert.equal(fence.passed, 2.5);
    assert.equal(fence.pendingSince, undefined);
    assert.equal(come(0), 1.25, "late, but its own");
    assert.equal(fence.passed, 2.5);
  });

  it("that comes back late says nothing of what was sent after it", () => {
    send(1);
    send(2);
    come(0);
    assert.equal(fence.passed, 1);
    assert.equal(fence.pendingSince, 2);
  });

  it("keeps nothing of those that never came back", () => {
    send(0);
    const size = (): number => JSON.stringify({ ...fence }).length;
    const before = size();
    for (let now = 1; now < 10; now++) send(now);
    assert.equal(size(), before);
  });

  it("takes no answer that is not its own, and no time that has not come", () => {
    send(1);
    const foreign = new Fence();
    foreign.send("c", 5, (_, payload) => sent.push(Buffer.from(payload.replace("request", "answer"))));
    assert.equal(come(1), undefined);
    assert.equal(fence.takes("/v1.0/c/sensor/inbox", sent[0]!), undefined);
    fence.takes(ANSWERS, Buffer.from(sent[0]!.toString().replace(" 1", " 99")));
    assert.equal(fence.passed, 1);
    fence.takes(ANSWERS, Buffer.from(sent[0]!.toString().replace(" 1", " soon")));
    assert.equal(fence.passed, 1);
  });
});
