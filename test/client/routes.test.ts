import assert from "node:assert/strict";
import { answerFilters, liveDataFilters, ROUTES } from "../../src/client/routes";

describe("routes", () => {
  it("receive every answer and error of the API document through filters of one client", () => {
    assert.deepEqual(answerFilters("c").sort(), [
      "/v1.0/c/delete/error/inbox",
      "/v1.0/c/delete/info/inbox",
      "/v1.0/c/inventory/error/inbox",
      "/v1.0/c/inventory/inbox",
      "/v1.0/c/ping/error/inbox",
      "/v1.0/c/ping/info/inbox",
      "/v1.0/c/sensor/+/delete/error/inbox",
      "/v1.0/c/sensor/+/delete/info/inbox",
      "/v1.0/c/sensor/+/error/inbox",
      "/v1.0/c/sensor/+/info/inbox",
      "/v1.0/c/sensor/+/inventory/error/inbox",
      "/v1.0/c/sensor/+/metric/+/inventory/error/inbox",
      "/v1.0/c/sensor/+/metric/+/inventory/inbox",
      "/v1.0/c/sensor/+/metric/delete/error/inbox",
      "/v1.0/c/sensor/+/metric/delete/info/inbox",
      "/v1.0/c/sensor/+/metric/error/inbox",
      "/v1.0/c/sensor/+/metric/inbox",
      "/v1.0/c/sensor/+/metric/update/error/inbox",
      "/v1.0/c/sensor/+/metric/update/info/inbox",
      "/v1.0/c/sensor/+/update/error/inbox",
      "/v1.0/c/sensor/+/update/info/inbox",
      "/v1.0/c/sensor/error/inbox",
      "/v1.0/c/sensor/inbox",
      "/v1.0/c/update/error/inbox",
      "/v1.0/c/update/info/inbox",
    ]);
    assert.deepEqual(liveDataFilters("c"), ["/v1.0/c/sensor/+/livedata"]);
  });

  it("share a lane a sensor where topics are a sensor's, and one altogether where they are not", () => {
    const perSensor = Object.values(ROUTES).flatMap((route) => (route.perSensor ? [route.name] : []));
    assert.deepEqual(perSensor.sort(), [
      "createMetrics",
      "deleteMetrics",
      "deleteSensor",
      "describeMetric",
      "pushValues",
      "updateMetrics",
      "updateSensor",
    ]);
    assert.equal(ROUTES.deleteMetrics.group, ROUTES.createMetrics.group);
  });
});
