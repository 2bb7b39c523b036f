/**
 * The text that Prometheus reads, in its two formats: OpenMetrics 1.0, and the older one that has no end mark and calls
 * a counter as its sample is called. Pure: families in, text out.
 */

export type Labels = Readonly<Record<string, string>>;

/** One number, or none where it is not known now. */
interface Sample {
  labels: Labels;
  value: number | undefined;
}

/** Counts of what was at most so large; `Infinity` is not among them, for it is `count`. */
interface HistogramSample {
  labels: Labels;
  buckets: readonly { atMost: number; count: number }[];
  sum: number;
  count: number;
}

export type Family = {
  /** Without the ending that its type asks for. */
  name: string;
  help: string;
} & (
  | { type: "counter" | "gauge"; samples: readonly Sample[] }
  | { type: "histogram"; samples: readonly HistogramSample[] }
);

export type Format = keyof typeof CONTENT_TYPES;

export const CONTENT_TYPES = {
  openMetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8",
  text: "text/plain; version=0.0.4; charset=utf-8",
} as const;

/** What the one who asks can read. */
export function formatFor(accept: string): Format {
  return accept.includes("application/openmetrics-text") ? "openMetrics" : "text";
}

/** A family without a sample is left out. */
export function writeMetrics(families: readonly Family[], format: Format): string {
  const lines = families.flatMap((family) => linesOf(family, format));
  if (format === "openMetrics") lines.push("# EOF");
  return lines.map((line) => `${line}\n`).join("");
}

function linesOf(family: Family, format: Format): string[] {
  const { name, type, help } = family;
  const ending = type === "counter" ? "_total" : "";
  const samples =
    family.type === "histogram"
      ? family.samples.flatMap((sample) => histogramLines(name, sample))
      : family.samples.flatMap(({ labels, value }) =>
          value === undefined ? [] : [line(name + ending, labels, value)],
        );
  if (samples.length === 0) return [];
  const called = format === "text" ? name + ending : name;
  return [
    `# HELP ${called} ${escape(help, format === "openMetrics")}`,
    `# TYPE ${called} ${type}`,
    ...samples,
  ];
}

function histogramLines(name: string, { labels, buckets, sum, count }: HistogramSample): string[] {
  return [
    ...[...buckets, { atMost: Infinity, count }].map((bucket) =>
      line(`${name}_bucket`, { ...labels, le: number(bucket.atMost) }, bucket.count),
    ),
    line(`${name}_sum`, labels, sum),
    line(`${name}_count`, labels, count),
  ];
}

function line(name: string, labels: Labels, value: number): string {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escape(text, true)}"`);
  return `${name}${pairs.length === 0 ? "" : `{${pairs.join(",")}}`} ${number(value)}`;
}

function number(value: number): string {
  if (value === Infinity) return "+Inf";
  if (value === -Infinity) return "-Inf";
  return String(value);
}

/** The older format takes quotes in a HELP text as they are. */
function escape(text: string, withQuotes: boolean): string {
  const escaped = text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
  return withQuotes ? escaped.replaceAll('"', '\\"') : escaped;
}
