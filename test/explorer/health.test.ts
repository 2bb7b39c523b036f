/** The block that says how an agent is doing. */
import assert from "node:assert/strict";
import { healthLines, type HealthFacts } from "../../explorer/sidebar/health";

const NOW = new Date(2026, 4, 6, 12, 0, 0).getTime();
const DAY = 86_400_000;

function lines(facts: Partial<HealthFacts>): Record<string, string | undefined> {
  const word = (key: string, values = {}): string => `${key} ${JSON.stringify(values)}`;
  return Object.fromEntries(
    healthLines(
      { state: "connected", counters: {}, ...facts },
      { word, sentence: ({ message }) => message },
      NOW,
    ),
  );
}

describe("An agent's health in the sidebar", () => {
  it("says nothing of what there is none of", () => {
    const facts = { counters: { queued: 0 }, outbox: { pending: 0 }, health: { reconnects: 0 } };
    assert.deepEqual(
      Object.values(lines(facts)).filter((value) => value !== undefined),
      [],
    );
  });

  it("tells a time of today without its date, and another with it", () => {
    const time = (since: number): string | undefined => lines({ since })["label.since"];
    assert.equal(time(NOW - 60_000), new Date(NOW - 60_000).toLocaleTimeString());
    assert.ok(time(NOW - DAY)?.startsWith(`${new Date(NOW - DAY).toLocaleDateString()} `));
  });

  it("tells how long the oldest value waits in a unit of which there are a few, and when all is through", () => {
    const waits = (oldestAge: number): string | undefined =>
      lines({ replay: { waiting: 5, oldestAge, seconds: 90 } })["label.oldest"];
    assert.deepEqual(
      [1400, 119_000, 3_600_000, 7_200_000, 3 * DAY].map((age) => waits(age)?.replaceAll(/\D+$/g, "")),
      ["1", "119", "60", "2", "3"],
    );
    const through = lines({ replay: { waiting: 5, seconds: 90 } })["label.through"];
    assert.equal(through, new Date(NOW + 90_000).toLocaleTimeString());
  });
});
