/** The one writer of a node's badge: at most four times a second, and the last one always (fault 42). */
import type { Node, NodeStatus } from "./node-red";

const INTERVAL = 250;

export class StatusWriter {
  private shown = "{}";
  private wanted: () => NodeStatus = () => ({});
  private last = 0;
  private timer: NodeJS.Timeout | undefined;
  private closed = false;

  constructor(private readonly node: Pick<Node, "status">) {
    // A badge outlives a deploy: what an earlier life of this node showed is not true any more.
    node.status({});
  }

  /** Texts cost more than a message does: made by a function, they are made only when they are written. */
  show(status: NodeStatus | (() => NodeStatus)): void {
    this.wanted = typeof status === "function" ? status : () => status;
    if (this.timer !== undefined || this.closed) return;
    const wait = this.last + INTERVAL - Date.now();
    if (wait <= 0 || wait > INTERVAL) this.write();
    else this.timer = setTimeout(() => this.write(), wait);
  }

  close(): void {
    this.closed = true;
    clearTimeout(this.timer);
  }

  private write(): void {
    this.timer = undefined;
    this.last = Date.now();
    const status = this.wanted();
    const text = JSON.stringify(status);
    if (text === this.shown) return;
    this.shown = text;
    this.node.status(status);
  }
}
