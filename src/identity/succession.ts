/**
 * The identities beside the one that is used: the next one, which is prepared, and the one before, which is kept until
 * somebody says that it is not needed. Each exchange is a few files, each of them written whole; wherever it ends, the
 * identity that is used is a whole one, and what is beside it says by its client which step was the last.
 */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { IotError } from "../protocol/errors";
import { FolderIdentity } from "./folder-identity";
import type { Identity } from "./identity";

export interface Identities {
  current: Identity | undefined;
  /** Absent where it is the same client as the current one. */
  next: Identity | undefined;
  before: Identity | undefined;
}

export class Succession {
  readonly next: FolderIdentity;
  private readonly before: FolderIdentity;

  constructor(private readonly current: FolderIdentity) {
    this.next = new FolderIdentity(join(current.directory, "next"));
    this.before = new FolderIdentity(join(current.directory, "before"));
  }

  async look(): Promise<Identities> {
    const [current, next, before] = await Promise.all([
      this.current.load(),
      this.next.load(),
      this.before.load(),
    ]);
    const other = (identity: Identity | undefined): Identity | undefined =>
      identity?.clientId === current?.clientId ? undefined : identity;
    return { current, next: other(next), before: other(before) };
  }

  /** The next identity becomes the one that is used, and that the one before. */
  async swap(): Promise<Identity> {
    const { current, next } = await this.look();
    if (next === undefined) throw new IotError("NoNewClient", { reason: "missing" });
    await this.exchange(current, next, this.before);
    await this.discard();
    return next;
  }

  /** The same the other way round. */
  async back(): Promise<Identity> {
    const { current, before } = await this.look();
    if (before === undefined) throw new IotError("NoNewClient", { reason: "before" });
    await this.exchange(current, before, this.next);
    await remove(this.before);
    return before;
  }

  /** Nobody goes back any more. `keeps`: the file stays, under its date, and is not looked at again. */
  async confirm(keeps: boolean): Promise<void> {
    if (keeps) await this.before.setAside();
    else await remove(this.before);
  }

  /** The next identity is not wanted. */
  async discard(): Promise<void> {
    await remove(this.next);
  }

  /** What is kept in `beside` is written first: there is no moment in which an identity is nowhere. */
  private async exchange(
    current: Identity | undefined,
    other: Identity,
    beside: FolderIdentity,
  ): Promise<void> {
    if (current !== undefined) await beside.save(current);
    await this.current.save(other, { keepsBefore: false });
  }
}

async function remove({ directory }: FolderIdentity): Promise<void> {
  try {
    await rm(directory, { recursive: true, force: true });
  } catch (cause) {
    const details = { path: directory, code: (cause as NodeJS.ErrnoException).code ?? "?" };
    throw new IotError("IdentityUnwritable", { details, cause });
  }
}
