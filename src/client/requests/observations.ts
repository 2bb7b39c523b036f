/** What was seen besides an answer itself, and helps to say whose it is. */
import { LiveEcho } from "./live-echo";
import { Probe } from "./probe";
import { Strangers } from "./strangers";

export class Observations {
  readonly echo = new LiveEcho();
  readonly probe: Probe;
  readonly strangers = new Strangers();

  /** `patience`: milliseconds that an agent which does not answer a ping is waited for. */
  constructor(patience: number) {
    this.probe = new Probe(patience);
  }
}
