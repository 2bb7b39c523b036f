/** The lanes of a client with very many sensors and metrics. */
import assert from "node:assert/strict";
import { Lanes } from "../../../src/client/requests/lanes";
import type { PendingRequest } from "../../../src/client/requests/lane";
import { Observations } from "../../../src/client/requests/observations";
import { ROUTES, type RequestTopics } from "../../../src/client/requests/routes";

const SENSORS = 3000;
const METRICS = 10;

describe("The topics of metrics that are described once each", () => {
  const lanes = new Lanes(new Observations(1000));
  lanes.setClient("c");

  function describeMetric(sensor: number, metric: number): RequestTopics {
    const parameters = { sensorId: `s${sensor}`, metricId: `m${metric}` };
    const route = ROUTES.describeMetric;
    const lane = lanes.of(route, parameters.sensorId, 0);
    return lanes.topicsOf({ route, lane, parameters } as unknown as PendingRequest);
  }

  it("are kept of the last 10,000, and the sensor's own topics with them (fault 53)", () => {
    const topics: RequestTopics[] = [];
    for (let sensor = 0; sensor < SENSORS; sensor++) {
      for (let metric = 0; metric < METRICS; metric++) topics.push(describeMetric(sensor, metric));
    }
    const kept = [...lanes.all()].reduce((sum, lane) => sum + lane.topics.size, 0);
    assert.equal(kept, 10_000);
    const laneOf = (topic = "") => lanes.ofTopic(topic)?.sensorId;
    assert.equal(laneOf(topics.at(-1)?.answers[0]), `s${SENSORS - 1}`);
    assert.equal(laneOf(topics[0]?.answers[0]), undefined);
    assert.equal(laneOf("/v1.0/c/sensor/s0/inventory/error/inbox"), "s0");
    // It is built anew, and known again.
    assert.equal(laneOf(describeMetric(0, 0).answers[0]), "s0");
  });
});
