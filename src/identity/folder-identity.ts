/** The identity that we keep ourselves: one file with key and certificate, so that the two can never be of different ages. */
import { constants } from "node:fs";
import { access, readdir, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import {
  makePrivateFolder,
  moveFile,
  readPrivateFile,
  writePrivateFile,
  type Exposure,
} from "../files/private-file";
import { IotError } from "../protocol/errors";
import { MAX_PEM_BYTES } from "../protocol/limits";
import { pemBlocks } from "./pem";
import { readIdentity, type Identity, type IdentityParts, type IdentitySource } from "./identity";

/** More than a key with its certificate and the identity before it. */
const RESERVED_BYTES = 32 * 1024;
const REFUSED = /^refused-([0-9a-f]{16})\.pem$/;
const MAX_REFUSED = 20;
/** Earlier identities, and refused ones. */
const BESIDE = /^(?:identity|refused)-[\w.-]+\.pem$/;
const MOST_BESIDE = 100;

export class FolderIdentity implements IdentitySource {
  readonly canRegister = true;
  onWarning: (warning: IotError) => void = () => undefined;
  readonly directory: string;
  readonly #file: string;
  /** What stays as it is, is told once. */
  readonly #told = new Set<string>();

  constructor(directory: string) {
    this.directory = resolve(directory);
    this.#file = join(this.directory, "identity.pem");
  }

  async load(): Promise<Identity | undefined> {
    const text = await this.#attempt("IdentityUnreadable", () => this.#content());
    await this.#lookBeside();
    return text === undefined ? undefined : this.#read(text);
  }

  /**
   * Makes sure that `save` will work: the folder is there, can be written, and the disk has room, which is held until
   * `save` needs it or it is released.
   */
  async prepare(): Promise<void> {
    await this.#attempt("IdentityUnwritable", async () => {
      await makePrivateFolder(this.directory);
      await this.#content();
      await writePrivateFile(this.#reserve, "#".repeat(RESERVED_BYTES));
    });
  }

  /** Gives back the room that was held; a file that cannot be removed does no harm. */
  async release(): Promise<void> {
    await rm(this.#reserve, { force: true }).catch(() => undefined);
  }

  /** Replaces the identity; the one before is kept beside it, with the date in its name, unless it is kept elsewhere. */
  async save(parts: IdentityParts, { keepsBefore = true } = {}): Promise<Identity> {
    const text = together(parts);
    const identity = this.#read(text);
    await this.#attempt("IdentityUnwritable", async () => {
      await makePrivateFolder(this.directory);
      const before = await this.#content();
      await this.release();
      if (before !== undefined && keepsBefore) await writePrivateFile(this.#datedFile(), before);
      await writePrivateFile(this.#file, text);
    });
    return identity;
  }

  /** Keeps what an agent answered and was not to be believed; `authority` stands for the agent. */
  async keepRefused(authority: string, parts: IdentityParts): Promise<void> {
    await this.release();
    await this.#attempt("IdentityUnwritable", () =>
      writePrivateFile(this.#refusedFile(authority), together(parts)),
    );
  }

  /** What was kept so, a few at most. */
  async refused(): Promise<({ authority: string } & IdentityParts)[]> {
    const names = await readdir(this.directory).catch(() => []);
    const authorities = names.flatMap((name) => REFUSED.exec(name)?.[1] ?? []).slice(0, MAX_REFUSED);
    return this.#attempt("IdentityUnreadable", () =>
      Promise.all(
        authorities.map(async (authority) => {
          const text = await this.#content(this.#refusedFile(authority), 2 * MAX_PEM_BYTES);
          const [key, ...rest] = pemBlocks(text ?? "").map(({ pem }) => pem);
          return { authority, key: key ?? "", certificate: rest.join("") };
        }),
      ),
    );
  }

  async forgetRefused(authority: string): Promise<void> {
    await rm(this.#refusedFile(authority), { force: true }).catch(() => undefined);
  }

  /** Makes sure, as far as that can be seen, that `setAside` will work. */
  async checkWritable(): Promise<void> {
    await this.#attempt("IdentityUnwritable", () => access(this.directory, constants.W_OK));
  }

  /** Renames the identity: kept for whoever needs it, and never used again by us. */
  async setAside(): Promise<void> {
    await this.#attempt("IdentityUnwritable", async () => {
      if ((await this.#content()) !== undefined) await moveFile(this.#file, this.#datedFile());
    });
  }

  async #content(path = this.#file, limit = MAX_PEM_BYTES): Promise<string | undefined> {
    const file = await readPrivateFile(path, limit);
    if (file?.exposure !== undefined) this.#warn(file.exposure, path);
    return file?.text;
  }

  /** Keys of earlier clients are keys: what others could do with them is taken away, and told. */
  async #lookBeside(): Promise<void> {
    const names = await readdir(this.directory).catch(() => []);
    for (const name of names.filter((name) => BESIDE.test(name)).slice(0, MOST_BESIDE)) {
      // What cannot be read there, or is no file, is not used.
      await this.#content(join(this.directory, name), 2 * MAX_PEM_BYTES).catch(() => undefined);
    }
  }

  #warn({ how, mode, owner }: Exposure, path: string): void {
    const cause = `${how} ${path}`;
    if (how !== "repaired" && this.#told.has(cause)) return;
    this.#told.add(cause);
    const reason = path === this.#file ? how : "beside";
    this.onWarning(new IotError("KeyExposed", { reason, details: { path, mode, owner } }));
  }

  get #reserve(): string {
    return join(this.directory, "reserve");
  }

  #refusedFile(authority: string): string {
    return join(this.directory, `refused-${authority}.pem`);
  }

  #datedFile(): string {
    // Windows allows no ":" in a file's name.
    const date = new Date().toISOString().replaceAll(":", "-");
    return join(this.directory, `identity-${date}.pem`);
  }

  #read(text: string): Identity {
    return readIdentity(
      { certificate: text, key: text },
      () => new IotError("IdentityUnreadable", { reason: "content", details: { path: this.#file } }),
    );
  }

  /** A failure of the file system, told as the given error. */
  async #attempt<T>(name: "IdentityUnreadable" | "IdentityUnwritable", access: () => Promise<T>): Promise<T> {
    try {
      return await access();
    } catch (cause) {
      const details = { path: this.#file, code: (cause as NodeJS.ErrnoException).code ?? "?" };
      const reason = name === "IdentityUnreadable" ? { reason: "unreadable" } : {};
      throw new IotError(name, { ...reason, details, cause });
    }
  }
}

function together({ key, certificate }: IdentityParts): string {
  return `${key.trimEnd()}\n${certificate.trimEnd()}\n`;
}
