/** What a failure means for a record: each kind of failure, alone and again. */
import assert from "node:assert/strict";
import { agentError, IotError } from "../../src/protocol/errors";
import { Attempts, type NextStep } from "../../src/outbox/attempts";

const RECORD = {
  metrics: [
    { metricId: "a", value: 1 },
    { metricId: "b", value: 2 },
  ],
};
const lost = () => new IotError("ConnectionLost", { details: { host: "h", port: 1 } });
const partial = (...metrics: string[]) => agentError(27, "", { metrics });

/** A step in short: how the record ends, or how long it rests at most. */
const inShort = (step: NextStep) => ("as" in step ? step.as : step.restsAtMost);
const stepsAfter = (errors: IotError[]) => {
  const attempts = new Attempts();
  return errors.map((error) => inShort(attempts.afterFailure(error, RECORD, 0)));
};

describe("a record whose sending failed", () => {
  it("is delivered when the agent refused some of its metrics, and rejected when all", () => {
    assert.deepEqual(stepsAfter([partial("b")]), ["delivered"]);
    assert.deepEqual(stepsAfter([partial("b", "a")]), ["rejected"]);
  });

  it("is rejected by any verdict of the agent about it", () => {
    for (const code of [2, 4, 15, 17, 27]) assert.deepEqual(stepsAfter([agentError(code, "")]), ["rejected"]);
  });

  it("rests longer each time while the agent cannot say", () => {
    const errors = Array.from({ length: 9 }, (_, at) => agentError(at % 2 === 0 ? 1 : 3, ""));
    const rests = [1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000, 60_000];
    assert.deepEqual(stepsAfter(errors), rests);
  });

  it("rests shortly when it was not sent at all, and then was not tried", () => {
    const attempts = new Attempts();
    for (const name of ["NotConnected", "Disconnected", "QueueFull"] as const) {
      assert.equal(inShort(attempts.afterFailure(new IotError(name), RECORD, 0)), 500);
    }
    assert.equal(attempts.unanswered, 0);
  });

  it("is given up when the connection broke five times in a row during it", () => {
    assert.deepEqual(stepsAfter([lost(), lost(), lost(), lost(), lost()]), [500, 500, 500, 500, "rejected"]);
  });

  it("is not given up at once where the client gave up sending it: an agent may have been killed each time (fault 1)", () => {
    const gaveUp = () => new IotError("RequestBreaksConnection");
    assert.deepEqual(stepsAfter([gaveUp(), lost(), gaveUp(), gaveUp(), gaveUp()]), [
      500,
      500,
      500,
      500,
      "rejected",
    ]);
  });

  it("is not to blame where another failure came between the breaks", () => {
    const errors = [lost(), lost(), lost(), lost(), agentError(1, ""), lost()];
    assert.deepEqual(stepsAfter(errors).slice(-2), [16_000, 500]);
  });

  it("stays as long as the agent serves nobody, and is refused when it takes others", () => {
    const attempts = new Attempts();
    const forbidden = () => inShort(attempts.afterFailure(agentError(18, ""), RECORD, taken));
    let taken = 7;
    assert.deepEqual([forbidden(), forbidden()], [60_000, 60_000]);
    taken = 8;
    assert.equal(forbidden(), "rejected");
  });
});
