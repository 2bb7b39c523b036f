/** Values of one sensor that come within a moment wait for each other, and go as one push with one timestamp. */
import type { Clock } from "../time/clock";
import { Group, type PointPush } from "./pushes";

interface Waiting<R> {
  group: Group;
  sent: Promise<R>;
  send: () => void;
}

export class Gatherer<R> {
  private readonly waiting = new Map<string, Waiting<R>>();

  /** `moment` in milliseconds; 0: nothing waits. */
  constructor(
    private readonly moment: number,
    private readonly send: (push: PointPush) => Promise<R>,
    private readonly clock: Pick<Clock, "after">,
  ) {}

  /** Resolves, or rejects, with the push in which these values went. */
  add(push: PointPush): Promise<R> {
    if (this.moment === 0) return this.send(push);
    const { sensorId, metrics, time } = push;
    let waiting = this.waiting.get(sensorId);
    if (
      waiting !== undefined &&
      !metrics.every(({ metricId }) => waiting!.group.takes({ metricId, time }, this.moment))
    ) {
      waiting.send();
      waiting = undefined;
    }
    waiting ??= this.open(sensorId);
    for (const metric of metrics) waiting.group.add({ ...metric, time });
    return waiting.sent;
  }

  /** Whatever waits is sent now. */
  flush(): void {
    for (const { send } of [...this.waiting.values()]) send();
  }

  private open(sensorId: string): Waiting<R> {
    const group = new Group(sensorId);
    let go: () => void = () => undefined;
    const sent = new Promise<void>((resolve) => (go = resolve)).then(() => this.send(group.push));
    // Each of those who wait hears of a failure; that nobody waits is no crash.
    sent.catch(() => undefined);
    const cancel = this.clock.after(this.moment, () => send());
    const send = (): void => {
      cancel();
      this.waiting.delete(sensorId);
      go();
    };
    const waiting = { group, sent, send };
    this.waiting.set(sensorId, waiting);
    return waiting;
  }
}
