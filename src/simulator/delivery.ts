/** Sends the agent's answers with the faults that are switched on: late, never, twice, or in another order. */
import type { Answer } from "./agent";
import type { Faults, Share } from "./faults";

type DeliveryFaults = Pick<Faults, "delay" | "lose" | "repeat" | "reorder">;

interface DeliveryOptions {
  faults: DeliveryFaults;
  send: (answer: Answer) => void;
  random?: () => number;
}

/** An answer that is held back and that no other follows goes out after this time, in milliseconds. */
const LONGEST_HOLD = 1000;

export class Delivery {
  private readonly timers = new Set<NodeJS.Timeout>();
  private held: Answer[] = [];

  constructor(private readonly options: DeliveryOptions) {}

  deliver(answers: readonly Answer[]): void {
    const { delay } = this.options.faults;
    if (answers.length === 0) return;
    if (delay === 0) this.sendAll(answers);
    else this.after(delay, () => this.sendAll(answers));
  }

  /** Drops what has not been sent yet. */
  close(): void {
    for (const timer of this.timers) clearTimeout(timer);
    this.timers.clear();
    this.held = [];
  }

  private sendAll(answers: readonly Answer[]): void {
    for (const answer of answers) this.sendWithFaults(answer);
  }

  private sendWithFaults(answer: Answer): void {
    const { send } = this.options;
    if (this.strikes("lose")) return;
    if (this.strikes("reorder")) {
      this.held.push(answer);
      if (this.held.length === 1) this.after(LONGEST_HOLD, () => this.sendHeld());
      return;
    }
    send(answer);
    if (this.strikes("repeat")) send(answer);
    this.sendHeld();
  }

  private sendHeld(): void {
    const held = this.held;
    this.held = [];
    for (const answer of held) this.options.send(answer);
  }

  /** Whether a fault concerns the next answer; "next:N" counts itself down. */
  private strikes(name: "lose" | "repeat" | "reorder"): boolean {
    const { faults, random = Math.random } = this.options;
    const share: Share = faults[name];
    if (typeof share === "number") return share > 0 && random() < share;
    const left = Number(share.slice("next:".length));
    faults[name] = left > 1 ? `next:${left - 1}` : 0;
    return left > 0;
  }

  private after(delay: number, act: () => void): void {
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      act();
    }, delay);
    this.timers.add(timer);
  }
}
