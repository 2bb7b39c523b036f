import assert from "node:assert/strict";
import type { Node, NodeStatus } from "node-red";
import { StatusWriter } from "../../../nodes/shared/status";
import { FakeClock } from "../../support/agent/fake-clock";

describe("The status writer", () => {
  const clock = new FakeClock();

  function recorder(): { node: Node; shown: NodeStatus[] } {
    const shown: NodeStatus[] = [];
    const node = { status: (status: NodeStatus) => shown.push(status) } as unknown as Node;
    return { node, shown };
  }

  it("clears the badge of an earlier life", () => {
    const { node, shown } = recorder();
    new StatusWriter(node, clock).close();
    assert.deepEqual(shown, [{}]);
  });

  it("shows the first at once and the last of a storm, and few in between (fault 42)", () => {
    const { node, shown } = recorder();
    const status = new StatusWriter(node, clock);
    for (let count = 1; count <= 10_000; count++) status.show({ text: String(count) });
    assert.deepEqual(shown, [{}, { text: "1" }]);
    clock.advance(250);
    assert.deepEqual(shown, [{}, { text: "1" }, { text: "10000" }]);
    status.close();
  });

  it("makes a badge only when it is written, and then the newest", () => {
    const { node, shown } = recorder();
    const status = new StatusWriter(node, clock);
    let count = 0;
    let made = 0;
    const make = (): NodeStatus => ({ text: `${count}, made ${++made}` });
    for (count = 1; count < 10_000; count++) status.show(make);
    clock.advance(250);
    assert.deepEqual(shown, [{}, { text: "1, made 1" }, { text: "10000, made 2" }]);
    status.close();
  });

  it("writes a badge that has not changed once", () => {
    const { node, shown } = recorder();
    const status = new StatusWriter(node, clock);
    status.show({ text: "same" });
    status.show({ text: "same" });
    status.close();
    assert.deepEqual(shown, [{}, { text: "same" }]);
  });

  it("writes nothing after it was closed", () => {
    const { node, shown } = recorder();
    const status = new StatusWriter(node, clock);
    status.show({ text: "1" });
    status.show({ text: "2" });
    status.close();
    status.show({ text: "3" });
    clock.advance(300);
    assert.deepEqual(shown, [{}, { text: "1" }]);
  });
});
