/** Agents in processes of their own, with a ledger: fault tests run against each of them. */
import { LedgerAgent } from "./ledger-agent";
import type { Accepted } from "./ledger";
import { needs } from "../needs";
import { SimulatedAgent } from "./simulated-agent";

export interface KillableAgent {
  readonly port: number;
  /** The path of the authority's certificate. */
  readonly ca: string;
  /** The files of a client that is registered. */
  readonly client: { readonly certificateFile: string; readonly keyFile: string };
  /** As a power cut does, and back again. */
  killAndRestart(): Promise<void>;
  /** To all of its processes. */
  signal(signal: NodeJS.Signals): void;
  /** What it accepted, oldest first. */
  accepted(): Promise<Accepted[]>;
  stop(): Promise<void>;
}

export const KILLABLE_AGENTS: readonly {
  readonly name: string;
  /** Skips the calling suite where it cannot be had. */
  readonly needs: (context: Mocha.Context) => void;
  readonly start: () => Promise<KillableAgent>;
}[] = [
  {
    name: "the simulator",
    needs: (context) => needs(context, "signals"),
    start: () => SimulatedAgent.start(),
  },
  {
    name: "an agent that is not ours",
    needs: (context) => needs(context, "signals", "mosquitto"),
    start: () => LedgerAgent.start(),
  },
];
