/**
 * Every byte of a store is flipped, and every file of it cut at every length (faults 32, 33): what is whole is
 * delivered, what is not is counted, and nothing keeps the store from opening.
 */
import assert from "node:assert/strict";
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Outbox, type OutboxCounters } from "../../src/outbox/outbox";
import { FULL } from "./size";
import { until } from "../support/waits";

const RECORDS = 20;
/** The log is the one long file; at full length no byte of it is left out. */
const STEP = FULL ? 1 : 61;
const VALUES = Array.from({ length: RECORDS }, (_, value) => value);

describe("A store of 20 records that is damaged", function () {
  this.timeout(FULL ? 1_800_000 : 240_000);
  let top: string;
  let original: string;
  let files: string[];

  before(async () => {
    top = await mkdtemp(join(tmpdir(), "tviot-damaged-"));
    original = join(top, "original");
    const outbox = store(original, []);
    for (const value of VALUES) {
      await outbox.accept({ owner: "n", sensorId: "oven", metrics: [{ metricId: "temp", value }] });
    }
    await outbox.close();
    files = await readdir(original);
  });
  after(() => rm(top, { recursive: true, force: true }));

  function store(directory: string, sent: unknown[]): Outbox {
    const settings = { directory, count: 1000, bytes: 1e6, age: 0, whenFull: "reject" as const };
    return new Outbox(settings, (record) => Promise.resolve(sent.push(record.metrics[0]?.value)));
  }

  /** Opens the store with one file changed, delivers what it has, and gives its books from before and what was sent. */
  async function opened(file: string, bytes: Uint8Array): Promise<OutboxCounters & { sent: unknown[] }> {
    const directory = join(top, "damaged");
    await rm(directory, { recursive: true, force: true });
    await cp(original, directory, { recursive: true });
    await writeFile(join(directory, file), bytes);
    const sent: unknown[] = [];
    const outbox = store(directory, sent);
    try {
      await outbox.open();
      const { counters } = outbox;
      outbox.setConnected(true);
      await until(
        "what was pending is delivered",
        () => outbox.counters.delivered >= counters.pending,
        () => outbox.counters,
      );
      return { ...counters, sent };
    } finally {
      await outbox.close();
    }
  }

  const stepOf = (bytes: Buffer) => (bytes.length > 1000 ? STEP : 1);
  const lostOf = (sent: readonly unknown[]) => VALUES.filter((value) => !sent.includes(value));

  it("delivers all but the record that a flipped byte hit, in order, and counts that one (fault 32)", async () => {
    for (const file of files) {
      const bytes = await readFile(join(original, file));
      for (let at = 0; at < bytes.length; at += stepOf(bytes)) {
        const flipped = Buffer.from(bytes);
        flipped[at] = (flipped[at] ?? 0) ^ 0xff;
        const where = `byte ${at} of ${file}`;
        const { accepted, corrupt, pending, sent } = await opened(file, flipped);
        assert.deepEqual([accepted, pending + corrupt, sent.length], [RECORDS, RECORDS, pending], where);
        assert.ok(corrupt <= 1, where);
        assert.deepEqual(
          sent,
          VALUES.filter((value) => !lostOf(sent).includes(value)),
          where,
        );
      }
    }
  });

  it("delivers what is whole before the length that a file was cut to, in order (fault 33)", async () => {
    for (const file of files) {
      const bytes = await readFile(join(original, file));
      let most = 0;
      for (let length = 0; length < bytes.length; length += stepOf(bytes)) {
        const { accepted, corrupt, pending, sent } = await opened(file, bytes.subarray(0, length));
        const where = `${length} bytes of ${file}`;
        assert.deepEqual(sent, VALUES.slice(0, pending), where);
        assert.equal(pending + corrupt, accepted, where);
        assert.ok(pending >= most, `${where} hold less than fewer of them`);
        if (!file.endsWith(".log")) assert.equal(pending, RECORDS, where);
        most = pending;
      }
    }
  });
});
