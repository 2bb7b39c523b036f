/** Simulator nodes with the same folder, ports and broker share one simulator; it ends with the last of them. */
import type { Simulator, SimulatorOptions } from "../../src/simulator/index";

interface Shared {
  readonly simulator: Promise<Simulator>;
  users: number;
  /** It is being stopped: who comes now waits, and starts another one on the same ports. */
  ended?: Promise<unknown>;
}

export interface Membership {
  readonly simulator: Simulator;
  leave(): Promise<void>;
}

const all = new Map<string, Shared>();

/** Joins the simulator that runs with these options, or starts it. */
export async function joinSimulator(
  options: Required<Omit<SimulatorOptions, "faults" | "patience">>,
): Promise<Membership> {
  const { directory, host, port, registrationPort, broker } = options;
  const key = JSON.stringify([directory, host, port, registrationPort, broker]);
  for (let ending = all.get(key)?.ended; ending !== undefined; ending = all.get(key)?.ended) await ending;
  const shared = all.get(key) ?? { simulator: start(options), users: 0 };
  all.set(key, shared);
  shared.users++;
  const leave = async (): Promise<void> => {
    if (--shared.users > 0) return;
    shared.ended = shared.simulator.then((simulator) => simulator.stop()).finally(() => all.delete(key));
    await shared.ended;
  };
  try {
    return { simulator: await shared.simulator, leave };
  } catch (error) {
    await leave().catch(() => undefined);
    throw error;
  }
}

async function start(options: SimulatorOptions): Promise<Simulator> {
  // Loaded when it is wanted: a real agent needs no simulator.
  const { startSimulator } = await import("../../src/simulator/index.js");
  return startSimulator(options);
}
