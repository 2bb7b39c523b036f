/** What an agent accepted, as it wrote it down itself: one of the two ledgers that a fault test joins. */
import { readFile } from "node:fs/promises";

/** A line of the ledger. */
export interface Accepted {
  sensor: string;
  timestamp?: number;
  value: number;
}

/** A line that a kill cut off was never answered. */
export async function readLedger(file: string): Promise<Accepted[]> {
  const ledger = await readFile(file, "utf8").catch(() => "");
  return ledger
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Accepted);
}
