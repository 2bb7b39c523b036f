/** The identity that we keep ourselves: one file with key and certificate, so that the two can never be of different ages. */
import { rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { makePrivateFolder, moveFile, readPrivateFile, writePrivateFile } from "../files/private-file";
import { IotError } from "../protocol/errors";
import { MAX_PEM_BYTES } from "../protocol/limits";
import { readIdentity, type Identity, type IdentitySource } from "./identity";

/** More than a key with its certificate and the identity before it. */
const TRIAL_BYTES = 32 * 1024;

export class FolderIdentity implements IdentitySource {
  readonly canRegister = true;
  readonly directory: string;
  readonly #file: string;

  constructor(directory: string) {
    this.directory = resolve(directory);
    this.#file = join(this.directory, "identity.pem");
  }

  async load(): Promise<Identity | undefined> {
    const text = await this.#attempt("IdentityUnreadable", () => this.#content());
    return text === undefined ? undefined : this.#read(text);
  }

  /** Makes sure that `save` will work: the folder is there, can be written, and the disk is not full. */
  async prepare(): Promise<void> {
    await this.#attempt("IdentityUnwritable", async () => {
      await makePrivateFolder(this.directory);
      await this.#content();
      const trial = join(this.directory, "trial");
      await writePrivateFile(trial, "#".repeat(TRIAL_BYTES));
      await rm(trial);
    });
  }

  /** Replaces the identity; the one before is kept beside it, with the date in its name. */
  async save(parts: { certificate: string; key: string }): Promise<Identity> {
    const text = `${parts.key.trimEnd()}\n${parts.certificate.trimEnd()}\n`;
    const identity = this.#read(text);
    await this.#attempt("IdentityUnwritable", async () => {
      await makePrivateFolder(this.directory);
      const before = await this.#content();
      if (before !== undefined) await writePrivateFile(this.#datedFile(), before);
      await writePrivateFile(this.#file, text);
    });
    return identity;
  }

  /** Renames the identity: kept for whoever needs it, and never used again by us. */
  async setAside(): Promise<void> {
    await this.#attempt("IdentityUnwritable", async () => {
      if ((await this.#content()) !== undefined) await moveFile(this.#file, this.#datedFile());
    });
  }

  #content(): Promise<string | undefined> {
    return readPrivateFile(this.#file, MAX_PEM_BYTES);
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
