/**
 * A doubly linked list: an entry can be taken out from anywhere in constant time. A `Set` can do that too, but when it
 * grows, its old table keeps references to entries that have left it, and these then survive until a full garbage
 * collection. With many pushes that was a tenth of the whole cost.
 */

/** An entry is in one chain at a time. */
export abstract class Link {
  chain: object | undefined;
  older: Link | undefined;
  newer: Link | undefined;
}

/** The link of an entry that is in a second chain at the same time. */
export class LinkOf<T> extends Link {
  constructor(readonly entry: T) {
    super();
  }
}

export class Chain<T extends Link> {
  size = 0;
  oldest: T | undefined;
  private newest: T | undefined;

  *[Symbol.iterator](): Iterator<T> {
    for (let entry = this.oldest; entry;) {
      // It may leave meanwhile.
      const next = entry.newer as T | undefined;
      yield entry;
      entry = next;
    }
  }

  has(entry: T): boolean {
    return entry.chain === this;
  }

  add(entry: T): void {
    this.link(entry, this.newest, undefined);
  }

  addFirst(entry: T): void {
    this.link(entry, undefined, this.oldest);
  }

  delete(entry: T): void {
    if (entry.chain !== this) return;
    const older = entry.older as T | undefined;
    const newer = entry.newer as T | undefined;
    if (older) older.newer = newer;
    else this.oldest = newer;
    if (newer) newer.older = older;
    else this.newest = older;
    entry.chain = entry.older = entry.newer = undefined;
    this.size--;
  }

  private link(entry: T, older: T | undefined, newer: T | undefined): void {
    entry.chain = this;
    entry.older = older;
    entry.newer = newer;
    if (older) older.newer = entry;
    else this.oldest = entry;
    if (newer) newer.older = entry;
    else this.newest = entry;
    this.size++;
  }
}
