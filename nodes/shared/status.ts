/** The one writer of a node's badge: at most four times a second, and the last one always (fault 42). */
import { systemClock, type Clock } from "../../src/time/clock";
import type { Node, NodeStatus } from "./node-red";

const INTERVAL = 250;

export class StatusWriter {
  private shown = "{}";
  private wanted: () => NodeStatus = () => ({});
  private last = -Infinity;
  private cancel: (() => void) | undefined;
  private closed = false;

  constructor(
    private readonly node: Pick<Node, "status">,
    private readonly clock: Pick<Clock, "monotonic" | "after"> = systemClock,
  ) {
    // A badge stays over a deploy: what this node showed before is not true any more.
    node.status({});
  }

  /** Texts cost more than a message does: made by a function, they are made only when they are written. */
  show(status: NodeStatus | (() => NodeStatus)): void {
    this.wanted = typeof status === "function" ? status : () => status;
    if (this.cancel !== undefined || this.closed) return;
    const wait = this.last + INTERVAL - this.clock.monotonic();
    if (wait <= 0) this.write();
    else this.cancel = this.clock.after(wait, () => this.write());
  }

  close(): void {
    this.closed = true;
    this.cancel?.();
  }

  private write(): void {
    this.cancel = undefined;
    this.last = this.clock.monotonic();
    const status = this.wanted();
    const text = JSON.stringify(status);
    if (text === this.shown) return;
    this.shown = text;
    this.node.status(status);
  }
}
