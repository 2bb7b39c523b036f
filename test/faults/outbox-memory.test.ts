/** What waits, waits on disk: memory holds a few numbers of each record (fault 35). */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const RECORDS = 10_000;
const MEGABYTE = 1024 * 1024;

describe("A store of 10,000 pushes of a kilobyte each", function () {
  let directory: string;
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), "tviot-memory-"));
  });
  after(() => rm(directory, { recursive: true, force: true }));

  it("takes less than 5 MiB of memory, and is sent in order (fault 35)", async () => {
    const source = join(__dirname, "../../src/outbox/outbox.ts");
    const script = `
      const { Outbox } = require(${JSON.stringify(source)});
      const settings = { directory: ${JSON.stringify(join(directory, "store"))}, count: 1e6, bytes: 1e9, age: 0, whenFull: "reject" };
      const heap = () => (gc(), gc(), process.memoryUsage().heapUsed);
      (async () => {
        const sent = [];
        const outbox = new Outbox(settings, async (record) => void sent.push(record.metrics[0].value.slice(0, 5)));
        await outbox.open();
        const before = heap();
        for (let from = 0; from < ${RECORDS}; from += 500) {
          await Promise.all(Array.from({ length: 500 }, (_, at) => outbox.accept({
            owner: "n", sensorId: "s",
            metrics: [{ metricId: "m", value: String(from + at).padStart(5, "0") + "x".repeat(995) }],
          })));
        }
        const grown = heap() - before;
        const drained = new Promise((resolve) => outbox.on("counters", () => outbox.counters.pending === 0 && resolve()));
        outbox.setConnected(true);
        await drained;
        await outbox.close();
        const inOrder = sent.every((value, index) => Number(value) === index);
        console.log(JSON.stringify({ grown, sent: sent.length, inOrder }));
      })();`;
    const { stdout } = await promisify(execFile)(process.execPath, [
      "--expose-gc",
      ...["--require", require.resolve("tsx/cjs")],
      ...["-e", script],
    ]);
    const { grown, ...rest } = JSON.parse(stdout) as { grown: number; sent: number; inOrder: boolean };
    assert.deepEqual(rest, { sent: RECORDS, inOrder: true });
    assert.ok(grown < 5 * MEGABYTE, `${grown} bytes`);
  });
});
