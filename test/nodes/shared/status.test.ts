import assert from "node:assert/strict";
import type { Node, NodeStatus } from "node-red";
import { StatusWriter } from "../../../nodes/shared/status";

describe("The status writer", () => {
  function recorder(): { node: Node; shown: NodeStatus[]; last: (text: string) => Promise<void> } {
    const shown: NodeStatus[] = [];
    let look = (): void => undefined;
    const node = {
      status: (status: NodeStatus) => {
        shown.push(status);
        look();
      },
    } as unknown as Node;
    const last = (text: string): Promise<void> =>
      new Promise((resolve) => {
        look = () => {
          if (shown.at(-1)?.text === text) resolve();
        };
        look();
      });
    return { node, shown, last };
  }

  it("clears the badge of an earlier life", () => {
    const { node, shown } = recorder();
    new StatusWriter(node).close();
    assert.deepEqual(shown, [{}]);
  });

  it("shows the first at once and the last of a storm, and few in between (fault 42)", async () => {
    const { node, shown, last } = recorder();
    const status = new StatusWriter(node);
    for (let count = 1; count <= 10_000; count++) status.show({ text: String(count) });
    assert.deepEqual(shown, [{}, { text: "1" }]);
    await last("10000");
    assert.deepEqual(shown, [{}, { text: "1" }, { text: "10000" }]);
    status.close();
  });

  it("makes a badge only when it is written, and then the newest", async () => {
    const { node, shown, last } = recorder();
    const status = new StatusWriter(node);
    let count = 0;
    let made = 0;
    const make = (): NodeStatus => ({ text: `${count}, made ${++made}` });
    for (count = 1; count < 10_000; count++) status.show(make);
    await last("10000, made 2");
    assert.deepEqual(shown, [{}, { text: "1, made 1" }, { text: "10000, made 2" }]);
    status.close();
  });

  it("writes a badge that has not changed once", () => {
    const { node, shown } = recorder();
    const status = new StatusWriter(node);
    status.show({ text: "same" });
    status.show({ text: "same" });
    status.close();
    assert.deepEqual(shown, [{}, { text: "same" }]);
  });

  it("writes nothing after it was closed", async () => {
    const { node, shown } = recorder();
    const status = new StatusWriter(node);
    status.show({ text: "1" });
    status.show({ text: "2" });
    status.close();
    status.show({ text: "3" });
    await new Promise((resolve) => setTimeout(resolve, 300));
    assert.deepEqual(shown, [{}, { text: "1" }]);
  });
});
