/** A simulator for a suite, in a folder of its own; call it inside `describe`. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startSimulator, type Simulator, type SimulatorOptions } from "../../src/simulator/index";
import { needs } from "./needs";

export interface RunningSimulator {
  readonly current: Simulator;
  readonly directory: string;
}

export function useSimulator(options: Partial<SimulatorOptions> = {}): RunningSimulator {
  let simulator: Simulator | undefined;
  let directory = "";
  before(async function () {
    if (options.broker === "mosquitto") needs(this, "mosquitto");
    directory = await mkdtemp(join(tmpdir(), "tviot-simulator-"));
    simulator = await startSimulator({ directory, ...options });
  });
  after(async () => {
    await simulator?.stop();
    await rm(directory, { recursive: true, force: true });
  });
  return {
    get current() {
      if (simulator === undefined) throw new Error("the simulator is not running yet");
      return simulator;
    },
    get directory() {
      return directory;
    },
  };
}
