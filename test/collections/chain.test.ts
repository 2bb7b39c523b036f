/** A list that anything can leave from anywhere, against an array. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { Chain, Link } from "../../src/collections/chain";

class Entry extends Link {
  constructor(readonly label: number) {
    super();
  }
}

describe("A chain", () => {
  it("has its entries in order, whatever comes and goes (fault 43)", () => {
    const command = fc.record({
      do: fc.constantFrom("add" as const, "addFirst" as const, "delete" as const),
      entry: fc.nat(9),
    });
    fc.assert(
      fc.property(fc.array(command, { maxLength: 100 }), (commands) => {
        const entries = Array.from({ length: 10 }, (_, label) => new Entry(label));
        const chain = new Chain<Entry>();
        let model: Entry[] = [];
        for (const { do: what, entry: index } of commands) {
          const entry = entries[index]!;
          const isIn = model.includes(entry);
          if (what !== "delete" && isIn) continue;
          chain[what](entry);
          if (what === "add") model.push(entry);
          else if (what === "addFirst") model.unshift(entry);
          else model = model.filter((other) => other !== entry);
          assert.deepEqual(
            [...chain].map(({ label }) => label),
            model.map(({ label }) => label),
          );
          assert.equal(chain.size, model.length);
          assert.deepEqual(
            entries.filter((one) => chain.has(one)),
            entries.filter((one) => model.includes(one)),
          );
        }
      }),
    );
  });

  it("leaves an entry of another chain where it is", () => {
    const [one, other, entry] = [new Chain<Entry>(), new Chain<Entry>(), new Entry(1)];
    one.add(entry);
    other.delete(entry);
    assert.deepEqual([[...one].length, one.size, other.size], [1, 1, 0]);
  });

  it("can be walked while its entries leave", () => {
    const chain = new Chain<Entry>();
    for (let label = 0; label < 5; label++) chain.add(new Entry(label));
    const seen = [];
    for (const entry of chain) {
      seen.push(entry.label);
      chain.delete(entry);
    }
    assert.deepEqual([seen, chain.size, chain.oldest], [[0, 1, 2, 3, 4], 0, undefined]);
  });
});
