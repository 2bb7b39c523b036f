import assert from "node:assert/strict";
import type { NodeAPI } from "node-red";
import { PartialFailure } from "../../../nodes/shared/error-report";
import type { FlowNode, Message } from "../../../nodes/shared/node-red";
import { FailureWith, Outputs } from "../../../nodes/shared/outputs";
import { agentError, IotError } from "../../../src/protocol/errors";

describe("The two outputs", () => {
  const util = { cloneMessage: structuredClone };
  const RED = { _: (key: string) => key, util } as unknown as NodeAPI;

  function outputs(wires: string[][]) {
    const errors: unknown[] = [];
    const node = { wires, error: (error: unknown) => errors.push(error), send: () => undefined };
    const sent: (Message | null)[][] = [];
    const dones: (Error | undefined)[] = [];
    return {
      outputs: new Outputs(RED, node as unknown as FlowNode),
      send: (messages: (Message | null)[]) => void sent.push(messages),
      done: (error?: Error) => void dones.push(error),
      sent,
      dones,
      errors,
    };
  }
  const BOTH = [["a"], ["b"]];
  const FIRST = [["a"], []];

  it("send the message that came in, with the answer as payload, on the first", () => {
    const { outputs: to, send, done, sent, dones } = outputs(BOTH);
    const message = { payload: "asked", topic: "t", metricId: "old" };
    to.respond(message, { payload: "answer", set: { sensorId: "s", metricId: undefined } }, send, done);
    assert.deepEqual(sent, [[{ payload: "answer", topic: "t", sensorId: "s" }, null]]);
    assert.equal(sent[0]?.[0], message);
    assert.deepEqual(dones, [undefined]);
  });

  it("send an error on the second, with the payload as it was", () => {
    const { outputs: to, send, done, sent, dones } = outputs(BOTH);
    const message: Message = { payload: "asked" };
    const error = agentError(27, "no", { operation: "pushValues", metrics: ["a"] });
    to.fail(message, new PartialFailure(error, { delivered: ["b"] }), send, done);
    assert.deepEqual(dones, [undefined]);
    assert.equal(sent[0]?.[0], null);
    assert.deepEqual(sent[0]?.[1], {
      payload: "asked",
      error: {
        name: "PushValuesFailed",
        code: 27,
        message: error.message,
        source: "agent",
        retryable: false,
        operation: "pushValues",
        metrics: ["a"],
        delivered: ["b"],
        help: "https://tviot.github.io/node-red-teamviewer-iot/errors/PushValuesFailed.html",
      },
    });
  });

  it("raise the error where nothing is wired to the second, and leave the message as it was", () => {
    const { outputs: to, send, done, sent, dones } = outputs(FIRST);
    const message = { payload: "asked" };
    to.fail(message, new IotError("ReplyTimeout", { details: { seconds: 10 } }), send, done);
    assert.deepEqual(sent, []);
    const [error] = dones as (Error & { code: unknown })[];
    assert.ok(error instanceof Error);
    assert.deepEqual([error.name, error.code], ["ReplyTimeout", "ReplyTimeout"]);
    assert.deepEqual((error.cause as { retryable: boolean }).retryable, true);
    assert.deepEqual(message, { payload: "asked" });
  });

  it("answer a message that was sent again without the report of why it had failed before", () => {
    const { outputs: to, send, done, sent } = outputs(BOTH);
    const message: Message = { payload: "asked" };
    to.fail(message, new IotError("ReplyTimeout", { details: { seconds: 10 } }), send, done);
    assert.equal((message.error as { name: string }).name, "ReplyTimeout");
    to.respond(message, { payload: "answer" }, send, done);
    assert.deepEqual(sent.at(-1), [{ payload: "answer" }, null]);
  });

  it("leave an error on the message that is not ours", () => {
    const unreadable = {
      get name(): never {
        throw new Error("a getter that throws");
      },
    };
    for (const error of [
      "text",
      null,
      { message: "of a Catch node", source: { id: "1" } },
      { name: "Other", message: "of another node", source: "client", retryable: true },
      unreadable,
    ]) {
      const { outputs: to, send, done, sent } = outputs(BOTH);
      to.respond({ error }, { payload: "answer" }, send, done);
      assert.equal((sent[0]?.[0] as { error?: unknown }).error, error);
    }
  });

  for (const wires of [BOTH, FIRST]) {
    it(`set what a failure says of the message, with ${wires[1]?.length} node at the second`, () => {
      const { outputs: to, send, done } = outputs(wires);
      const message: Message = { payload: "asked" };
      to.fail(message, new FailureWith(new IotError("ReplyTimeout"), { maybeDuplicate: true }), send, done);
      assert.equal((message as { maybeDuplicate?: unknown }).maybeDuplicate, true);
      to.fail(
        message,
        new FailureWith(new IotError("Disconnected"), { maybeDuplicate: undefined }),
        send,
        done,
      );
      assert.equal("maybeDuplicate" in message, false);
    });
  }

  it("tell a failure also where it can set nothing on the message", () => {
    const { outputs: to, send, done, dones } = outputs(FIRST);
    to.fail(
      Object.freeze({}),
      new FailureWith(new IotError("ReplyTimeout"), { maybeDuplicate: true }),
      send,
      done,
    );
    assert.equal(dones[0]?.name, "ReplyTimeout");
  });

  it("raise what is no error of ours as bad input, without losing what was said", () => {
    const { outputs: to, send, done, dones } = outputs(FIRST);
    to.fail({}, new Error("something odd"), send, done);
    assert.equal(dones[0]?.name, "InvalidInput");
    assert.match(String(dones[0]?.message), /something odd/);
  });

  const UNCHANGEABLE: readonly (readonly [title: string, make: () => Message])[] = [
    ["is frozen", () => Object.freeze({ payload: 1, topic: "t" })],
    [
      "has getters",
      () => Object.defineProperties({ topic: "t" }, { payload: { get: () => 1 }, error: { get: () => 1 } }),
    ],
    ["swallows what it is given", () => new Proxy({ payload: 1, topic: "t" }, { set: () => true })],
  ];
  for (const [title, make] of UNCHANGEABLE) {
    it(`send a message of the same properties where the one that came ${title} (fault 69)`, () => {
      const { outputs: to, send, done, sent, dones } = outputs(BOTH);
      to.respond(make(), { payload: 2 }, send, done);
      to.fail(make(), new IotError("ReplyTimeout"), send, done);
      assert.deepEqual(dones, [undefined, undefined]);
      assert.equal(sent[0]?.[0]?.payload, 2);
      assert.equal(sent[0]?.[0]?.topic, "t");
      assert.equal((sent[1]?.[1] as { error?: { name?: string } }).error?.name, "ReplyTimeout");
    });
  }

  it("tell the Catch nodes the sentence, and the log its name behind it; a cause reads as JSON", () => {
    const { outputs: to, send, done, dones } = outputs(FIRST);
    to.fail({}, new IotError("Disconnected"), send, done);
    const [error] = dones;
    assert.ok(error);
    // As Node-RED's Catch nodes and its log read it.
    assert.equal(error.toString(), error.message);
    assert.equal("[error] " + (error as unknown as string), `[error] ${error.message} (Disconnected)`);
    assert.match(error.message, /^A message with/);
    assert.equal((JSON.parse(String(error.cause)) as { name: string }).name, "Disconnected");
    assert.deepEqual(Object.keys(error.cause as object), ["message", "name", "source", "retryable", "help"]);
  });

  it("tell the Catch nodes the error with what can be cloned of the message (fault 70)", () => {
    const { outputs: to, send, errors } = outputs(FIRST);
    const failing = (): void => {
      throw new TypeError("cannot clone");
    };
    to.fail({}, new IotError("ReplyTimeout"), send, failing);
    assert.equal((errors[0] as Error).name, "ReplyTimeout");
  });
});
