/** What is accepted without a connection: by the store on disk, and by the queue in memory. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AgentClient, Outbox } from "./product";
import { share } from "./pushes";

const UNLIMITED = { count: 2_000_000, bytes: 1e9, age: 0, whenFull: "reject" } as const;
/** So many pushes wait at a time until they are on disk, and share its syncs; memory has nothing to wait for. */
const AT_A_TIME = 256;
const push = (value: number) => ({ sensorId: "line", metrics: [{ metricId: "temperature", value }] });

type TidyUp = () => Promise<unknown>;

export async function acceptOnDisk(count: number): Promise<TidyUp> {
  const directory = await mkdtemp(join(tmpdir(), "tviot-bench-"));
  const outbox = await fill(directory, count);
  return async () => {
    await outbox.close();
    await rm(directory, { recursive: true });
  };
}

/** Requests without a connection are accepted when they wait. */
export function acceptInMemory(count: number): Promise<TidyUp> {
  const waiting = waitInMemory();
  waiting.push(count);
  return Promise.resolve(() => waiting.stop());
}

/** A client without a connection, whose pushes wait. */
export function waitInMemory() {
  const client = new AgentClient({
    endpoint: () => new Promise(() => undefined),
    identity: { canRegister: false, load: () => new Promise(() => undefined) },
    keepalive: 12,
    requestTimeout: 2000,
    connectTimeout: 5000,
    queue: UNLIMITED,
    inFlight: 128,
  });
  client.start();
  let count = 0;
  const closed = () => undefined;
  return {
    get count() {
      return count;
    },
    push(more: number): void {
      for (let last = count + more; count < last; count++)
        client.request("pushValues", push(count)).catch(closed);
    },
    stop: () => client.stop(),
  };
}

/** What it takes to open a store in which so many pushes wait. */
export async function makeFullStore(pending: number): Promise<{ open: () => Promise<TidyUp>; stop: TidyUp }> {
  const directory = await mkdtemp(join(tmpdir(), "tviot-bench-"));
  await (await fill(directory, pending)).close();
  const open = async () => {
    const outbox = makeOutbox(directory);
    await outbox.open();
    return () => outbox.close();
  };
  return { open, stop: () => rm(directory, { recursive: true }) };
}

type Store = Awaited<ReturnType<typeof openEmptyStore>>;

export async function openEmptyStore() {
  const directory = await mkdtemp(join(tmpdir(), "tviot-bench-"));
  let outbox = await fill(directory, 0);
  const store = {
    accepted: 0,
    accept: (value: number) => outbox.accept({ owner: "bench", ...push(value) }),
    close: () => outbox.close(),
    async open(): Promise<void> {
      outbox = makeOutbox(directory);
      await outbox.open();
    },
    async stop(): Promise<void> {
      await outbox.close();
      await rm(directory, { recursive: true });
    },
  };
  return store;
}

export async function fillTo(store: Store, count: number): Promise<void> {
  const more = Math.max(0, count - store.accepted);
  store.accepted += more;
  await share(more, AT_A_TIME, (_, value) => store.accept(value));
}

async function fill(directory: string, count: number): Promise<InstanceType<typeof Outbox>> {
  const outbox = makeOutbox(directory);
  await share(count, AT_A_TIME, (_, value) => outbox.accept({ owner: "bench", ...push(value) }));
  return outbox;
}

function makeOutbox(directory: string): InstanceType<typeof Outbox> {
  return new Outbox({ directory, ...UNLIMITED }, () => Promise.resolve());
}
