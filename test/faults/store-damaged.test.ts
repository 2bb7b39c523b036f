/**
 * Every byte of a store is flipped, and every file of it cut at every length (faults 32, 33): what is whole is
 * delivered, what is not is counted, and nothing keeps the store from opening.
 */
import assert from "node:assert/strict";
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Outbox, type Deliver, type OutboxCounters } from "../../src/outbox/outbox";
import { agentError } from "../../src/protocol/errors";
import { FULL, size } from "./size";
import { until } from "../support/waits";

const RECORDS = 20;
/** The log is the one long file; at full length no byte of it is left out. */
const STEP = FULL ? 1 : 61;
const VALUES = Array.from({ length: RECORDS }, (_, value) => value);

describe("A store of 20 records that is damaged", function () {
  this.timeout(size(300_000, 1_800_000));
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

/** The same of a store that has a past, in several files, closed or killed: what is hit is chosen by a seed. */
describe("A store with a past, cut or with a byte flipped anywhere", function () {
  this.timeout(size(300_000, 1_800_000));
  const ROUNDS = size(150, 1000);
  const PUSHES = 1500;
  let top: string;

  interface Original {
    readonly directory: string;
    readonly counters: OutboxCounters;
    readonly pending: ReadonlySet<number>;
    readonly files: ReadonlyMap<string, Buffer>;
  }
  let originals: Original[];

  const make = (directory: string, deliver: Deliver): Outbox =>
    new Outbox({ directory, count: 10_000, bytes: 1e8, age: 0, whenFull: "reject" }, deliver);

  /** 1,500 pushes to five sensors, most of them delivered, some refused; over one restart. */
  async function write(directory: string, isKilled: boolean): Promise<Original> {
    const ended = new Set<number>();
    let left = 1000;
    const deliver: Deliver = ({ sequence }) =>
      left-- <= 0
        ? new Promise(() => undefined)
        : sequence % 10 === 0
          ? Promise.reject(agentError(15, "no such sensor"))
          : Promise.resolve();
    const value = "x".repeat(300);
    let outbox = make(directory, deliver);
    const fill = async (count: number): Promise<void> => {
      outbox.on("ended", ({ record }) => ended.add(record.sequence));
      for (let from = 0; from < count; from += 50) {
        const pushes = Array.from({ length: 50 }, (_, at) =>
          outbox.accept({ owner: "n", sensorId: `s${at % 5}`, metrics: [{ metricId: "m", value }] }),
        );
        await Promise.all(pushes);
      }
    };
    await fill(500);
    await outbox.close();
    outbox = make(directory, deliver);
    await fill(PUSHES - 500);
    outbox.setConnected(true);
    while (ended.size < 1000) await new Promise(setImmediate);
    const { counters } = outbox;
    const copy = `${directory}.copy`;
    const copied = (): Promise<void> =>
      cp(directory, copy, { recursive: true, filter: (path) => !path.endsWith("lock") });
    if (isKilled) await copied();
    // Not the outbox: it would wait for the answers that never come.
    await (outbox as unknown as { store: { close(): Promise<void> } }).store.close();
    if (!isKilled) await copied();
    const files = new Map<string, Buffer>();
    for (const file of await readdir(copy)) files.set(file, await readFile(join(copy, file)));
    const sequences = Array.from({ length: PUSHES }, (_, at) => at + 1);
    const pending = new Set(sequences.filter((sequence) => !ended.has(sequence)));
    return { directory: copy, counters, pending, files };
  }

  before(async () => {
    top = await mkdtemp(join(tmpdir(), "tviot-seeded-"));
    originals = [await write(join(top, "closed"), false), await write(join(top, "killed"), true)];
  });
  after(() => rm(top, { recursive: true, force: true }));

  /** Numbers from 0 to 1, the same for the same seed (mulberry32). */
  function chance(seed: number): () => number {
    let state = seed;
    return () => {
      state = (state + 0x6d2b79f5) | 0;
      let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
      mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
      return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
    };
  }

  it(`has its books right after each of ${ROUNDS} of them, tells what is lost, loses nothing that was not hit, and repeats little (faults 64, 65, 66)`, async () => {
    for (let seed = 1; seed <= ROUNDS; seed++) {
      const random = chance(seed);
      const original = originals[seed % 2]!;
      const names = [...original.files.keys()];
      const name = names[Math.floor(random() * names.length)] ?? "";
      const bytes = Buffer.from(original.files.get(name) ?? assert.fail(name));
      const at = Math.floor(random() * bytes.length);
      const isCut = random() < 0.5;
      if (!isCut) bytes[at] = (bytes[at] ?? 0) ^ (1 + Math.floor(random() * 255));
      const damaged = isCut ? bytes.subarray(0, at) : bytes;
      const where = `seed ${seed}: ${isCut ? "cut at" : "flipped"} ${at} of ${name}`;

      const directory = join(top, "damaged");
      await rm(directory, { recursive: true, force: true });
      await cp(original.directory, directory, { recursive: true });
      await writeFile(join(directory, name), damaged);
      const sent: number[] = [];
      const outbox = make(directory, ({ sequence }) => Promise.resolve(sent.push(sequence)));
      const told: number[] = [];
      outbox.on("damaged", ({ details }) => told.push(Number(details.count)));
      await outbox.open();
      const { accepted, pending, corrupt, ...rest } = outbox.counters;
      const { delivered, rejected, expired, dropped } = rest;
      const sum = delivered + rejected + expired + dropped + corrupt + pending;
      assert.deepEqual([accepted, sum], [PUSHES, PUSHES], where);
      outbox.setConnected(true);
      while (outbox.counters.pending > 0) await new Promise(setImmediate);
      await outbox.close();

      const lost = [...original.pending].filter((sequence) => !sent.includes(sequence));
      const cutOff = original.files.get(name)!.subarray(at).toString();
      const hit = isCut ? (cutOff.match(/"sequence":/g) ?? []).length + 1 : 1;
      assert.ok(lost.length <= hit, `${where} took ${lost.length} records`);
      assert.ok(corrupt >= lost.length, `${where} lost ${lost.length} and counts ${corrupt}`);
      assert.ok(isCut || sent.length <= original.pending.size + 50, `${where} repeats ${sent.length}`);
      assert.deepEqual(told, corrupt > 0 ? [corrupt] : [], where);
    }
  });
});
