/** The faults: how they are typed, and what they do to the order of answers. */
import assert from "node:assert/strict";
import { Delivery } from "../../src/simulator/delivery";
import { checkFaults, FAULTS, NO_FAULTS, readFault, type Faults } from "../../src/simulator/faults";

describe("the simulator's faults", () => {
  it("are read from the command line as numbers, switches and shares", () => {
    assert.deepEqual(readFault("delay=20"), { delay: 20 });
    assert.deepEqual(readFault("lose=0.1"), { lose: 0.1 });
    assert.deepEqual(readFault("repeat=next:3"), { repeat: "next:3" });
    assert.deepEqual(readFault("quoted"), { quoted: true });
    assert.deepEqual(readFault("deletedReturns"), { deletedReturns: true });
    assert.deepEqual(readFault("backendGone=false"), { backendGone: false });
  });

  const wrong: [string, RegExp][] = [
    ["delay=-1", /Fault delay is -1; allowed: whole milliseconds/],
    ["delay=", /Fault delay is ""; allowed: whole milliseconds/],
    ["lose=2", /Fault lose is 2; allowed: a share from 0 to 1, or "next:N"/],
    ["lose=next:x", /Fault lose is "next:x"; allowed: a share/],
    ["answerWith=1.5", /Fault answerWith is 1.5; allowed: an error code/],
    ["backendGone=1", /Fault backendGone is 1; allowed: true, false/],
    ["certificateSeconds=0", /Fault certificateSeconds is 0; allowed: whole seconds/],
    ["looze=1", /Fault is "looze"; allowed: delay, lose/],
    ["__proto__=1", /allowed: /],
  ];
  for (const [text, expected] of wrong) {
    it(`refuses ${text} and says what is allowed`, () => {
      assert.throws(() => readFault(text), expected);
    });
  }

  it("are refused when they are no object", () => {
    for (const value of [null, [], "lose=1", 1])
      assert.throws(() => checkFaults(value), /faults must be an object with faults/);
  });

  it("are all off to begin with, and off is allowed", () => {
    assert.deepEqual(checkFaults({ ...NO_FAULTS }), NO_FAULTS);
    assert.deepEqual(Object.keys(NO_FAULTS), Object.keys(FAULTS));
  });

  const answers = (...names: string[]) => names.map((topic) => ({ topic, payload: "" }));

  /** What is sent of the answers a, b and c with a fault. */
  function send(faults: Partial<Faults>, random = () => 0.5) {
    const sent: string[] = [];
    const inForce = { ...NO_FAULTS, ...faults };
    const delivery = new Delivery({ faults: inForce, send: ({ topic }) => sent.push(topic), random });
    delivery.deliver(answers("a", "b", "c"));
    delivery.close();
    return { sent: sent.join(""), faults: inForce };
  }

  it("lose the next so many answers, and then none", () => {
    const { sent, faults } = send({ lose: "next:2" });
    assert.equal(sent, "c");
    assert.equal(faults.lose, 0);
  });

  it("lose a share of the answers by chance", () => {
    const chances = [0.1, 0.9, 0.1];
    assert.equal(send({ lose: 0.5 }, () => chances.shift() ?? 1).sent, "b");
    assert.equal(send({ lose: 1 }).sent, "");
    assert.equal(send({ lose: 0 }, () => 0).sent, "abc");
  });

  it("repeat answers", () => {
    assert.equal(send({ repeat: "next:2" }).sent, "aabbc");
  });

  it("send an answer after the next one", () => {
    assert.equal(send({ reorder: "next:1" }).sent, "bac");
    assert.equal(send({ reorder: "next:2" }).sent, "cab");
  });

  it("send a held answer in the end when no other follows", async () => {
    const sent = await new Promise((resolve) => {
      const faults = { ...NO_FAULTS, reorder: "next:1" as const };
      new Delivery({ faults, send: ({ topic }) => resolve(topic) }).deliver(answers("a"));
    });
    assert.equal(sent, "a");
  });

  it("delay answers, in their order", async () => {
    const sent: string[] = [];
    await new Promise<void>((resolve) => {
      const send = ({ topic }: { topic: string }) => {
        sent.push(topic);
        if (sent.length === 3) resolve();
      };
      const delivery = new Delivery({ faults: { ...NO_FAULTS, delay: 1 }, send });
      delivery.deliver(answers("a"));
      delivery.deliver(answers("b", "c"));
      assert.deepEqual(sent, []);
    });
    assert.deepEqual(sent, ["a", "b", "c"]);
  });
});
