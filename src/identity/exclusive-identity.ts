/**
 * An identity that one agent node of one process is at a time. Two that are one client get each other's answers, and the
 * agent would let both in, so it is refused here: to two agent nodes of one process by the certificate, wherever it
 * comes from; to two processes by the folder where we keep an identity ourselves, as two Node-REDs have it in common
 * that share a user directory.
 */
import { EventEmitter } from "node:events";
import { lockFolder, type Unlock } from "../files/folder-lock";
import { IotError } from "../protocol/errors";
import { FolderIdentity } from "./folder-identity";
import type { Identity, IdentitySource } from "./identity";

/** The agent node whose identity it is. A deploy makes it anew while the old one still ends: that is the same one. */
export interface AgentNode {
  /** Where what belongs to it is kept: no other one has the same. */
  readonly directory: string;
  /** For people. */
  readonly label: string;
}

/** Who is which client, by the certificate's fingerprint: all of a set are of one agent node. */
const clients = new Map<string, Set<ExclusiveIdentity>>();
/** Of a client that nobody is any more. */
const freed = new EventEmitter<{ freed: [fingerprint: string] }>().setMaxListeners(0);
/** Folders of this process. */
const folders = new Map<string, { users: number; unlock: Promise<Unlock> }>();

export class ExclusiveIdentity implements IdentitySource {
  private readonly folder: string | undefined;
  private owning: Promise<void> | undefined;
  private client: string | undefined;
  private refused: string | undefined;
  /** What is still being loaded when it is released, is nobody's. */
  private releases = 0;

  constructor(
    private readonly source: IdentitySource,
    private readonly node: AgentNode,
  ) {
    this.folder = source instanceof FolderIdentity ? source.directory : undefined;
  }

  get canRegister(): boolean {
    return this.source.canRegister;
  }

  /** Rejects with `IdentityLocked` while another agent node, or another process, is this client. */
  async load(): Promise<Identity | undefined> {
    const { releases, folder } = this;
    const identity = await this.source.load();
    if (releases !== this.releases) return identity;
    this.become(identity);
    if (identity !== undefined && folder !== undefined) await this.own(folder);
    return identity;
  }

  /** Another one may be this client. */
  async release(): Promise<void> {
    this.releases++;
    this.become(undefined);
    const { owning } = this;
    this.owning = undefined;
    const isOwner = await owning?.then(
      () => true,
      () => false,
    );
    if (isOwner === true) await leave(this.folder!);
  }

  /** Calls back when the client that was refused is free; gives what ends that. */
  watch(onFree: () => void): () => void {
    const look = (fingerprint: string): void => {
      if (fingerprint === this.refused) onFree();
    };
    freed.on("freed", look);
    return () => freed.off("freed", look);
  }

  private become(identity: Identity | undefined): void {
    const before = this.client;
    const fingerprint = identity?.fingerprint;
    this.refused = undefined;
    if (before === fingerprint) return;
    this.client = undefined;
    const users = before === undefined ? undefined : clients.get(before);
    if (users?.delete(this) === true && users.size === 0) {
      clients.delete(before!);
      freed.emit("freed", before!);
    }
    if (identity !== undefined) this.claim(identity);
  }

  private claim({ fingerprint, clientId }: Identity): void {
    const users = clients.get(fingerprint) ?? new Set();
    const [other] = users;
    if (other !== undefined && other.node.directory !== this.node.directory) {
      this.refused = fingerprint;
      const details = { clientId, node: other.node.label };
      throw new IotError("IdentityLocked", { reason: "node", details });
    }
    clients.set(fingerprint, users.add(this));
    this.client = fingerprint;
  }

  private own(folder: string): Promise<void> {
    this.owning ??= enter(folder).catch((error: unknown) => {
      this.owning = undefined;
      throw error;
    });
    return this.owning;
  }
}

async function enter(directory: string): Promise<void> {
  const locked = (): IotError =>
    new IotError("IdentityLocked", { reason: "process", details: { path: directory } });
  const lock = folders.get(directory) ?? { users: 0, unlock: lockFolder(directory, locked) };
  folders.set(directory, lock);
  lock.users++;
  try {
    await lock.unlock;
  } catch (error) {
    // Another attempt may have begun meanwhile.
    if (folders.get(directory) === lock) folders.delete(directory);
    throw error;
  }
}

async function leave(directory: string): Promise<void> {
  const lock = folders.get(directory);
  if (lock === undefined || --lock.users > 0) return;
  folders.delete(directory);
  await (
    await lock.unlock
  )();
}
