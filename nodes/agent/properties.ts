/** The properties of the agent. Numbers are texts in flow files; secrets are not here, but in `credentials.ts`. */
import { NAME, type Table } from "../shared/properties";

/** Seconds. */
const HOUR = 3600;
const DAY = 24 * HOUR;
const WEEK = 7 * DAY;
const YEAR = 366 * 24 * HOUR;

const PORT = { kind: "number", least: 1, most: 65_535, icon: "plug" } as const;
const FULL = { kind: "choice", value: "reject", choices: ["reject", "dropOldest"], icon: "filter" } as const;
const COUNT = { kind: "number", least: 1, icon: "list-ol", label: "label.queueCount" } as const;
const BYTES = {
  kind: "number",
  least: 1000,
  icon: "database",
  label: "label.queueBytes",
  unit: "unit.bytes",
} as const;
const AGE = {
  kind: "number",
  least: 0,
  isDecimal: true,
  icon: "clock-o",
  label: "label.queueAge",
  unit: "unit.secondsNoLimit",
} as const;

export const PROPERTIES = {
  name: NAME,
  host: { kind: "text", value: "localhost", check: "filled", icon: "globe", example: "localhost" },
  caSource: { kind: "choice", value: "file", choices: ["file", "text"], icon: "shield" },
  caFile: {
    kind: "text",
    value: "/var/lib/teamviewer-iot-agent/certs/TeamViewerAuthority.crt",
    check: "filled",
    icon: "file-text-o",
    label: "label.file",
    hint: "hint.caFile",
    when: { caSource: ["file"] },
  },
  caText: {
    kind: "text",
    value: "",
    lines: 6,
    check: "pemCertificate",
    icon: "file-text-o",
    label: "label.text",
    example: "-----BEGIN CERTIFICATE-----",
    when: { caSource: ["text"] },
  },
  identity: {
    kind: "choice",
    value: "managed",
    choices: ["managed", "files", "credentials"],
    icon: "key",
    hints: true,
  },
  clientName: {
    kind: "text",
    value: "",
    check: "clientName",
    icon: "industry",
    button: { id: "teamviewer-iot-agent-register", icon: "sign-in", label: "button.register" },
    when: { identity: ["managed"] },
  },
  autoRegister: { kind: "tick", value: false, when: { identity: ["managed"] } },
  certificateFile: {
    kind: "text",
    value: "",
    check: "filled",
    icon: "certificate",
    label: "label.certificate",
    example: "clientCert.crt",
    when: { identity: ["files"] },
  },
  keyFile: {
    kind: "text",
    value: "",
    check: "filled",
    icon: "key",
    label: "label.key",
    example: "privkey.pem",
    when: { identity: ["files"] },
  },
  port: { ...PORT, value: "18884", example: "18884" },
  registrationPort: { ...PORT, value: "18883", example: "18883" },
  serverName: {
    kind: "text",
    value: "",
    icon: "id-card-o",
    placeholder: "placeholder.serverName",
    hint: "hint.serverName",
  },
  requestTimeout: {
    kind: "number",
    value: "10",
    least: 0.1,
    most: HOUR,
    isDecimal: true,
    icon: "hourglass-half",
    unit: "unit.seconds",
  },
  keepalive: {
    kind: "number",
    value: "12",
    least: 1,
    most: 65_535,
    icon: "heartbeat",
    unit: "unit.seconds",
    hint: "hint.keepalive",
  },
  queueCount: { ...COUNT, value: "1000", most: 1_000_000, unit: "unit.requests" },
  queueBytes: { ...BYTES, value: "5000000", most: 1_000_000_000 },
  queueAge: { ...AGE, value: "300", most: WEEK },
  queueFull: { ...FULL, hint: "hint.queue" },
  outboxCount: { ...COUNT, value: "100000", most: 10_000_000, unit: "unit.pushes" },
  outboxBytes: { ...BYTES, value: "100000000", most: 100_000_000_000 },
  outboxAge: { ...AGE, value: "0", most: YEAR },
  outboxFull: { ...FULL, label: "label.queueFull" },
  replayOrder: {
    kind: "choice",
    value: "liveFirst",
    choices: ["liveFirst", "inOrder"],
    icon: "sort-amount-asc",
    hints: true,
  },
  replayRecords: {
    kind: "number",
    value: "100",
    least: 0,
    most: 100_000,
    icon: "tachometer",
    unit: "unit.pushesPerSecond",
  },
  replayBytes: {
    kind: "number",
    value: "100000",
    least: 0,
    most: 1_000_000_000,
    icon: "database",
    label: "label.queueBytes",
    unit: "unit.bytesPerSecond",
    hint: "hint.replay",
  },
  healthSensor: { kind: "text", value: "", icon: "stethoscope", hint: "hint.healthSensor" },
  healthInterval: {
    kind: "number",
    value: "60",
    least: 10,
    most: DAY,
    icon: "hourglass-half",
    unit: "unit.seconds",
    hint: "hint.healthInterval",
  },
} as const satisfies Table;
