/** Keeps the model in `state.json`: written some time after a change, at once where a certificate depends on it. */
import { join } from "node:path";
import { Turns } from "../time/turns";
import { readIfThere, writePrivateFile } from "./files";
import { readOwnJson, writeJson } from "./digits";
import type { ModelState } from "./model";

const WRITE_BEHIND = 500;

export class StateFile {
  private timer: NodeJS.Timeout | undefined;
  private readonly writes = new Turns();
  private readonly path: string;

  constructor(
    directory: string,
    private readonly read: () => ModelState,
    private readonly onError: (error: Error) => void,
  ) {
    this.path = join(directory, "state.json");
  }

  static async load(directory: string): Promise<ModelState | undefined> {
    const path = join(directory, "state.json");
    const text = await readIfThere(path);
    if (text === undefined) return undefined;
    try {
      return readOwnJson(text) as ModelState;
    } catch (cause) {
      throw new Error(`${path} is not valid JSON; delete it to begin anew`, { cause });
    }
  }

  changed(): void {
    this.timer ??= setTimeout(() => void this.flush().catch(this.onError), WRITE_BEHIND);
  }

  flush(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    return this.writes.run(() => writePrivateFile(this.path, `${writeJson(this.read())}\n`));
  }
}
