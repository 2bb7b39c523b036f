import assert from "node:assert/strict";
import {
  DOCUMENT,
  EXAMPLES,
  METRIC_IN_TOPIC,
  readCommand,
  SENSOR_IN_TOPIC,
} from "../../conformance/examples";
import { answerFilters, liveDataFilters, ROUTES } from "../../../src/client/requests/routes";

describe("routes", () => {
  it("receive every answer and error of the API document through filters of one client", () => {
    const filterOf = (topic: string) =>
      topic
        .replace(DOCUMENT.clientId, "c")
        .replace("P", "/v1.0/c")
        .replace(SENSOR_IN_TOPIC, "+")
        .replace(METRIC_IN_TOPIC, "+")
        .replace(/SENSOR|METRIC/g, "+");
    const documented = EXAMPLES.filter(({ operation }) => operation !== "liveData").flatMap(
      ({ subscribe, error }) => [subscribe && readCommand(subscribe).topic, error],
    );
    const filters = new Set([
      ...documented.flatMap((topic) => (topic === undefined ? [] : [filterOf(topic)])),
      // Where the vendor's clients listen, too.
      "/v1.0/c/delete/info/inbox",
      "/v1.0/c/sensor/+/inventory/error/inbox",
    ]);
    assert.deepEqual(answerFilters("c").sort(), [...filters].sort());
    assert.deepEqual(liveDataFilters("c"), ["/v1.0/c/sensor/+/livedata"]);
  });

  it("share a lane a sensor where topics are a sensor's, and one altogether where they are not", () => {
    const perSensor = Object.values(ROUTES).flatMap((route) => (route.perSensor ? [route.name] : []));
    const sensorsOwn = EXAMPLES.filter(
      ({ operation, subscribe = "" }) =>
        operation !== "liveData" && SENSOR_IN_TOPIC.test(readCommand(subscribe).topic),
    );
    assert.deepEqual(perSensor.sort(), sensorsOwn.map(({ operation }) => operation).sort());
    assert.equal(ROUTES.deleteMetrics.group, ROUTES.createMetrics.group);
  });
});
