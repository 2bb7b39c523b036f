/** A real Node-RED whose agent sends what it should not, as fast as it can (faults 73, 74, 75): it answers, and does not grow. */
import assert from "node:assert/strict";
import { RawAgent, type RawBehaviour } from "../support/agent/raw-agent";
import { RealNodeRed, type FlowItem } from "../support/real-node-red";

const MEGABYTE = 1024 * 1024;
const CLIENT = "/v1.0/6d69c58223fb44a7b76ae61a18faf37c";
const ENDLESS = 1e12;
const LOOKS = 100;

/** A PUBLISH by hand; its length takes two bytes or more, whatever it is. */
function publish(topic: string, payload: string, qos = 0): Buffer {
  const body = Buffer.concat([
    Buffer.from([topic.length >> 8, topic.length & 255]),
    Buffer.from(topic + payload),
  ]);
  const length = [0, 7, 14].map((bits) => ((body.length >> bits) & 127) | (bits < 14 ? 128 : 0));
  return Buffer.concat([Buffer.from([0x30 | (qos << 1), ...length]), body]);
}

/** What is sent, and how much the memory may grow: an answer of 32 MiB that was asked for is kept while it is read. */
const ATTACKS: readonly (readonly [what: string, behaviour: RawBehaviour, megabytes: number])[] = [
  ["messages of 1 MB at QoS 2 (fault 73)", { flood: publish("/t", "x".repeat(MEGABYTE), 2) }, 60],
  ["PINGRESPs (fault 74)", { flood: Buffer.from([0xd0, 0]) }, 60],
  ["live data that is none (fault 75)", { flood: publish(`${CLIENT}/sensor/s/livedata`, "{") }, 60],
  [
    "live data of 200 kB that is none (fault 75)",
    { flood: publish(`${CLIENT}/sensor/s/livedata`, "[".repeat(200_000)) },
    100,
  ],
  ["answers to nothing (fault 74)", { flood: publish(`${CLIENT}/ping/info/inbox`, '{"answer":"x"}') }, 60],
  ["a list of 1,500,000 parts (fault 73)", { keys: 1_500_000 }, 160],
];

describe("Node-RED with an agent that sends at full speed", function () {
  let nodeRed: RealNodeRed;
  let agent: RawAgent | undefined;

  beforeEach(async () => {
    nodeRed = await RealNodeRed.start();
    // Everything is loaded before its rest is measured.
    await attackedBy({ sensors: 10, metrics: 1 });
    await agent?.stop();
  });
  afterEach(async () => {
    await agent?.stop();
    await nodeRed.stop();
  });

  async function attackedBy({ bytes = ENDLESS, ...behaviour }: RawBehaviour): Promise<void> {
    agent = await RawAgent.start({ bytes, ...behaviour });
    await nodeRed.deploy(flowFor(agent));
  }

  for (const [what, behaviour, megabytes] of ATTACKS) {
    it(`answers, and grows by less than ${megabytes} MB, whatever comes of ${what}`, async () => {
      const rest = await nodeRed.memory();
      await attackedBy(behaviour);
      let most = 0;
      for (let look = 0; look < LOOKS; look++) {
        await nodeRed.inject("go");
        most = Math.max(most, await nodeRed.memory());
      }
      const growth = (most - rest) / MEGABYTE;
      assert.ok(growth < megabytes, `it grew by ${Math.round(growth)} MB`);
      const lines = nodeRed.log().split("\n").length;
      assert.ok(lines < 100, `${lines} lines in the log`);
    });
  }
});

function flowFor({ port, ca, client }: RawAgent): FlowItem[] {
  const place = { z: "tab", x: 1, y: 1 };
  return [
    { id: "tab", type: "tab", label: "flow" },
    {
      id: "agent",
      type: "teamviewer-iot-agent",
      host: "localhost",
      port: String(port),
      caFile: ca,
      identity: "files",
      certificateFile: client.certificateFile,
      keyFile: client.keyFile,
    },
    { id: "live", type: "teamviewer-iot-livedata", ...place, agent: "agent", wires: [[], []] },
    { id: "go", type: "inject", ...place, props: [], wires: [["list"]] },
    {
      id: "list",
      type: "teamviewer-iot-sensor",
      ...place,
      operation: "list",
      agent: "agent",
      wires: [[], []],
    },
    { id: "catch", type: "catch", ...place, scope: null, wires: [[]] },
  ];
}
