/** The endpoints behind the editor, in a real Node-RED that knows users: who may call what, and what comes back. */
import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { ENDPOINTS } from "../../explorer/endpoints/table";
import { startSimulator, type Simulator } from "../../src/simulator/index";
import { needs } from "../support/needs";
import { Prometheus } from "../support/prometheus";
import { RealNodeRed, type FlowItem } from "../support/real-node-red";
import { TcpProxy } from "../support/tcp-proxy";
import { until } from "../support/waits";

/** Tokens by their user's permissions. */
const USERS = {
  all: "*",
  reader: "read",
  nobody: "",
  changer: ["teamviewer-iot.read", "teamviewer-iot.write"],
  deployer: ["teamviewer-iot.read", "flows.write"],
};
const SETTINGS = `module.exports.teamviewerIotMetrics = true;
module.exports.adminAuth = {
  type: "credentials",
  users: [],
  tokens: async (token) => {
    const permissions = ${JSON.stringify(USERS)}[token];
    return permissions === undefined ? null : { username: token, permissions };
  },
};`;
type User = keyof typeof USERS | undefined;

describe("The endpoints behind the editor", function () {
  let folder: string;
  let simulator: Simulator;
  /** Between Node-RED and the agent: counts connections. */
  let proxy: TcpProxy;
  let nodeRed: RealNodeRed;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "tviot-endpoints-"));
    simulator = await startSimulator({ directory: folder });
    proxy = await TcpProxy.start({ host: "localhost", port: simulator.port });
    nodeRed = await RealNodeRed.start({ settings: SETTINGS, token: "all" });
    await nodeRed.deploy([
      { id: "tab", type: "tab", label: "flow" },
      {
        id: "press",
        type: "teamviewer-iot-agent",
        name: "press hall",
        ...definition(),
        autoRegister: true,
        clientName: "press-12",
      },
      { id: "ping", type: "teamviewer-iot-ping", z: "tab", agent: "press", x: 100, y: 100, wires: [[], []] },
      {
        id: "go",
        type: "inject",
        z: "tab",
        props: [{ p: "payload" }],
        payload: "7",
        payloadType: "num",
        wires: [["push"]],
        x: 1,
        y: 1,
      },
      {
        id: "push",
        type: "teamviewer-iot-push",
        z: "tab",
        agent: "press",
        sensor: "belt",
        metric: "speed",
        wires: [[], []],
        x: 1,
        y: 1,
      },
    ]);
    await nodeRed.connected("press");
  });
  after(async () => {
    await nodeRed?.stop();
    await proxy?.stop();
    await simulator?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  function definition(changes: object = {}): Record<string, unknown> {
    const { registrationPort, ca } = simulator;
    return {
      host: "localhost",
      port: String(proxy.port),
      registrationPort: String(registrationPort),
      caFile: ca,
      ...changes,
    };
  }

  function call(path: string, user: User, init: RequestInit = {}): Promise<Response> {
    const headers = new Headers(init.headers);
    if (user !== undefined) headers.set("authorization", `Bearer ${user}`);
    return fetch(new URL(`teamviewer-iot/${path}`, nodeRed.url), { ...init, headers });
  }

  function post(
    path: string,
    body: unknown,
    user: User = "all",
    type = "application/json",
  ): Promise<Response> {
    return call(path, user, {
      method: "POST",
      headers: { "content-type": type },
      body: JSON.stringify(body),
    });
  }

  async function get(path: string): Promise<Record<string, unknown>> {
    return (await (await call(path, "all")).json()) as Record<string, unknown>;
  }

  async function test(body: object): Promise<{ step: string; outcome: string; error?: { name: string } }[]> {
    const response = await post("connection-test", body);
    assert.equal(response.headers.get("content-type"), "application/x-ndjson");
    const lines = (await response.text()).trim().split("\n");
    return lines.map((line) => JSON.parse(line) as { step: string; outcome: string });
  }

  for (const { method, path, permission } of ENDPOINTS) {
    it(`let only whoever may ${permission} call ${method} ${path}`, async () => {
      const filled = path.replace(":agent", "press").replace(":sensor", "oven");
      const status = async (user: User) => {
        const json = { method: "POST", headers: { "content-type": "application/json" }, body: "{}" };
        return (await call(filled, user, method === "get" ? {} : json)).status;
      };
      assert.equal(await status(undefined), 401);
      assert.equal(await status("nobody"), 401);
      assert.equal((await status("reader")) === 401, permission !== "read");
      // A form can name variables and files of this machine: only whoever may deploy could read them anyway.
      assert.equal((await status("changer")) === 401, permission === "deploy");
      assert.equal((await status("deployer")) === 401, permission !== "read");
      assert.notEqual(await status("all"), 401);
    });
  }

  it("answer what is no agent, whatever it is called, and a body that reaches for prototypes", async () => {
    for (const id of ["__proto__", "constructor", "toString", "%2e%2e%2fflows", "x".repeat(5000), "%00"]) {
      assert.equal((await call(`agents/${id}`, "all")).status, 404, id.slice(0, 20));
    }
    const poison = '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}';
    for (const body of [`${poison}}`, `${poison},"operation":"createSensor","parameters":${poison}}}`]) {
      const init = { method: "POST", headers: { "content-type": "application/json" }, body };
      assert.equal((await call("agents/press/change", "all", init)).status, 400);
    }
    const draft = `{"id":"__proto__","definition":${poison}},"credentials":${poison}}}`;
    const init = { method: "POST", headers: { "content-type": "application/json" }, body: draft };
    assert.equal((await call("connection-test", "all", init)).status, 200);
    assert.doesNotMatch(await (await call("agents", "all")).text(), /polluted/);
  });

  it("prepare, swap and take back a new client, and tell no key of either", async () => {
    const told: string[] = [];
    const read = async (response: Promise<Response>): Promise<string> => {
      const text = await (await response).text();
      told.push(text);
      return text;
    };
    const phase = async (response: Promise<Response>): Promise<string> =>
      (JSON.parse(await read(response)) as { phase: string }).phase;
    const path = "agents/press/new-client";
    const { clientId } = await get("agents/press");
    const lines = (await read(post(`${path}/prepare`, { clientName: "press-12-next" }))).trim().split("\n");
    const steps = lines.map((line) => JSON.parse(line) as { step: string; outcome: string });
    assert.deepEqual(
      steps.filter(({ outcome }) => outcome === "passed").map(({ step }) => step),
      ["inventory", "register", "connect", "sensors", "table"],
    );
    assert.equal(await phase(call(path, "reader")), "prepared");
    assert.match(await read(call(`${path}/ids?format=csv`, "reader")), /^client,sensor,metric,oldId,newId/);
    assert.match(await read(call(`${path}/ids`, "reader")), /"clientId"/);
    assert.equal(await phase(post(path, { action: "swap" }, "changer")), "swapped");
    await nodeRed.connected("press");
    assert.notEqual((await get("agents/press")).clientId, clientId);
    assert.equal(await phase(post(path, { action: "back" })), "prepared");
    await nodeRed.connected("press");
    assert.equal(await phase(post(path, { action: "discard" })), "none");
    for (const text of told) assert.doesNotMatch(text, /PRIVATE|CERTIFICATE|BEGIN/);
    assert.equal((await post(path, { action: "back" })).status, 409);
    assert.equal((await post(path, { action: "other" })).status, 400);
    assert.equal((await get("agents/press")).clientId, clientId);
  });

  it("take changes only as JSON that was posted: a form of another site cannot make them", async () => {
    for (const type of ["text/plain", "application/x-www-form-urlencoded"]) {
      const response = await post(
        "agents/press/change",
        { operation: "createSensor", parameters: { name: "x" } },
        "all",
        type,
      );
      assert.equal(response.status, 400);
    }
    assert.equal((await call("agents/press/change", "all")).status, 404);
  });

  it("say what agents there are, and a client name made of this machine's", async () => {
    const { agents, clientName } = await get("agents");
    assert.match(String(clientName), /^[a-zA-Z0-9.*\-,@'_]+$/);
    const [agent] = agents as Record<string, unknown>[];
    assert.deepEqual([agent?.id, agent?.name, agent?.state], ["press", "press hall", "connected"]);
    const age = Date.now() - Number(agent?.since);
    assert.ok(age >= 0 && age < 600_000, `connected since ${String(agent?.since)}`);
    assert.equal((await call("agents/ping", "all")).status, 404);
  });

  it("give Prometheus what it asks for, which it reads with the token of a reader", async function () {
    needs(this, "prometheus");
    const prometheus = await Prometheus.start(new URL("teamviewer-iot/metrics", nodeRed.url), "reader");
    try {
      assert.equal(await prometheus.value('teamviewer_iot_connected{agent="press",name="press hall"}'), 1);
      const answered = await prometheus.value('teamviewer_iot_request_duration_seconds_bucket{le="+Inf"}');
      assert.ok(answered >= 0);
      assert.ok((await prometheus.value("teamviewer_iot_certificate_expiry_time_seconds - time()")) > 0);
    } finally {
      await prometheus.stop();
    }
  });

  it("tell a scraper no address, no client ID, no value and no text of a failure", async () => {
    const text = await (await call("metrics", "reader")).text();
    const { clientId } = await get("agents/press");
    for (const secret of ["localhost", String(clientId), "belt", "PEM", simulator.ca])
      assert.ok(!text.includes(secret), secret);
  });

  it("create, describe, rename and delete, and know of it without asking the agent again", async () => {
    await get("agents/press/sensors");
    const created = await post("agents/press/change", {
      operation: "createSensor",
      parameters: { name: "Oven" },
    });
    const { sensorId } = ((await created.json()) as { result: { sensorId: string } }).result;
    const metrics = [{ matchingId: "1", name: "Temperature", valueUnit: "SI.Temperature.CELSIUS" }];
    await post("agents/press/change", { operation: "createMetrics", parameters: { sensorId, metrics } });
    const described = (await get(`agents/press/sensors/${sensorId}/metrics`)).metrics as Record<
      string,
      unknown
    >[];
    assert.deepEqual(
      [described[0]?.name, described[0]?.valueUnit],
      ["Temperature", "SI.Temperature.CELSIUS"],
    );
    await post("agents/press/change", { operation: "updateSensor", parameters: { sensorId, name: "Kiln" } });
    const { sensors } = await get("agents/press/sensors");
    assert.deepEqual(
      (sensors as { name: string }[]).map(({ name }) => name),
      ["Kiln"],
    );
    await post("agents/press/change", { operation: "deleteSensor", parameters: { sensorId } });
    assert.deepEqual((await get("agents/press/sensors?cached=1")).sensors, []);
  });

  it("tell an agent's error, and bad input, by name and with what fills its sentence", async () => {
    const refused = await post("agents/press/change", {
      operation: "deleteSensor",
      parameters: { sensorId: "none" },
    });
    const { error } = (await refused.json()) as { error: { name: string; code: number } };
    assert.deepEqual([refused.status, error.name, error.code], [502, "UnknownSensorId", 15]);
    const bad = await post("agents/press/change", { operation: "deleteClient", parameters: {} });
    const input = (await bad.json()) as { error: { textKey: string; details: { field: string } } };
    assert.deepEqual(
      [bad.status, input.error.textKey, input.error.details.field],
      [400, "InvalidInput.value", "operation"],
    );
  });

  it("give live values to whoever asks again and again, to several editors over one connection", async () => {
    const { revision } = await get("agents/press/live");
    // The connection for live data takes a moment; a value that is pushed before is not seen.
    let values: unknown[] = [];
    while (values.length === 0) {
      await nodeRed.inject("go");
      await wait(100);
      const editors = await Promise.all(
        [1, 2, 3].map(() => get(`agents/press/live?since=${String(revision)}`)),
      );
      ({ values } = editors[0] as { values: unknown[] });
    }
    await until(
      "one connection for all, beside the agent's own",
      () => proxy.open === 2,
      () => proxy.open,
    );
    const { sensorId, metricId, value } = values[0] as Record<string, unknown>;
    assert.deepEqual([sensorId, metricId, value], ["belt", "speed", 7]);
  });

  it("try a form that is not saved, step by step", async () => {
    const passed = await test({ id: "press", definition: definition() });
    assert.deepEqual(
      passed.filter(({ outcome }) => outcome !== "begun").map(({ step, outcome }) => `${step} ${outcome}`),
      ["settings", "name", "network", "encryption", "identity", "answer"].map((step) => `${step} passed`),
    );
    const failed = await test({ id: "unknown", definition: definition({ caFile: "/nowhere.crt" }) });
    assert.equal(failed.at(-1)?.error?.name, "CaMissing");
    const unset = await test({ id: "unknown", definition: definition({ port: "${NO_SUCH_VARIABLE}" }) });
    assert.equal(unset.at(-1)?.error?.name, "SettingMissing");
  });

  it("register a client for a node that is not saved, once", async () => {
    const body = { id: "later", definition: definition({ clientName: "later" }) };
    const first = await post("register", body);
    assert.match(((await first.json()) as { clientId: string }).clientId, /^[0-9a-f]{32}$/);
    const second = await post("register", body);
    assert.equal(second.status, 409);
  });

  it("give one text for whoever helps, without a key or a certificate in it", async () => {
    const { text } = (await get("agents/press/diagnostics")) as { text: string };
    assert.match(text, /"package": "\d+\.\d+\.\d+"/);
    assert.match(text, /"state": "connected"/);
    assert.doesNotMatch(text, /-----BEGIN|PRIVATE/);
    const folders = await readdir(join(nodeRed.userDirectory, "teamviewer-iot"), { recursive: true });
    const file = folders.find((name) => name.endsWith("identity.pem")) ?? "";
    const identity = await readFile(join(nodeRed.userDirectory, "teamviewer-iot", file), "utf8");
    for (const line of identity.split("\n")) assert.ok(line === "" || !text.includes(line));
  });

  it("give whoever helps no secret, nothing pasted, no variable and no value that was pushed or refused", async () => {
    const kinds = ["Key", "Passphrase", "Certificate", "ca", "environment", "pushed", "refused"];
    const sentinel = (kind: string): string => `sentinel-${kind}-7e1f`;
    const node = (id: string, more: object): FlowItem => ({ id, type: "", z: "tab", x: 1, y: 1, ...more });
    const push = (id: string, agent: string): FlowItem =>
      node(id, {
        type: "teamviewer-iot-push",
        agent,
        sensor: "belt",
        metric: "speed",
        metricType: "str",
        wires: [[], []],
      });
    const inject = (id: string, payload: string, payloadType: string, to: string): FlowItem =>
      node(id, { type: "inject", props: [{ p: "payload" }], payload, payloadType, wires: [[to]] });
    await nodeRed.deploy([
      { id: "tab", type: "tab", env: [{ name: "SECRET", value: sentinel("environment"), type: "str" }] },
      { id: "press", type: "teamviewer-iot-agent", name: "press hall", ...definition() },
      {
        id: "sealed",
        type: "teamviewer-iot-agent",
        ...definition({ caSource: "text", caText: sentinel("ca"), identity: "credentials" }),
        credentials: Object.fromEntries(
          ["Key", "Passphrase", "Certificate"].map((kind) => [`teamviewerIot${kind}`, sentinel(kind)]),
        ),
      },
      push("open", "press"),
      push("closed", "sealed"),
      inject("good", sentinel("pushed"), "str", "open"),
      inject("bad", JSON.stringify([sentinel("refused")]), "json", "open"),
      inject("lost", sentinel("pushed"), "str", "closed"),
    ]);
    await nodeRed.connected("press");
    for (const id of ["good", "bad", "lost"]) await nodeRed.inject(id);
    const texts: string[] = [];
    for (const agent of ["press", "sealed"]) {
      while (((await get(`agents/${agent}`)).failures as unknown[]).length === 0) await wait(50);
      texts.push(String((await get(`agents/${agent}/diagnostics`)).text));
    }
    const all = texts.join("\n");
    assert.deepEqual(
      kinds.filter((kind) => all.includes(sentinel(kind))),
      [],
    );
    assert.match(all, /"name": "InvalidInput"[^}]+\(left out\)/);
    for (const part of ["versions", "settings", "counters", "history", "failures", "inventory"])
      assert.match(all, new RegExp(`"${part}": `));
    // What the editor itself may see has no secrets either.
    const seen = JSON.stringify([await get("agents"), await get("agents/press"), await get("agents/sealed")]);
    const secrets = ["Key", "Passphrase", "Certificate", "ca", "environment"];
    assert.deepEqual(
      secrets.filter((kind) => seen.includes(sentinel(kind))),
      [],
    );
  });

  it("tell what was seen of an agent before Node-RED was started, without asking it", async () => {
    await get("agents/press/sensors");
    await get("agents/press/sensors/belt/metrics");
    await nodeRed.restart();
    await simulator.stop();
    const { sensors } = await get("agents/press/sensors?cached=1");
    assert.deepEqual(
      (sensors as { sensorId: string; metricIds: string[] }[]).map(({ sensorId }) => sensorId),
      ["belt"],
    );
    const { metrics } = await get("agents/press/sensors/belt/metrics?cached=1");
    assert.deepEqual(
      (metrics as { metricId: string; value: unknown }[]).map(({ metricId, value }) => [metricId, value]),
      [["speed", null]],
    );
  });
});
