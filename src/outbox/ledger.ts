/** The books of an outbox: accepted = delivered + rejected + expired + dropped + corrupt + pending, at every look. */

/** How many records ended how, since the store was made. */
export interface Ledger {
  accepted: number;
  delivered: number;
  rejected: number;
  expired: number;
  dropped: number;
  /** Damaged on disk beyond reading. */
  corrupt: number;
}

/** The ways in which a record can end. */
export type Ending = Exclude<keyof Ledger, "accepted">;

export const EMPTY_LEDGER: Readonly<Ledger> = {
  accepted: 0,
  delivered: 0,
  rejected: 0,
  expired: 0,
  dropped: 0,
  corrupt: 0,
};

/** The records that are accounted for without being there any more. */
export function endedIn({ accepted, ...endings }: Ledger): number {
  void accepted;
  return Object.values(endings).reduce((sum, count) => sum + count, 0);
}

/** The records that have not ended. */
export function pendingIn(ledger: Ledger): number {
  return ledger.accepted - endedIn(ledger);
}
