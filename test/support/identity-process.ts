/**
 * A process that wants to be the client of an identity, to be asked and to be killed. This file is both sides: run with
 * a folder, it is the process.
 */
import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { ExclusiveIdentity } from "../../src/identity/exclusive-identity";
import { FolderIdentity } from "../../src/identity/folder-identity";

type Question = "load" | "release";

export class IdentityProcess {
  private constructor(private readonly child: ChildProcess) {}

  static async start(folder: string): Promise<IdentityProcess> {
    const child = fork(__filename, [folder], { execArgv: ["--require", require.resolve("tsx/cjs")] });
    await once(child, "message");
    return new IdentityProcess(child);
  }

  /** `loaded`, or the error's name. */
  load(): Promise<string> {
    return this.ask("load");
  }

  release(): Promise<string> {
    return this.ask("release");
  }

  async kill(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = once(this.child, "exit");
    this.child.kill("SIGKILL");
    await ended;
  }

  private async ask(question: Question): Promise<string> {
    const answer = once(this.child, "message") as Promise<[string]>;
    this.child.send(question);
    return (await answer)[0];
  }
}

if (require.main === module) {
  const folder = new FolderIdentity(process.argv[2] ?? "");
  const identity = new ExclusiveIdentity(folder, { directory: folder.directory, label: "the node" });
  process.on("message", (question: Question) => {
    const answered =
      question === "load" ? identity.load().then(() => "loaded") : identity.release().then(() => "released");
    answered.then(
      (answer) => process.send?.(answer),
      (error: Error) => process.send?.(error.name),
    );
  });
  process.send?.("ready");
}
