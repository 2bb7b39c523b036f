/**
 * Writes docs/coverage.md: operation × field × error → test, from the tables that the conformance tests run.
 * `node --import tsx test/conformance/coverage.ts` writes it anew; a test says when that is needed.
 */
import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { format } from "prettier";
import { ACCEPTED } from "./accepted";
import { EXAMPLES, METRIC_IN_TOPIC, readCommand, SENSOR_IN_TOPIC, type Example } from "./examples";
import { REFUSED, REFUSED_REQUESTS } from "./refusals";
import { inputOfAccepted, inputOfRefused, inputOfRefusedRequest, titleOfExample } from "./titles";

export const COVERAGE_FILE = resolve("docs/coverage.md");

/** The document's operations with the fields of their messages, and the IDs in their topics. */
export const OPERATIONS: Record<string, { section: string; fields: string[] }> = {
  createClient: { section: "Create Client", fields: ["CSR", "CommonName"] },
  ...Object.fromEntries(
    EXAMPLES.map(({ operation, section, publish, fields, error }) => {
      const { topic } = readCommand(publish);
      const ids = [
        ...(error !== undefined && SENSOR_IN_TOPIC.test(topic) ? [":sensorId"] : []),
        ...(METRIC_IN_TOPIC.test(topic) ? [":metricId"] : []),
      ];
      return [operation, { section, fields: [...ids, ...Object.keys(fields)] }];
    }),
  ),
};

/** The fields that the message of an example has: the names, wherever they stand in it. */
export function fieldsOf({ publish }: Example): string[] {
  const message = JSON.parse(readCommand(publish).message) as Record<string, unknown>;
  const names = Object.entries(message).flatMap(([name, value]) => [
    name,
    ...(Array.isArray(value) ? value.flatMap((entry: object) => Object.keys(entry)) : []).map(
      (inner) => `${name}[].${inner}`,
    ),
  ]);
  return [...new Set(names)];
}

/** A test of one of the tables; without a code the request is taken. */
interface Case {
  operation: string;
  field: string;
  code?: number;
  input: string;
}

export const CASES: Case[] = [
  ...ACCEPTED.map((row) => ({ operation: row.operation, field: row.field, input: inputOfAccepted(row) })),
  ...REFUSED.map((row) => ({ ...row, input: inputOfRefused(row) })),
  ...REFUSED_REQUESTS.map((row) => ({
    operation: "createClient",
    field: row.field,
    code: row.code,
    input: inputOfRefusedRequest(row),
  })),
];

const code = (text: string) => `\`${text.replaceAll("|", "\\|")}\``;
const row = (...cells: string[]) => `| ${cells.join(" | ")} |`;

function operationPart([operation, { section, fields }]: [string, (typeof OPERATIONS)[string]]): string[] {
  const example = EXAMPLES.find((entry) => entry.operation === operation);
  const cases = CASES.filter((entry) => entry.operation === operation);
  const named = new Set([...fields, ...cases.map(({ field }) => field)]);
  const printed = example === undefined ? [] : fieldsOf(example);
  const topic = example === undefined ? "/v1.0/createClient" : readCommand(example.publish).topic;
  const good =
    example === undefined
      ? "createClient answers a certificate that names a client ID"
      : titleOfExample(example);
  return [
    `## ${section} (${code(operation)})`,
    `As printed, ${code(topic)}: “${good}”`,
    ...(cases.length === 0
      ? []
      : [row("field", "in the example", "error", "request"), row("-", "-", "-", "-")]),
    ...[...named].flatMap((field) =>
      cases
        .filter((entry) => entry.field === field)
        .map((entry) =>
          row(
            code(field),
            printed.includes(field) ? "yes" : "",
            entry.code === undefined ? "none" : String(entry.code),
            code(entry.input),
          ),
        ),
    ),
    "",
  ];
}

function codesPart(): string[] {
  const codes = [...new Set(CASES.flatMap((entry) => entry.code ?? []))].sort((a, b) => a - b);
  return [
    "## Every error code",
    row("code", "operations that provoke it", "tests"),
    row("-", "-", "-"),
    ...codes.map((number) => {
      const cases = CASES.filter((entry) => entry.code === number);
      const how = [
        ...new Set(
          cases.map(({ operation, field }) => (field === "agent" ? "by fault only" : code(operation))),
        ),
      ];
      return row(String(number), how.join(", "), String(cases.length));
    }),
  ];
}

export async function writeCoverage(): Promise<string> {
  const text = [
    "# What the conformance tests cover",
    "",
    "Made from the tables in `test/conformance/` by `node --import tsx test/conformance/coverage.ts`; do not edit it.",
    "Each line is a test that runs with `mosquitto_pub`, `mosquitto_sub` and `openssl` against the simulator, once with",
    "the embedded broker and once with Mosquitto; the examples over MQTT 3.1, 3.1.1 and 5.",
    "",
    "`P` stands for `/v1.0/:clientId`, `SENSOR`, `METRIC` and `COUNT` for IDs that the agent made. The field `message` is",
    "the message as a whole, `:sensorId` and `:metricId` stand in the topic, and `agent` is a fault that was switched on.",
    "",
    ...Object.entries(OPERATIONS).flatMap(operationPart),
    ...codesPart(),
    "",
  ].join("\n");
  return format(text, { parser: "markdown", printWidth: 110 });
}

if (require.main === module) {
  void writeCoverage().then((text) => writeFileSync(COVERAGE_FILE, text));
}
