/**
 * Sees that files were replaced, made, removed, or given other rights. It looks at them once a second, because what the
 * system tells by itself (`fs.watch`) misses changes on network drives and in containers.
 */
import { stat } from "node:fs/promises";

const LOOK_MS = 1000;

/** Calls `onChange` after each change of one of the files, from now on; gives what ends the watch. */
export function watchFiles(files: readonly string[], onChange: () => void): () => void {
  if (files.length === 0) return () => undefined;
  let ended = false;
  let timer: NodeJS.Timeout | undefined;
  let known: string | undefined;

  // A look can take long, or for ever, on a drive that hangs: the next one waits for it.
  async function look(): Promise<void> {
    const facts = await factsOf(files);
    if (ended) return;
    const isNew = known !== undefined && facts !== known;
    known = facts;
    timer = setTimeout(() => void look(), LOOK_MS);
    if (isNew) onChange();
  }
  void look();

  return () => {
    ended = true;
    clearTimeout(timer);
  };
}

/** Another text when anything is different that can let them be read, or be read as something else. */
async function factsOf(files: readonly string[]): Promise<string> {
  const facts = files.map((file) =>
    stat(file).then(
      ({ ino, size, mtimeMs, ctimeMs }) => [ino, size, mtimeMs, ctimeMs].join(" "),
      ({ code }: NodeJS.ErrnoException) => String(code),
    ),
  );
  return (await Promise.all(facts)).join("\n");
}
