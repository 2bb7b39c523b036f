/** The one writer of a node's badge: at most four times a second, and the last one always (fault 42). */
import type { Node, NodeStatus } from "./node-red";

const INTERVAL = 250;

export class StatusWriter {
  private shown = "{}";
  private wanted: NodeStatus = {};
  private last = 0;
  private timer: NodeJS.Timeout | undefined;
  private closed = false;

  constructor(private readonly node: Node) {
    // A badge outlives a deploy: what an earlier life of this node showed is not true any more.
    node.status({});
  }

  show(status: NodeStatus): void {
    this.wanted = status;
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
    const text = JSON.stringify(this.wanted);
    if (text === this.shown) return;
    this.shown = text;
    this.last = Date.now();
    this.node.status(this.wanted);
  }
}
