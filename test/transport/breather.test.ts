/** Reading that lets everything else have its turn. */
import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { Breather } from "../../src/transport/breather";

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** Work for so many milliseconds. */
function workFor(milliseconds: number): void {
  const end = performance.now() + milliseconds;
  while (performance.now() < end);
}

describe("What is read at full speed", () => {
  let source: Readable;
  let breather: Breather;
  let read: number;

  beforeEach(() => {
    source = new Readable({ objectMode: true, read: () => undefined });
    breather = new Breather(source);
    read = 0;
  });
  afterEach(() => source.destroy());

  function readAll(milliseconds: number): void {
    source.on("data", () => breather.during(() => workFor(milliseconds)));
    source.on("data", () => read++);
  }

  it("rests for a turn when its work takes long, in one piece or in several", async () => {
    readAll(6);
    for (let i = 0; i < 6; i++) source.push(i);
    const counts: number[] = [];
    while (read < 6) {
      await turn();
      counts.push(read);
    }
    assert.ok(
      counts.every((count, index) => count - (counts[index - 1] ?? 0) <= 2),
      counts.join(),
    );
  });

  it("gives what the work gives, also when that fails", () => {
    assert.equal(
      breather.during(() => 5),
      5,
    );
    assert.throws(() => breather.during(() => assert.fail("broken")), /broken/);
  });
});
