import assert from "node:assert/strict";
import { createMetrics } from "../../../nodes/metric/create";
import { PartialFailure } from "../../../nodes/shared/error-report";
import type { Request } from "../../../nodes/shared/request";
import { agentError } from "../../../src/protocol/errors";

const DEFINITIONS = ["a", "b", "c"].map((name) => ({ matchingId: `match ${name}`, name, valueUnit: "u" }));

/** An agent that answers these things, or throws them. */
function agent(answers: Record<string, unknown>): Request {
  return ((operation: string, { metricId }: { metricId?: string }) => {
    const answer = answers[metricId ?? operation];
    return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
  }) as unknown as Request;
}

async function failureOf(answers: Record<string, unknown>): Promise<PartialFailure> {
  try {
    await createMetrics("s", DEFINITIONS, agent(answers));
  } catch (error) {
    assert.ok(error instanceof PartialFailure);
    return error;
  }
  assert.fail("did not fail");
}

describe("Metrics that could be created only in part", () => {
  const error = agentError(26, "no", { metrics: ["match b"] });
  const listed = (...ids: string[]) => [
    { sensorId: "s", name: "s", metrics: ids.map((metricId) => ({ metricId, link: "" })) },
  ];

  it("are told with the IDs of those that were, for which the agent is asked", async () => {
    const { parts } = await failureOf({
      createMetrics: error,
      listSensors: listed("1", "2", "3", "4"),
      1: { metricId: "1", name: "a" },
      2: { metricId: "2", name: "c" },
      3: { metricId: "3", name: "c" },
      4: { metricId: "4", name: "other" },
    });
    // Two are called c: which of them is new, nobody can know.
    assert.deepEqual(parts.created, [{ matchingId: "match a", metricId: "1", name: "a" }]);
    assert.deepEqual([parts.metrics, parts.delivered], [["b"], ["a", "c"]]);
  });

  it("are told also where the agent does not answer that", async () => {
    const { parts } = await failureOf({ createMetrics: error, listSensors: agentError(3, "no") });
    assert.equal(parts.created, undefined);
    assert.deepEqual(parts.delivered, ["a", "c"]);
  });

  it("are told with their IDs where the answer leaves one out", async () => {
    const matches = [{ matchingId: "match a", metricId: "1" }];
    const failure = await failureOf({ createMetrics: matches });
    assert.equal(failure.error.name, "BadReply");
    assert.deepEqual(failure.parts.created, [{ matchingId: "match a", metricId: "1", name: "a" }]);
  });
});
