/**
 * Ports that nobody uses, for what has to be told its port before it listens. What the system gives for port 0 may be
 * given to another process in between: tests run in several. So each process takes a block of ports for itself, below
 * those that the system gives away, and hands them out one after the other.
 */
import { createServer, type Server } from "node:net";

const LOWEST = 12_000;
const BLOCKS = 200;
const BLOCK = 100;

let block: Promise<Block> | undefined;

/** So many, and all different. */
export async function freePorts(count: number): Promise<number[]> {
  const { next } = await (block ??= Block.take());
  const ports: number[] = [];
  while (ports.length < count) ports.push(await next());
  return ports;
}

export async function freePort(): Promise<number> {
  const [port = 0] = await freePorts(1);
  return port;
}

/** A block is whose process listens at its first port. */
class Block {
  private last = 0;
  private turn: Promise<unknown> = Promise.resolve();

  private constructor(private readonly first: number) {}

  static async take(): Promise<Block> {
    for (let tries = 0; tries < BLOCKS; tries++) {
      const first = LOWEST + BLOCK * ((process.pid + tries) % BLOCKS);
      const server = await listening(first);
      if (server === undefined) continue;
      // It is given back when the process ends.
      server.unref();
      return new Block(first);
    }
    throw new Error(`none of the ${BLOCKS} blocks of ports from ${LOWEST} is free`);
  }

  /** One after the other: two that ask at once get two ports. */
  readonly next = (): Promise<number> => {
    const port = this.turn.then(() => this.find());
    this.turn = port.catch(() => undefined);
    return port;
  };

  private async find(): Promise<number> {
    for (let tries = 1; tries < BLOCK; tries++) {
      this.last = (this.last % (BLOCK - 1)) + 1;
      const port = this.first + this.last;
      const server = await listening(port);
      if (server === undefined) continue;
      await new Promise((closed) => server.close(closed));
      return port;
    }
    throw new Error(`no port is free from ${this.first} on`);
  }
}

/** A server there, at all addresses; undefined where somebody listens already. */
function listening(port: number): Promise<Server | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(undefined));
    server.listen(port, () => resolve(server));
  });
}

/** A flow with a simulator as it is, but on ports that are free now. */
export function onPorts<Item extends { type: string }>(
  flow: readonly Item[],
  [port, registrationPort]: readonly number[],
): Item[] {
  const listens = ({ type }: Item): boolean => /^teamviewer-iot-(agent|simulator)$/.test(type);
  const ports = { port: String(port), registrationPort: String(registrationPort) };
  return flow.map((item) => (listens(item) ? { ...item, ...ports } : item));
}
