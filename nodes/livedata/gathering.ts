/** What comes at once, as one message: a row for each value. Many values then cost a flow as little as one message does. */
import type { LiveData } from "../../src/protocol/answers";
import type { MetricValue } from "../../src/protocol/units";
import type { Clock } from "../../src/time/clock";
import type { Message } from "../shared/node-red";

/** `timestamp` in milliseconds since 1970, where the agent gives one. */
interface Row {
  sensorId: string;
  metricId: string;
  value: MetricValue;
  timestamp?: number;
}

export class Gathering {
  private rows: Row[] = [];

  constructor(
    private readonly clock: Pick<Clock, "soon">,
    private readonly send: (message: Message) => void,
  ) {}

  /** It is sent when what has already arrived is read. */
  add({ sensorId, metrics, timestamp }: LiveData & { sensorId: string }): void {
    if (metrics.length === 0) return;
    if (this.rows.length === 0) this.clock.soon(() => this.sendAll());
    for (const { metricId, value } of metrics) {
      this.rows.push(
        timestamp === undefined ? { sensorId, metricId, value } : { sensorId, metricId, value, timestamp },
      );
    }
  }

  /** What has not been sent is not sent any more. */
  close(): void {
    this.rows = [];
  }

  private sendAll(): void {
    const { rows } = this;
    this.rows = [];
    if (rows.length > 0) this.send({ payload: rows });
  }
}
