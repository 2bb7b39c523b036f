/** What was seen besides an answer itself, and helps to say whose it is. */
import { Echo } from "./echo";
import { Fence } from "./fence";
import { Trust } from "./trust";

export class Observations {
  readonly echo = new Echo();
  readonly fence = new Fence();
  readonly trust = new Trust();
}
