/** After an outage: a long backlog is opened and replayed, while new values come; what it costs those, and what it takes. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { median } from "./measure";
import { bytesHeld } from "./memory";
import { Outbox } from "./product";
import { share } from "./pushes";
import { judge, type Target } from "./targets";

const PENDING = 1_000_000;
const SENSORS = 1000;
const AT_A_TIME = 1024;
const LIVE = 200;
const LIVE_EVERY_MS = 10;
/** What the agent of this bench takes for an answer. */
const ANSWER_MS = 2;
/** As the agent node has it where nothing is said. */
const PACE = { records: 100, bytes: 100_000, order: "liveFirst" } as const;
const SETTINGS = { count: 2 * PENDING, bytes: 1e10, age: 0, whenFull: "reject", replay: PACE } as const;

export async function replay(): Promise<Target[]> {
  const top = await mkdtemp(join(tmpdir(), "tviot-bench-"));
  try {
    const alone = median(await liveLatencies(new Run(join(top, "empty"))));
    const directory = join(top, "full");
    await fill(directory);
    const before = bytesHeld();
    const start = performance.now();
    const run = new Run(directory);
    await run.outbox.open();
    const opened = (performance.now() - start) / 1000;
    const held = (bytesHeld() - before) / PENDING;
    const latencies = await liveLatencies(run);
    const name = `${PENDING} stored`;
    return [
      judge(`${name}: s to open`, opened, { atMost: 10 }),
      judge(`${name}: bytes of memory each`, held, { atMost: 64 }),
      judge(`${name}: s from the connection to the first live value`, (latencies[0] ?? NaN) / 1000, {
        atMost: 1,
      }),
      judge(`${name}: a live value meanwhile, against one without them`, median(latencies) / alone, {
        atMost: 1.5,
      }),
    ];
  } finally {
    await rm(top, { recursive: true, force: true });
  }
}

/** A store, and an agent that confirms each push after a while. */
class Run {
  private readonly waiting = new Map<number, () => void>();
  readonly outbox: InstanceType<typeof Outbox>;

  constructor(directory: string) {
    this.outbox = new Outbox({ directory, ...SETTINGS }, async ({ timestamp }) => {
      await pause(ANSWER_MS);
      this.waiting.get(timestamp)?.();
    });
  }

  /** Milliseconds until a new value is delivered. */
  async live(value: number): Promise<number> {
    const start = performance.now();
    const timestamp = 4e12 + value;
    const delivered = new Promise<void>((resolve) => this.waiting.set(timestamp, resolve));
    await this.outbox.accept({ ...push(value), timestamp });
    await delivered;
    return performance.now() - start;
  }
}

/** Of values that come while the backlog is replayed; the first comes with the connection. */
async function liveLatencies(run: Run): Promise<number[]> {
  await run.outbox.open();
  run.outbox.setConnected(true);
  const latencies: number[] = [];
  for (let value = 0; value < LIVE; value++) {
    latencies.push(await run.live(value));
    await pause(LIVE_EVERY_MS);
  }
  await run.outbox.close();
  return latencies;
}

async function fill(directory: string): Promise<void> {
  const { outbox } = new Run(directory);
  await share(PENDING, AT_A_TIME, (_, value) => outbox.accept(push(value)));
  await outbox.close();
}

function push(value: number) {
  const sensorId = `sensor${value % SENSORS}`;
  return { owner: "bench", sensorId, metrics: [{ metricId: "temperature", value }] };
}
