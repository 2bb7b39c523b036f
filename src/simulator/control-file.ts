/** `faults.json` in the simulator's directory: whoever writes it switches faults while the simulator runs. */
import { watch, type FSWatcher } from "node:fs";
import { join } from "node:path";
import { checkFaults, type Faults } from "./faults";
import { readIfThere } from "./files";
import { IotError } from "../protocol/errors";
import { invalid } from "../protocol/input";

const NAME = "faults.json";
/** Editors write in several steps; the last one counts. */
const SETTLE = 50;
const MAX_BYTES = 64 * 1024;

export class ControlFile {
  private watcher: FSWatcher | undefined;
  private timer: NodeJS.Timeout | undefined;
  private last: string | undefined;

  constructor(
    private readonly directory: string,
    /** `undefined`: the file was removed. */
    private readonly onFaults: (faults: Partial<Faults> | undefined) => void,
    private readonly onError: (error: Error) => void,
  ) {}

  async open(): Promise<void> {
    await this.read();
    this.watcher = watch(this.directory, { persistent: false }, (_event, name) => {
      if (name !== null && name !== NAME) return;
      clearTimeout(this.timer);
      this.timer = setTimeout(() => void this.read(), SETTLE);
    });
    this.watcher.on("error", this.onError);
  }

  close(): void {
    clearTimeout(this.timer);
    this.watcher?.close();
  }

  private async read(): Promise<void> {
    try {
      const text = await readIfThere(join(this.directory, NAME), MAX_BYTES);
      if (text === this.last) return;
      this.last = text;
      this.onFaults(text === undefined ? undefined : checkFaults(parse(text)));
    } catch (error) {
      this.onError(error instanceof IotError ? error : new Error(`${NAME} cannot be read`, { cause: error }));
    }
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw invalid("value", NAME, text, { allowed: "words.faultsFile" });
  }
}
