/** The text for Prometheus: its two formats, what its own tool says of it, and that it is only there when it is wanted. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { TextAnswer } from "../../explorer/endpoints/endpoint";
import { type Call } from "../../explorer/endpoints/endpoint";
import { showHealthMetrics } from "../../explorer/endpoints/health-metrics";
import { writeMetrics } from "../../explorer/endpoints/openmetrics";
import { serveEndpoints } from "../../explorer/endpoints/serve";
import { ENDPOINTS } from "../../explorer/endpoints/table";
import { Health } from "../../nodes/agent/health";
import type { NodeAPI } from "../../nodes/shared/node-red";
import { IotError } from "../../src/protocol/errors";
import { systemClock } from "../../src/time/clock";
import { needs } from "../support/needs";
import { complaints } from "../support/prometheus";

const OPEN_METRICS = "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5";

/** Two agents, one of which has everything and an awkward name. */
async function scrape(accept: string): Promise<TextAnswer> {
  const health = new Health();
  health.fail(new IotError("ConnectionRefused", { details: { host: "h", port: 1 } }), systemClock);
  health.reconnects = 3;
  health.lastSuccess = 5000;
  for (const time of [2, 20, 200_000]) health.latencies.note(time, 0);
  const counters = { sent: 9, answered: 7, failed: 1, timedOut: 1, repeated: 0, strays: 0, unasked: 0 };
  const busy = {
    health,
    clock: systemClock,
    view: () => ({ state: { name: "connected", since: 0 } }),
    counters: { ...counters, queued: 2, queuedBytes: 200, inFlight: 1 },
    outbox: {
      accepted: 10,
      delivered: 5,
      rejected: 1,
      expired: 0,
      dropped: 0,
      corrupt: 0,
      replayed: 2,
      pending: 4,
      bytes: 600,
    },
    identity: { validTo: new Date(86_400_000) },
    replay: () => Promise.resolve({ waiting: 4, bytes: 600, rate: 2, seconds: 2, oldestAge: 90_000 }),
  };
  const idle = {
    health: new Health(),
    clock: systemClock,
    view: () => ({ state: { name: "idle" } }),
    counters: {},
    outbox: undefined,
    identity: undefined,
    replay: () => Promise.resolve(undefined),
  };
  const nodes = [
    { id: "a", type: "teamviewer-iot-agent", name: 'press "1"\\2\n3', agent: busy },
    { id: "b", type: "teamviewer-iot-agent", name: "", agent: idle },
    { id: "c", type: "teamviewer-iot-ping" },
  ];
  const RED = {
    nodes: {
      eachNode: (tell: (node: object) => void) => nodes.forEach(tell),
      getNode: (id: string) => nodes.find((node) => node.id === id),
    },
  };
  return showHealthMetrics({ RED, accept } as unknown as Call);
}

describe("The health of all agents as a text", () => {
  it("is the format that is asked for, and the older one where none is", async () => {
    const modern = await scrape(OPEN_METRICS);
    assert.match(modern.contentType, /^application\/openmetrics-text; version=1\.0\.0/);
    assert.match(modern.text, /# TYPE teamviewer_iot_reconnects counter\n/);
    assert.ok(modern.text.endsWith("\n# EOF\n"));
    const older = await scrape("*/*");
    assert.match(older.contentType, /^text\/plain; version=0\.0\.4/);
    assert.match(older.text, /# TYPE teamviewer_iot_reconnects_total counter\n/);
    assert.doesNotMatch(older.text, /EOF/);
  });

  it("is what Prometheus' own tool finds nothing wrong with", async function () {
    needs(this, "prometheus");
    assert.equal(complaints((await scrape("")).text), "");
    assert.notEqual(complaints("# TYPE x counter\nx 1\n"), "");
  });

  it("says every number of each agent, escapes its name, and leaves out what is not known", async () => {
    const { text } = await scrape(OPEN_METRICS);
    const labels = 'agent="a",name="press \\"1\\"\\\\2\\n3"';
    for (const line of [
      `teamviewer_iot_connected{${labels}} 1`,
      'teamviewer_iot_connected{agent="b",name=""} 0',
      `teamviewer_iot_reconnects_total{${labels}} 3`,
      `teamviewer_iot_failures_total{${labels},error="ConnectionRefused"} 1`,
      `teamviewer_iot_certificate_expiry_time_seconds{${labels}} 86400`,
      `teamviewer_iot_store_ended_total{${labels},outcome="delivered"} 5`,
      `teamviewer_iot_store_oldest_age_seconds{${labels}} 90`,
      `teamviewer_iot_request_duration_seconds_bucket{${labels},le="0.002"} 1`,
      `teamviewer_iot_request_duration_seconds_bucket{${labels},le="+Inf"} 3`,
      `teamviewer_iot_request_duration_seconds_count{${labels}} 3`,
    ])
      assert.ok(text.split("\n").includes(line), line);
    assert.doesNotMatch(text, /undefined|NaN|store_pending_pushes\{agent="b"/);
    const samples = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
    const series = samples.map((line) => line.slice(0, line.lastIndexOf(" ")));
    assert.equal(new Set(series).size, series.length);
  });

  it("is the one that the manual and the dashboard for Grafana name", async () => {
    const { text } = await scrape("");
    const families = [...text.matchAll(/^# TYPE (\w+) (\w+)$/gm)].map(([, name, type]) => `${name} ${type}`);
    const manual = readFileSync(join(__dirname, "../../docs/monitoring.md"), "utf8");
    const rows = [...manual.matchAll(/^\| `(\w+)` *\| (counter|gauge|histogram) /gm)];
    assert.deepEqual(rows.map(([, name, type]) => `teamviewer_iot_${name} ${type}`).sort(), families.sort());
    const dashboard = readFileSync(join(__dirname, "../../docs/grafana-dashboard.json"), "utf8");
    const known = new Set(families.map((family) => family.split(" ")[0] ?? ""));
    const named = [...`${manual}${dashboard}`.matchAll(/teamviewer_iot_[a-z_]+/g)].map(([name]) => name);
    const unknown = named.filter(
      (name) => !known.has(name.replace(/_bucket$/, "")) && name !== "teamviewer_iot_",
    );
    assert.deepEqual(unknown, []);
    assert.ok((JSON.parse(dashboard) as { panels: unknown[] }).panels.length > 5);
  });

  it("has nothing of a family without a sample", () => {
    assert.equal(writeMetrics([{ name: "x", type: "gauge", help: "h", samples: [] }], "text"), "");
  });

  it("is there only where the settings file says so", () => {
    const pathsWith = (settings: object): string[] => {
      const paths: string[] = [];
      const add = (path: string): void => void paths.push(path);
      const RED = {
        settings,
        httpAdmin: { get: add, post: add },
        auth: { needsPermission: () => undefined },
      };
      serveEndpoints(RED as unknown as NodeAPI, ENDPOINTS);
      return paths.filter((path) => path.endsWith("/metrics") && !path.includes(":"));
    };
    assert.deepEqual(pathsWith({}), []);
    assert.deepEqual(pathsWith({ teamviewerIotMetrics: "yes" }), []);
    assert.deepEqual(pathsWith({ teamviewerIotMetrics: true }), ["/teamviewer-iot/metrics"]);
  });
});
