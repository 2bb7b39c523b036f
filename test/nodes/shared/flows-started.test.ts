import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import type { NodeAPI } from "node-red";
import { whenFlowsStarted } from "../../../nodes/shared/flows-started";

describe("What no message caused", () => {
  it("is told when the flows have started, and at once from then on", () => {
    const events = new EventEmitter();
    const told: string[] = [];
    const flows = whenFlowsStarted({ events } as unknown as NodeAPI);
    flows.run(() => told.push("early"));
    assert.equal(told.length, 0);
    events.emit("flows:started");
    flows.run(() => told.push("late"));
    events.emit("flows:started");
    assert.deepEqual(told, ["early", "late"]);
  });

  it("is not told by a node that has gone", () => {
    const events = new EventEmitter();
    const flows = whenFlowsStarted({ events } as unknown as NodeAPI);
    flows.run(() => assert.fail("told"));
    flows.forget();
    flows.run(() => assert.fail("told"));
    events.emit("flows:started");
  });

  it("costs one listener, however many nodes there are", () => {
    const events = new EventEmitter();
    for (let node = 0; node < 100; node++) whenFlowsStarted({ events } as unknown as NodeAPI);
    assert.equal(events.listenerCount("flows:started"), 1);
  });
});
