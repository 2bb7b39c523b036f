/** What holds for every test (.mocharc.json). */
import { explainWaits } from "./waits";

export const mochaHooks = {
  afterEach(this: Mocha.Context): void {
    explainWaits(this.currentTest);
  },
};
