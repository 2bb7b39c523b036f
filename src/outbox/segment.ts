/** One file of the store: lines are only ever added at its end, and the whole file goes when no record in it waits. */
import { constants } from "node:fs";
import { open, rename, stat, unlink, type FileHandle } from "node:fs/promises";
import { dirname, join } from "node:path";
import { makePrivateFolder } from "../files/private-file";
import { endOfLine, readLines, type Line } from "./lines";

/** So much is read at a time, since records are mostly read one after the other. */
const WINDOW = 16 * 1024;
const PAGE = 4096;
const NAME = /^(\d{10})\.log$/;
const DAMAGED = "damaged";
const PRIVATE_FILE = 0o600;
// A link in the place of our own file is somebody else's doing; Windows has no such flag.
const NO_LINK = (constants.O_NOFOLLOW as number | undefined) ?? 0;
const READ = constants.O_RDONLY | NO_LINK;
export const CHANGE = constants.O_RDWR | NO_LINK;

export class Segment {
  /** The records in this file that wait: sequence, and where the line is. */
  readonly waiting = new Map<number, number>();
  /** How many records were ever written to it. */
  records = 0;
  /** Bytes that are known to be good. */
  size = 0;
  /** There is something in it that cannot be read. */
  isDamaged = false;
  private writer: FileHandle | undefined;
  private reader: Promise<FileHandle> | undefined;
  private window: { from: number; bytes: Buffer } = { from: 0, bytes: Buffer.alloc(0) };
  /** There may be something behind the good bytes. */
  private isUncertain = false;
  /** The file's name is known to be on disk. */
  private isNamed = false;

  constructor(
    private readonly path: string,
    readonly number: number,
  ) {}

  static in(directory: string, number: number): Segment {
    return new Segment(join(directory, `${String(number).padStart(10, "0")}.log`), number);
  }

  /** The number of the segment whose file is called so. */
  static numberOf(name: string): number | undefined {
    const [, digits] = NAME.exec(name) ?? [];
    return digits === undefined ? undefined : Number(digits);
  }

  /** Makes the file, with its first line, which is safe when anything behind it is; after a failure there is none. */
  async create(text: string): Promise<void> {
    const file = await openPrivate(this.path, CHANGE | constants.O_CREAT | constants.O_EXCL);
    try {
      this.writer = file;
      await this.append(text, false);
    } catch (error) {
      await this.close();
      await unlink(this.path).catch(() => undefined);
      throw error;
    }
  }

  /** Adds lines; what could not be written whole is taken back. With `sync` it resolves when they are safe on disk. */
  async append(text: string, sync: boolean): Promise<void> {
    const bytes = Buffer.from(text);
    const file = (this.writer ??= await openPrivate(this.path, CHANGE));
    if (this.isUncertain) await this.truncate(file);
    this.isUncertain = true;
    try {
      await write(file, bytes, this.size);
      if (sync) {
        await this.sync();
        await this.checkPlace(file);
      }
    } catch (error) {
      await this.truncate(file).catch(() => undefined); // Before the next lines it is tried again.
      throw error;
    }
    this.size += bytes.length;
    this.isUncertain = false;
  }

  /** Rejects when there is no room for so many bytes. */
  async probe(room: number): Promise<void> {
    const file = (this.writer ??= await openPrivate(this.path, CHANGE));
    this.isUncertain = true;
    try {
      await write(file, Buffer.alloc(room, "\n"), this.size);
    } finally {
      await this.truncate(file);
    }
  }

  /** The line that begins there; `undefined` when it is damaged. Rejects while the disk refuses. */
  async read(at: number): Promise<Line | undefined> {
    let bytes = this.lineAt(at);
    for (let length = WINDOW; bytes === undefined && at < this.size; length *= 4) {
      const { size } = this;
      const part = Math.min(length, size - at);
      this.window = { from: at, bytes: await this.readWindow(at, part) };
      bytes = this.lineAt(at);
      // That was all there is; unless it grew meanwhile, when nobody knew whether the last line was whole.
      if (part < length && size === this.size) break;
    }
    for (const line of readLines(bytes ?? Buffer.alloc(0))) if (line.value !== undefined) return line;
    return undefined;
  }

  /** What was written without sync is on disk when this resolves, and so is the file's name. */
  async sync(): Promise<void> {
    await this.writer?.datasync();
    if (!this.isNamed) await syncFolder(dirname(this.path));
    this.isNamed = true;
  }

  /** Nothing more is to be added: it is on disk, and takes no handle of the process. */
  async finish(): Promise<void> {
    const { writer } = this;
    await this.sync();
    this.writer = undefined;
    await writer?.close();
  }

  /** The whole file, when it is not yet known. */
  async readAll(): Promise<Buffer> {
    const file = await openPrivate(this.path, READ);
    try {
      this.size = (await file.stat()).size;
      return await readPart(file, 0, this.size);
    } finally {
      await file.close();
    }
  }

  /** Whether there still is such a file. */
  async exists(): Promise<boolean> {
    return stat(this.path).then(
      () => true,
      (error: NodeJS.ErrnoException) => error.code !== "ENOENT",
    );
  }

  /** Nothing in it is needed any more; what could not be read is kept for a person. Gives where that is. */
  async retire(): Promise<string | undefined> {
    await this.close();
    if (!this.isDamaged) return void (await unlink(this.path).catch(ignoreMissing));
    return this.setAside();
  }

  /** Moves the file to where it is not read again. */
  async setAside(): Promise<string> {
    const folder = join(dirname(this.path), DAMAGED);
    await makePrivateFolder(folder);
    const keptIn = join(folder, `${this.number}-${Date.now()}.log`);
    await rename(this.path, keptIn).catch(ignoreMissing);
    return folder;
  }

  /** Gives back what reading it needs. */
  async rest(): Promise<void> {
    const { reader } = this;
    this.reader = undefined;
    this.window = { from: 0, bytes: Buffer.alloc(0) };
    await reader?.then((file) => file.close()).catch(() => undefined);
  }

  async close(): Promise<void> {
    const { writer } = this;
    this.writer = undefined;
    await this.rest();
    await writer?.close().catch(() => undefined);
  }

  private async readWindow(at: number, length: number): Promise<Buffer> {
    this.reader ??= open(this.path, READ);
    try {
      return await readPart(await this.reader, at, length);
    } catch (error) {
      await this.rest();
      throw error;
    }
  }

  private lineAt(at: number): Buffer | undefined {
    const { from, bytes } = this.window;
    if (at < from || at >= from + bytes.length) return undefined;
    const end = endOfLine(bytes, at - from);
    // A line that ends with the window may go on behind it.
    const isWhole = end < bytes.length || from + end >= this.size;
    return isWhole ? bytes.subarray(at - from, end) : undefined;
  }

  private async truncate(file: FileHandle): Promise<void> {
    await file.truncate(this.size);
    this.isUncertain = false;
  }

  /** What is written to a file that somebody deleted is not safe. */
  private async checkPlace(file: FileHandle): Promise<void> {
    const [ours, there] = await Promise.all([file.stat(), stat(this.path)]);
    if (ours.ino === there.ino && ours.dev === there.dev) return;
    throw Object.assign(new Error(`${this.path} was replaced`), { code: "ENOENT" });
  }
}

/** Opens a file that only its owner may read, whatever the umask was. */
export async function openPrivate(path: string, flags: string | number): Promise<FileHandle> {
  const file = await open(path, flags, PRIVATE_FILE);
  // Where nobody may change it, it is used as it is.
  if (((await file.stat()).mode & 0o777) !== PRIVATE_FILE)
    await file.chmod(PRIVATE_FILE).catch(() => undefined);
  return file;
}

/** A file's name is on disk when its folder is; Windows does not sync folders. */
async function syncFolder(path: string): Promise<void> {
  if (process.platform === "win32") return;
  const folder = await open(path, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

async function write(file: FileHandle, bytes: Buffer, at: number): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done, at + done);
    done += bytesWritten;
  }
}

/** What of the file can be read: a page that the disk has lost is zeros, and damages the lines in it. */
async function readPart(file: FileHandle, at: number, length: number): Promise<Buffer> {
  const bytes = Buffer.alloc(length);
  const read = async (from: number, count: number): Promise<number> => {
    let done = 0;
    for (let part = 1; part > 0 && done < count; done += part)
      part = (await file.read(bytes, from + done, count - done, at + from + done)).bytesRead;
    return done;
  };
  try {
    return bytes.subarray(0, await read(0, length));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EIO") throw error;
  }
  for (let from = 0; from < length; from += PAGE) {
    await read(from, Math.min(PAGE, length - from)).catch(() => undefined);
  }
  return bytes;
}

function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== "ENOENT") throw error;
}
