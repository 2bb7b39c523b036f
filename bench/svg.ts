/** A curve as an SVG that reads on white and on black. Pure. */

export interface Curve {
  title: string;
  /** What the steps on the x axis are; they are as far from each other as they come, whatever their distance. */
  x: readonly string[];
  series: readonly { name: string; unit: string; values: readonly number[] }[];
}

const [WIDTH, PANEL, TOP, SIDE, GAP] = [640, 150, 44, 60, 46];
const COLORS = ["#2f81f7", "#d97706", "#2da44e", "#a371f7"];
const INK = "#7d8590";
const escape = (text: string) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");

/** One panel below the other, each with an axis of its own that begins at zero. */
export function drawSvg({ title, x, series }: Curve): string {
  const height = TOP + series.length * (PANEL + GAP);
  const panels = series.map(({ name, unit, values }, number) =>
    panel(`${name}, ${unit}`, x, values, TOP + 22 + number * (PANEL + GAP), COLORS[number % COLORS.length]!),
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}"`,
    `  font-family="sans-serif" font-size="12" fill="${INK}" role="img" aria-label="${escape(title)}">`,
    `  <text x="8" y="20" font-size="15" font-weight="bold">${escape(title)}</text>`,
    ...panels.flat().map((line) => `  ${line}`),
    "</svg>",
    "",
  ].join("\n");
}

function panel(
  label: string,
  x: readonly string[],
  values: readonly number[],
  top: number,
  color: string,
): string[] {
  const bottom = top + PANEL - 20;
  const most = Math.max(...values, Number.MIN_VALUE);
  const across = (index: number) =>
    Math.round(SIDE + (index * (WIDTH - 2 * SIDE)) / Math.max(1, values.length - 1));
  const up = (value: number) => Math.round(bottom - (value / most) * (PANEL - 50));
  const points = values.map((value, index) => `${across(index)},${up(value)}`);
  return [
    `<text x="8" y="${top}" fill="${color}">${escape(label)}</text>`,
    `<line x1="${SIDE}" y1="${bottom}" x2="${WIDTH - SIDE}" y2="${bottom}" stroke="${INK}"/>`,
    `<polyline points="${points.join(" ")}" fill="none" stroke="${color}" stroke-width="2"/>`,
    ...values.flatMap((value, index) => [
      `<circle cx="${across(index)}" cy="${up(value)}" r="3" fill="${color}"/>`,
      `<text x="${across(index)}" y="${up(value) - 8}" text-anchor="middle">${figure(value)}</text>`,
      `<text x="${across(index)}" y="${bottom + 16}" text-anchor="middle">${escape(x[index] ?? "")}</text>`,
    ]),
  ];
}

/** To three digits. */
export function figure(value: number): string {
  return Number(value.toPrecision(3)).toLocaleString("en-US", { maximumFractionDigits: 3 });
}
