/** IDs of the client before, in what is asked of the client now. */
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FormerIds } from "../../../nodes/agent/former-ids";
import { IotError } from "../../../src/protocol/errors";

const metric = (name: string, oldId: string, newId: string) => ({ name, oldId, newId });
const TABLE = {
  clientId: "new",
  sensors: [
    {
      client: "old",
      ...metric("Press", "s1", "s2"),
      metrics: [metric("T", "m1", "m2"), metric("kept", "same", "same")],
    },
  ],
};

describe("IDs of the client before", () => {
  let directory: string;
  let told: [string, string][];
  beforeEach(async () => {
    told = [];
    directory = await mkdtemp(join(tmpdir(), "tviot-ids-"));
  });
  afterEach(() => rm(directory, { recursive: true, force: true }));

  async function idsOf(clientId: string): Promise<FormerIds> {
    const ids = new FormerIds(
      directory,
      () => Promise.resolve(clientId),
      (former, id) => told.push([former, id]),
    );
    await ids.write(TABLE);
    await ids.ready();
    return ids;
  }

  it("become those of now wherever a request names them, and are told once", async () => {
    const ids = await idsOf("new");
    const asked = {
      sensorId: "s1",
      metricId: "m1",
      metricIds: ["m1", "same", "other"],
      metrics: [{ metricId: "m1", value: 7 }, { metricId: "other" }],
      timestamp: 5,
    };
    assert.deepEqual(ids.translate(asked).parameters, {
      sensorId: "s2",
      metricId: "m2",
      metricIds: ["m2", "same", "other"],
      metrics: [{ metricId: "m2", value: 7 }, { metricId: "other" }],
      timestamp: 5,
    });
    ids.translate({ sensorId: "s1" });
    assert.deepEqual([told, ids.count], [[["s1", "s2"]], 2]);
    assert.deepEqual(ids.formerOf("s2"), ["s1"]);
  });

  it("are translated from the first request on, also where two want to know the client's table at once", async () => {
    const ids = await idsOf("another");
    void ids.use("new");
    await ids.use("new");
    assert.equal(ids.translate({ sensorId: "s1" }).parameters.sensorId, "s2");
  });

  it("leave a request as it is that names none, also metrics that are to be created", async () => {
    const ids = await idsOf("new");
    for (const asked of [{}, { name: "s1" }, { sensorId: "s2", metrics: [{ matchingId: "m1", name: "m1" }] }])
      assert.equal(ids.translate(asked).parameters, asked);
    assert.deepEqual(told, []);
  });

  it("are those of an error about them, too: a flow knows no others", async () => {
    const ids = await idsOf("new");
    const { told } = ids.translate({ sensorId: "s1", metrics: [{ metricId: "m1" }] });
    const error = new IotError("PushValuesFailed", {
      code: 27,
      metrics: ["m2", "x"],
      operation: "pushValues",
    });
    const { name, code, metrics, operation } = told(error);
    assert.deepEqual([name, code, metrics, operation], ["PushValuesFailed", 27, ["m1", "x"], "pushValues"]);
  });

  it("are what they are while another client is the one that runs", async () => {
    const ids = await idsOf("old");
    assert.deepEqual(ids.translate({ sensorId: "s1" }).parameters, { sensorId: "s1" });
    await ids.use("new");
    assert.deepEqual(ids.translate({ sensorId: "s1" }).parameters, { sensorId: "s2" });
    await ids.use("old");
    assert.deepEqual(ids.translate({ sensorId: "s1" }).parameters, { sensorId: "s1" });
  });
});
