import assert from "node:assert/strict";
import { drawSvg, figure } from "../../bench/svg";

describe("A curve of the bench", () => {
  const svg = drawSvg({
    title: "Pushes <a second>",
    x: ["10", "100", "1,000"],
    series: [
      { name: "time", unit: "ms", values: [1, 2, 4] },
      { name: "CPU", unit: "µs", values: [0, 0, 0] },
    ],
  });

  it("is one line in each panel, the highest value at its top and zero at its bottom", () => {
    const lines = [...svg.matchAll(/<polyline points="([^"]+)"/g)].map(([, points]) =>
      points!.split(" ").map((point) => point.split(",").map(Number)),
    );
    assert.equal(lines.length, 2);
    const [time, cpu] = lines as [number[][], number[][]];
    const heights = time.map(([, y]) => y!);
    assert.ok(heights[0]! > heights[1]! && heights[1]! > heights[2]!);
    assert.equal(new Set(cpu.map(([, y]) => y)).size, 1);
    assert.deepEqual(
      time.map(([x]) => x),
      cpu.map(([x]) => x),
    );
  });

  it("has every value and every step as text, and no text that is markup", () => {
    for (const text of [">4<", ">2<", ">1,000<", "time, ms", "Pushes &lt;a second>"])
      assert.ok(svg.includes(text), text);
  });

  it("has colours of its own, for it is a picture that knows no theme", () => {
    assert.ok(!svg.includes("currentColor"));
    assert.match(svg, /fill="#[0-9a-f]{6}"/);
  });

  it("shows three digits", () => {
    assert.deepEqual([0, 0.12345, 12345.6].map(figure), ["0", "0.123", "12,300"]);
  });
});
