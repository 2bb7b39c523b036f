/**
 * Reading every metric of an agent, which is a request for each: one sensor after the other, only while somebody looks,
 * and with a bar that says how far it is. What has been read stays read.
 */
import { element, icon } from "../../nodes/shared/editor/dom";
import type { Place } from "./tree";

export interface ReadingActions {
  word: (key: string, values?: Record<string, unknown>) => string;
  /** Gives whether the sensor could be read. */
  read(place: Place): Promise<boolean>;
  /** It is over, whether or not it came to its end. */
  ended(): void;
}

interface Work {
  done: number;
  readonly of: number;
}

export class Reading {
  readonly element: HTMLElement;
  private readonly text = element("span", { role: "status" });
  private readonly bar = element("progress");
  private work: Work | undefined;

  constructor(private readonly actions: ReadingActions) {
    const stop = actions.word("button.stop");
    this.bar.setAttribute("aria-label", actions.word("label.reading"));
    this.element = element(
      "div",
      { class: "teamviewer-iot-reading", hidden: true },
      this.text,
      element(
        "button",
        {
          type: "button",
          class: "red-ui-button red-ui-button-small",
          title: stop,
          "aria-label": stop,
          onclick: () => this.stop(),
        },
        icon("fa-times"),
      ),
      this.bar,
    );
  }

  get isRunning(): boolean {
    return this.work !== undefined;
  }

  async start(sensors: readonly { place: Place; count: number }[]): Promise<void> {
    const work = (this.work = { done: 0, of: sensors.reduce((sum, { count }) => sum + count, 0) });
    this.show();
    for (const { place, count } of sensors) {
      const isRead = await this.actions.read(place);
      if (this.work !== work) return;
      if (!isRead) break;
      work.done += count;
      this.show();
    }
    this.stop();
  }

  stop(): void {
    if (this.work === undefined) return;
    this.work = undefined;
    this.show();
    this.actions.ended();
  }

  private show(): void {
    const { work } = this;
    this.element.hidden = work === undefined;
    if (work === undefined) return;
    const [done, of] = [work.done, work.of].map((count) => count.toLocaleString());
    this.text.textContent = this.actions.word("hint.reading", { done, of });
    this.bar.max = work.of;
    this.bar.value = work.done;
  }
}
