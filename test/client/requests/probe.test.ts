/** Our own pings: they tell that the agent has got past what was sent before. */
import assert from "node:assert/strict";
import { Probe } from "../../../src/client/requests/probe";

const ANSWERS = "/v1.0/c/ping/info/inbox";

describe("A probe", () => {
  let probe: Probe;
  let sent: Buffer[];
  beforeEach(() => {
    sent = [];
    probe = opened();
  });
  const opened = (): Probe => {
    const made = new Probe(1000);
    made.open("c", (_, payload) => sent.push(Buffer.from(payload.replace("request", "answer"))), 0);
    return made;
  };
  const send = (now: number): void => probe.send(now);
  const come = (index: number): number | undefined => probe.takes(ANSWERS, sent[index]!);

  it("is passed when its text comes back, and with it those before it", () => {
    send(1.25);
    send(2.5);
    assert.equal(probe.nextSend(3), 1002.5);
    assert.equal(come(1), 2.5);
    assert.equal(probe.passed, 2.5);
    assert.equal(probe.nextSend(3), 3);
    assert.equal(come(0), 1.25, "late, but its own");
    assert.equal(probe.passed, 2.5);
  });

  it("that comes back late says nothing of what was sent after it", () => {
    send(1);
    send(2);
    come(0);
    assert.equal(probe.passed, 1);
    assert.equal(probe.nextSend(3), 1002);
  });

  it("keeps nothing of those that never came back", () => {
    send(0);
    const size = (): number => JSON.stringify({ ...probe }).length;
    const before = size();
    for (let now = 1; now < 10; now++) send(now);
    assert.equal(size(), before);
  });

  it("takes no answer that is not its own, and no time that has not come", () => {
    send(1);
    opened().send(5);
    assert.equal(come(1), undefined);
    assert.equal(probe.takes("/v1.0/c/sensor/inbox", sent[0]!), undefined);
    probe.takes(ANSWERS, Buffer.from(sent[0]!.toString().replace(" 1", " 99")));
    assert.equal(probe.passed, 1);
    probe.takes(ANSWERS, Buffer.from(sent[0]!.toString().replace(" 1", " soon")));
    assert.equal(probe.passed, 1);
  });
});
