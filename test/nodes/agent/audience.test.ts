import assert from "node:assert/strict";
import { audience, type Definition } from "../../../nodes/agent/audience";

const tab = (id: string): Definition => ({ id, type: "tab" });
const user = (id: string, z: string, g?: string) => ({ id, z, g });
const hears = (id: string, z: string, scope?: Definition["scope"], g?: string): Definition => ({
  id,
  type: "catch",
  z,
  g,
  scope: scope ?? null,
});
const ids = (users: readonly { id: string }[]): string[] => users.map(({ id }) => id);

describe("The audience of an agent node", () => {
  const users = [user("a", "one"), user("b", "one"), user("c", "two"), user("d", "two", "inner")];
  const flows = [
    tab("one"),
    tab("two"),
    { id: "outer", type: "group", z: "two" },
    { id: "inner", type: "group", z: "two", g: "outer" },
  ];

  it("is one node in each flow that has a listener", () => {
    const definitions = [...flows, hears("x", "one"), hears("y", "two"), hears("z", "two")];
    assert.deepEqual(ids(audience(users, definitions, "catch")), ["a", "c"]);
    assert.deepEqual(ids(audience(users, definitions, "status")), []);
  });

  it("is nobody where nobody listens", () => {
    assert.deepEqual(ids(audience(users, flows, "catch")), []);
  });

  it("has the nodes that a listener has chosen", () => {
    assert.deepEqual(ids(audience(users, [...flows, hears("x", "one", ["b"]), hears("y", "one")], "catch")), [
      "b",
    ]);
    assert.deepEqual(ids(audience(users, [...flows, hears("x", "one", ["other"])], "catch")), []);
  });

  it("has a node of the listener's group, or of a group in it", () => {
    assert.deepEqual(ids(audience(users, [...flows, hears("x", "two", "group", "outer")], "catch")), ["d"]);
    assert.deepEqual(ids(audience(users, [...flows, hears("x", "two", "group", "elsewhere")], "catch")), []);
  });

  it("has every node within subflows", () => {
    const inSubflow = [user("i-1", "instance"), user("i-2", "instance")];
    assert.deepEqual(ids(audience([...users, ...inSubflow], flows, "catch")), ["i-1", "i-2"]);
  });
});
