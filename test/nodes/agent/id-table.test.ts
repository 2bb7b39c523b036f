/** The table of old and new IDs: kept, chained over several clients, and told as CSV. */
import assert from "node:assert/strict";
import { asCsv, readIdTable, withEarlier, writeIdTable, type IdTable } from "../../../nodes/agent/id-table";

const pair = (name: string, oldId: string, newId: string) => ({ name, oldId, newId });
const first: IdTable = {
  clientId: "B",
  sensors: [
    { client: "A", ...pair("Press", "a1", "b1"), metrics: [pair("T", "am", "bm"), pair("P", "ap", "bp")] },
  ],
};
const second: IdTable = {
  clientId: "C",
  sensors: [{ client: "B", ...pair("Press", "b1", "c1"), metrics: [pair("T", "bm", "cm")] }],
};

describe("The table of old and new IDs", () => {
  it("is read as it was written, and nothing else is read", () => {
    assert.deepEqual(readIdTable(writeIdTable(first)), first);
    const broken = ["", "{", "[]", '{"version":2}', writeIdTable(first).replace('"am"', "7")];
    for (const text of broken) assert.equal(readIdTable(text), undefined, text);
  });

  it("leads from the client before the last one to the newest, as far as a metric still is there", () => {
    const { sensors } = withEarlier(second, first);
    assert.deepEqual(sensors, [
      ...second.sensors,
      { client: "A", ...pair("Press", "a1", "c1"), metrics: [pair("T", "am", "cm")] },
    ]);
    assert.deepEqual(withEarlier(second, undefined), second);
  });

  it("is a line each sensor and metric as CSV, whatever the names are", () => {
    const named = { ...first, sensors: [{ ...first.sensors[0]!, name: 'Press "12", left', metrics: [] }] };
    assert.deepEqual(asCsv(named).split("\r\n"), [
      "client,sensor,metric,oldId,newId",
      'A,"Press ""12"", left",,a1,b1',
      "",
    ]);
  });
});
