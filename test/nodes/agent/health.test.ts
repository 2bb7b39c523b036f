/** What is counted of an agent's connection, and how long its answers take. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { Health, healthOf, Sum } from "../../../nodes/agent/health";
import { Latencies } from "../../../nodes/agent/latencies";
import { IotError } from "../../../src/protocol/errors";
import type { Clock } from "../../../src/time/clock";

const MINUTE = 60_000;

describe("A sum of counts", () => {
  it("keeps what an ended one has counted, but not what it only had at the moment", () => {
    const sum = new Sum<{ sent: number; queued: number }>(["queued"]);
    assert.equal(sum.counts, undefined);
    const first = { sent: 5, queued: 2 };
    const endFirst = sum.begin(() => first);
    const second = { sent: 1, queued: 1 };
    sum.begin(() => second);
    assert.deepEqual(sum.counts, { sent: 6, queued: 3 });
    first.sent = 7;
    endFirst();
    endFirst();
    assert.deepEqual(sum.counts, { sent: 8, queued: 1 });
  });
});

describe("How long answers take", () => {
  it("is told in quantiles of the last minutes, and in all that there were", () => {
    const latencies = new Latencies();
    assert.equal(latencies.quantile(0.5, 0), undefined);
    for (let answer = 0; answer < 95; answer++) latencies.note(10, 0);
    for (let answer = 0; answer < 5; answer++) latencies.note(1000, 0);
    const [p50 = 0, p99 = 0] = [latencies.quantile(0.5, MINUTE), latencies.quantile(0.99, MINUTE)];
    assert.ok(p50 > 8 && p50 < 12, String(p50));
    assert.ok(p99 > 800 && p99 < 1200, String(p99));
    assert.equal(latencies.quantile(0.5, 11 * MINUTE), undefined);
    assert.deepEqual([latencies.count, Math.round(latencies.sum * 100)], [100, 595]);
    assert.equal(latencies.buckets.find(({ atMost }) => atMost === 0.016)?.count, 95);
    assert.equal(latencies.buckets.at(-1)?.count, 100);
  });

  it("is never told shorter than a tenth less or longer than a fifth more, whatever came", () => {
    const times = fc.array(fc.double({ min: 1, max: 60_000, noNaN: true }), { minLength: 1, maxLength: 300 });
    fc.assert(
      fc.property(times, fc.constantFrom(0.5, 0.95, 0.99), (all, part) => {
        const latencies = new Latencies();
        for (const time of all) latencies.note(time, 0);
        const sorted = all.toSorted((a, b) => a - b);
        const exact = sorted[Math.ceil(all.length * part) - 1] ?? 0;
        const told = latencies.quantile(part, 0) ?? 0;
        assert.ok(told >= exact * 0.84 - 1e-9 && told <= exact * 1.2, `${told} for ${exact}`);
      }),
    );
  });

  it("takes any time, and no more memory for many", () => {
    const latencies = new Latencies();
    for (const time of [-1, 0, 1, 1e9, Infinity]) latencies.note(time, 0);
    assert.equal(latencies.buckets.length, 17);
    assert.equal(latencies.count, 5);
  });
});

describe("The health of an agent", () => {
  const at = (now: number): Clock => ({
    now: () => now,
    monotonic: () => now,
    after: () => () => undefined,
    soon: () => undefined,
  });

  it("outlives the node, and is that of one agent node", () => {
    assert.equal(healthOf("a"), healthOf("a"));
    assert.notEqual(healthOf("a"), healthOf("b"));
  });

  it("counts failures by their name, and knows the last one and the last success", () => {
    const health = new Health();
    const refused = new IotError("ConnectionRefused", { details: { host: "h", port: 1 } });
    health.fail(refused, at(1000));
    health.fail(refused, at(2000));
    const client = { state: { name: "connected", since: 0 } as const };
    health.succeed(client.state, 2900, { client, clock: at(3000) });
    const { failures, lastFailure, lastSuccess } = health.view(at(5000));
    assert.deepEqual([failures, lastFailure?.time, lastSuccess], [2, 2000, 3000]);
    assert.deepEqual([...health.failures], [["ConnectionRefused", 2]]);
  });

  it("says nothing of the time of an answer that waited for a connection", () => {
    const health = new Health();
    const client = { state: { name: "connecting", attempt: 1 } as const };
    health.succeed(client.state, 0, { client, clock: at(0) });
    assert.equal(health.latencies.count, 0);
    assert.equal(health.view(at(0)).latency, undefined);
  });
});
