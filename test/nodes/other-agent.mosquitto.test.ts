/** The nodes against an agent that is not ours: Mosquitto and literal answers, with the quirks of the field. */
import assert from "node:assert/strict";
import { needs } from "../support/needs";
import { agentNode, palette } from "../support/flows";
import { useNodeRed, type Message } from "../support/node-red";
import { CLIENT_ID, DOCUMENT, Responder, SENSOR_ID } from "../support/responder";

const METRIC_ID = "94c2c5e193bb437195368c08f0bd86ab";
const sensor = `/sensor/${SENSOR_ID}`;

describe("The nodes with an agent that is not ours", function () {
  const nodeRed = useNodeRed();
  let agent: Responder;

  before(async function () {
    needs(this, "mosquitto");
    agent = await Responder.start();
  });
  after(() => agent?.stop());

  beforeEach(async () => {
    agent.answers = { ...DOCUMENT };
    agent.requests.length = 0;
    const operations = (kind: string, names: string[]) =>
      names.flatMap((operation) => palette(kind, { operation }, `${kind}-${operation}`));
    await nodeRed.load([
      agentNode(agent, { clientName: "press-12", autoRegister: true, requestTimeout: "1" }),
      ...palette("ping"),
      ...palette("push", { sensor: "weather" }),
      ...palette("livedata"),
      ...operations("client", ["update"]),
      ...palette("client", { operation: "delete", confirmDelete: true }, "client-delete"),
      ...palette("register"),
      ...operations("sensor", ["create", "list", "update", "delete", "inventory", "ensure"]),
      ...operations("metric", ["create", "describe", "update", "delete"]),
    ]);
    await nodeRed.badge("ping", "status.connected");
  });

  async function ask(node: string, message: object): Promise<[output: string, message: Message]> {
    const { from, message: answer } = await nodeRed.ask(node, message, `${node}.out`, `${node}.error`);
    return [from.slice(node.length + 1), answer];
  }

  const EXAMPLES: readonly (readonly [node: string, message: object, request: string, payload: unknown])[] = [
    ["ping", { payload: "Some Message" }, '/ping {"request":"Some Message"}', "Some Message"],
    [
      "client-update",
      { payload: "New client name" },
      '/update {"name":"New client name"}',
      "Client name was successfully updated.",
    ],
    [
      "push",
      { payload: { temp: 21.5, humidity: 21.5 }, timestamp: 1_590_394_246_545 },
      '/sensor/weather/metric/pushValues {"metrics":[{"value":21.5,"metricId":"temp"},{"value":21.5,"metricId":"humidity"}],"timestamp":1590394246545}',
      "Sensor was updated.",
    ],
    [
      "sensor-create",
      { payload: "SensorName" },
      '/sensor/create {"name":"SensorName"}',
      { name: "SensorName", sensorId: SENSOR_ID },
    ],
    [
      "sensor-update",
      { sensorId: SENSOR_ID, payload: "SensorName" },
      `${sensor}/update {"name":"SensorName"}`,
      "Sensor was changed.",
    ],
    ["sensor-delete", { sensorId: SENSOR_ID }, `${sensor}/delete {}`, "Sensor was deleted."],
    [
      "metric-create",
      {
        sensorId: SENSOR_ID,
        payload: {
          metrics: [
            { matchingId: "1", valueUnit: "NoSI.Dimensionless.PERCENT", name: "CPUUsage" },
            {
              matchingId: "3",
              valueType: "integer",
              valueAnnotation: "goods per minute",
              name: "ShopFloor1",
            },
          ],
        },
      },
      `${sensor}/metric/create {"metrics":[{"matchingId":"1","valueUnit":"NoSI.Dimensionless.PERCENT","name":"CPUUsage"},{"matchingId":"3","valueType":"integer","valueAnnotation":"goods per minute","name":"ShopFloor1"}]}`,
      [
        { matchingId: "1", metricId: METRIC_ID, name: "CPUUsage" },
        { matchingId: "3", metricId: "94c2c5e193bb437195368c08f0bd86ac", name: "ShopFloor1" },
      ],
    ],
    [
      "metric-describe",
      { sensorId: SENSOR_ID, metricId: METRIC_ID },
      `${sensor}/metric/${METRIC_ID}/inventory {}`,
      {
        metricId: METRIC_ID,
        name: "CPUUsage",
        value: 0,
        lastUpdated: null,
        valueUnit: "NoSI.Dimensionless.PERCENT",
      },
    ],
    [
      "metric-update",
      {
        sensorId: SENSOR_ID,
        payload: {
          metricId: METRIC_ID,
          name: "metric new name",
          valueAnnotation: "new description of measurement",
        },
      },
      `${sensor}/metric/update {"metrics":[{"metricId":"${METRIC_ID}","name":"metric new name","valueAnnotation":"new description of measurement"}]}`,
      "All metrics were successfully modified.",
    ],
    [
      "metric-delete",
      { sensorId: SENSOR_ID, metricIds: [METRIC_ID] },
      `${sensor}/metric/delete {"metrics":[{"metricId":"${METRIC_ID}"}]}`,
      "All metrics were successfully deleted.",
    ],
  ];
  for (const [node, message, request, payload] of EXAMPLES) {
    it(`${node} sends the document's message and reads the document's answer`, async () => {
      const [output, answer] = await ask(node, { ...message, topic: "kept" });
      assert.equal(output, "out", JSON.stringify(answer.error));
      assert.deepEqual(answer.payload, payload);
      assert.equal(answer.topic, "kept");
      assert.deepEqual(agent.requests, [request]);
    });
  }

  it("sensor-list reads the document's list, with its links", async () => {
    const [, { payload }] = await ask("sensor-list", {});
    const [listed] = payload as {
      name: string;
      store: boolean;
      metrics: { metricId: string; link: string }[];
    }[];
    assert.deepEqual([listed?.name, listed?.store], ["unispeed6", true]);
    assert.equal(listed?.metrics[0]?.link, `/v1.0/${CLIENT_ID}${sensor}/metric/${METRIC_ID}/inventory`);
  });

  it("reads texts without quotes, and older words for the same", async () => {
    agent.answers["/sensor/weather/metric/pushValues"] = () => [
      ["/sensor/weather/info/inbox", "Datasource Changed"],
    ];
    const [output, { payload }] = await ask("push", { payload: { temp: 1 } });
    assert.deepEqual([output, payload], ["out", "Datasource Changed"]);
  });

  it("passes an error through with the agent's words, also one that nobody knows", async () => {
    agent.answers["/sensor/create"] = () => [
      ["/sensor/error/inbox", '{"errorcode":28,"errorMessage":"Sensor \\"x\\" exists"}'],
    ];
    const [output, { error }] = await ask("sensor-create", { payload: "x" });
    assert.equal(output, "error");
    assert.deepEqual([error?.name, error?.code, error?.source], ["SensorNameExistsError", 28, "agent"]);
    assert.match(String(error?.message), /Sensor "x" exists/);

    agent.answers["/sensor/create"] = () => [
      ["/sensor/error/inbox", '{"errorcode":77,"errorMessage":"new"}'],
    ];
    const [, unknown] = await ask("sensor-create", { payload: "x" });
    assert.deepEqual([unknown.error?.name, unknown.error?.code], ["UnknownError", 77]);
  });

  for (const topic of [`${sensor}/metric/error/inbox`, `${sensor}/metric/delete/error/inbox`]) {
    it(`hears an error of delete metrics on …${topic.slice(sensor.length)}`, async () => {
      agent.answers[`${sensor}/metric/delete`] = () => [
        [topic, `{"errorcode":23,"errorMessage":"failed","metrics":[{"metricId":"${METRIC_ID}"}]}`],
      ];
      const [output, { error }] = await ask("metric-delete", { sensorId: SENSOR_ID, metricId: METRIC_ID });
      assert.equal(output, "error");
      assert.deepEqual([error?.name, error?.metrics], ["DeleteMetricsFailed", [METRIC_ID]]);
    });
  }

  it("is not misled by answers that nobody asked for", async () => {
    await agent.publish("/ping/info/inbox", '{"answer":"somebody else\'s"}');
    await agent.publish("/sensor/inbox", '{"name":"other","sensorId":"0"}');
    await agent.publish(`${sensor}/error/inbox`, '{"errorcode":3,"errorMessage":"not yours"}');
    assert.equal((await ask("ping", { payload: "mine" }))[1].payload, "mine");
    const [output, { payload }] = await ask("sensor-create", { payload: "SensorName" });
    assert.deepEqual([output, (payload as { sensorId: string }).sensorId], ["out", SENSOR_ID]);
  });

  it("says that there was no answer, and what that means", async () => {
    agent.answers["/sensor/create"] = () => [];
    const [output, { error, payload }] = await ask("sensor-create", { payload: "x" });
    assert.deepEqual([output, payload], ["error", "x"]);
    assert.deepEqual([error?.name, error?.source, error?.retryable], ["ReplyTimeout", "client", true]);
  });

  it("says how long there was no answer, with the time that an ensure waited for another one (fault 51)", async () => {
    agent.answers["/sensor/list"] = () => [];
    const begun = performance.now();
    nodeRed.send("sensor-ensure", { payload: "A" });
    nodeRed.send("sensor-ensure", { payload: "B" });
    const { error } = await nodeRed.until(() => nodeRed.messages("sensor-ensure.error")[1]);
    const elapsed = (performance.now() - begun) / 1000;
    const told = Number(/(\d+) s\b/.exec(String(error?.message))?.[1]);
    assert.equal(error?.name, "ReplyTimeout");
    assert.ok(told > 3 && told <= elapsed + 0.5, `${told} s told, ${elapsed} s went by`);
  });

  it("calls an answer that the API does not describe what it is", async () => {
    agent.answers["/sensor/list"] = () => [["/inventory/inbox", "<html>"]];
    const [output, { error }] = await ask("sensor-list", {});
    assert.deepEqual([output, error?.name], ["error", "BadReply"]);
  });

  it("sends live data on, also what comes before the answer, and tells of what is none", async () => {
    agent.answers["/sensor/weather/metric/pushValues"] = (message) => [
      ["/sensor/weather/livedata", message],
      ["/sensor/weather/info/inbox", "Sensor was updated."],
    ];
    while (nodeRed.messages("livedata.out").length === 0) {
      assert.equal((await ask("push", { payload: { temp: 1 }, timestamp: 1_590_394_246_545 }))[0], "out");
    }
    const live = nodeRed.messages("livedata.out")[0];
    assert.deepEqual([live?.payload, live?.sensorId], [{ temp: 1 }, "weather"]);

    await agent.publish("/sensor/weather/livedata", "nonsense");
    const bad = await nodeRed.until(() => nodeRed.messages("livedata.error")[0]);
    assert.deepEqual([bad.error?.name, bad.sensorId], ["BadLiveData", "weather"]);
    await agent.publish("/sensor/weather/livedata", "nonsense again");

    const message = '{"metrics":[{"metricId":"__proto__","value":1},{"metricId":"b","value":true}]}';
    await agent.publish("/sensor/boiler/livedata", message);
    const boiler = await nodeRed.until(() =>
      nodeRed.messages("livedata.out").find(({ sensorId }) => sensorId === "boiler"),
    );
    assert.deepEqual(Object.entries(boiler.payload as object), [
      ["__proto__", 1],
      ["b", true],
    ]);
    assert.equal("timestamp" in boiler, false);

    // How many there were is told when the node ends, in the log, since nobody else hears of it any more.
    const node = nodeRed.node("livedata") as unknown as {
      warn: { args: unknown[][] };
      close(): Promise<void>;
    };
    await node.close();
    assert.match(String(node.warn.args.at(-1)?.[0]), / \(BadLiveData\)$/);
  });

  it("deletes the client where the agent sends nothing and its broker keeps the session; then it can be registered (fault 52)", async () => {
    agent.answers["/delete"] = () => {
      agent.answers = {};
      return [];
    };
    const [output, { payload, error }] = await ask("client-delete", {});
    assert.equal(output, "out", String(error?.message));
    assert.deepEqual(payload, { clientId: CLIENT_ID, deleted: true });
    assert.equal((await ask("ping", {}))[1].error?.name, "NotRegistered");

    agent.answers = { ...DOCUMENT };
    assert.equal((await ask("register", {}))[0], "out");
    assert.equal((await ask("ping", { payload: "back" }))[1].payload, "back");
  });

  it("does not take a client for deleted that the agent still serves, and keeps it (fault 52)", async () => {
    agent.answers["/delete"] = () => [];
    const [output, { error }] = await ask("client-delete", {});
    assert.deepEqual([output, error?.name], ["error", "NotDeleted"]);
    assert.equal((await ask("ping", { payload: "still here" }))[1].payload, "still here");
    assert.equal((await ask("register", {}))[1].error?.name, "AlreadyRegistered");
  });

  it("deletes no client of an agent that does not answer, and says so (fault 52)", async () => {
    agent.answers = {};
    const [output, { error }] = await ask("client-delete", {});
    assert.deepEqual([output, error?.name], ["error", "ReplyTimeout"]);
    assert.deepEqual(agent.requests, []);
    agent.answers = { ...DOCUMENT };
    assert.equal((await ask("ping", { payload: "still here" }))[1].payload, "still here");
  });
});
