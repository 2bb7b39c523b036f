/** What is told where no flow listens. */
import assert from "node:assert/strict";
import { tellError } from "../../../nodes/agent/tell-flows";
import type { NodeAPI } from "../../../nodes/shared/node-red";
import { IotError } from "../../../src/protocol/errors";

describe("An error that no flow listens to", () => {
  it("is a line of the log: its sentence, and its name, which the manual and the metrics have too", () => {
    const told: unknown[] = [];
    const RED = { _: (key: string) => key, nodes: { eachNode: () => undefined } } as unknown as NodeAPI;
    const node = { users: {}, error: (text: unknown) => told.push(text), status: () => undefined };
    const error = new IotError("ConnectionRefused", { details: { host: "press", port: 18884 } });
    tellError(RED, node, error, {});
    assert.deepEqual(told, [`${error.message} (ConnectionRefused)`]);
  });
});
