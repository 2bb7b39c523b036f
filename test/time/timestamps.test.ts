/** The timestamps of pushes while the machine's clock does what it likes. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { Timestamps } from "../../src/time/timestamps";

describe("the memory of timestamps", () => {
  const NOW = 1_700_000_000_000;

  it("gives the clock's time, and one later than the last where that is not later, however many come at once", () => {
    const memory = new Timestamps();
    for (let count = 0; count < 70_000; count++) assert.equal(memory.next("s", NOW), NOW + count);
    assert.equal(memory.next("s", NOW + 80_000), NOW + 80_000);
  });

  it("gives the clock's time again when that was set back by a minute: a wrong time is not kept (fault 34)", () => {
    const memory = new Timestamps();
    memory.next("s", NOW);
    assert.equal(memory.next("s", NOW - 59_999), NOW + 1);
    assert.equal(memory.next("s", NOW - 119_999), NOW - 119_999);
  });

  it("makes one later than all of its sensor, made or given, while the clock goes on or back a little (fault 45)", () => {
    const step = fc.record({ elapsed: fc.integer({ min: -20, max: 20 }), given: fc.option(fc.nat(59_000)) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 50 }), (steps) => {
        const memory = new Timestamps();
        let now = NOW;
        let latest = 0;
        for (const { elapsed, given } of steps) {
          now = Math.max(now + elapsed, NOW - 20);
          if (given === null) {
            const next = memory.next("s", now);
            assert.ok(next > latest);
            latest = next;
          } else {
            memory.note("s", NOW + given - 1000, now);
            if (NOW + given - 1000 - now < 60_000) latest = Math.max(latest, NOW + given - 1000);
          }
        }
      }),
    );
  });

  it("follows no given time that is far ahead of the clock, and none that is past", () => {
    const memory = new Timestamps();
    memory.note("s", NOW + 60_000, NOW);
    memory.note("s", 5, NOW);
    assert.equal(memory.next("s", NOW), NOW);
  });

  it("remembers a given time though the one before was of a clock that was wrong", () => {
    const memory = new Timestamps();
    memory.next("s", NOW + 86_400_000);
    memory.note("s", NOW + 5, NOW);
    assert.equal(memory.next("s", NOW), NOW + 6);
  });

  it("knows each sensor by itself, tens of thousands of them, and forgets those that were longest unused", () => {
    const memory = new Timestamps(10);
    memory.note("kept", NOW + 100, NOW);
    memory.note("forgotten", NOW + 100, NOW);
    for (let sensor = 0; sensor < 30; sensor++) {
      memory.next(`s${sensor}`, NOW);
      if (sensor % 5 === 0) memory.next("kept", NOW);
    }
    assert.ok(memory.next("kept", NOW) > NOW + 100);
    assert.equal(memory.next("forgotten", NOW), NOW);
    const large = new Timestamps();
    for (let sensor = 0; sensor < 25_000; sensor++) large.note(`s${sensor}`, NOW + 7, NOW);
    for (let sensor = 0; sensor < 25_000; sensor++) assert.equal(large.next(`s${sensor}`, NOW), NOW + 8);
  });
});
