/**
 * An identity that one process is at a time: two Node-REDs with one user directory, in two containers for one, would get
 * each other's answers. The agent would let both in, so it is refused here.
 */
import { lockFolder, type Unlock } from "../files/folder-lock";
import { IotError } from "../protocol/errors";
import type { FolderIdentity } from "./folder-identity";
import type { Identity, IdentitySource } from "./identity";

/** Of this process. A deploy makes an agent node anew while the old one still ends, so that two can be users. */
const owned = new Map<string, { users: number; unlock: Promise<Unlock> }>();

export class ExclusiveIdentity implements IdentitySource {
  readonly canRegister = true;
  private owning: Promise<void> | undefined;

  constructor(private readonly folder: FolderIdentity) {}

  /** Rejects with `IdentityLocked` while another process is this client. */
  async load(): Promise<Identity | undefined> {
    const identity = await this.folder.load();
    if (identity !== undefined) await this.own();
    return identity;
  }

  /** Another process may be this client. */
  async release(): Promise<void> {
    const { owning } = this;
    this.owning = undefined;
    const isOwner = await owning?.then(
      () => true,
      () => false,
    );
    if (isOwner === true) await leave(this.folder.directory);
  }

  private own(): Promise<void> {
    this.owning ??= enter(this.folder.directory).catch((error: unknown) => {
      this.owning = undefined;
      throw error;
    });
    return this.owning;
  }
}

async function enter(directory: string): Promise<void> {
  const lock = owned.get(directory) ?? {
    users: 0,
    unlock: lockFolder(directory, () => new IotError("IdentityLocked", { details: { path: directory } })),
  };
  owned.set(directory, lock);
  lock.users++;
  try {
    await lock.unlock;
  } catch (error) {
    // Another attempt may have begun meanwhile.
    if (owned.get(directory) === lock) owned.delete(directory);
    throw error;
  }
}

async function leave(directory: string): Promise<void> {
  const lock = owned.get(directory);
  if (lock === undefined || --lock.users > 0) return;
  owned.delete(directory);
  await (
    await lock.unlock
  )();
}
