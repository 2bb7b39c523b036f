/**
 * An agent that sends what it should not, as fast as it can (faults 73 and 74): the session ends, or what came is passed
 * over, and meanwhile everything else has its turn.
 */
import assert from "node:assert/strict";
import { publishPacket } from "../../src/transport/packets";
import type { AgentClient } from "../../src/client/agent-client";
import type { IotError } from "../../src/protocol/errors";
import { clientOf } from "../support/agent/client-of";
import { RawAgent } from "../support/agent/raw-agent";

const MEGABYTE = 1024 * 1024;
const MOST_GROWTH = 60 * MEGABYTE;
/** A system call reads 64 KiB, and the smallest message has five bytes; a turn is some of them, not all that there is. */
const MOST_MESSAGES = 100_000;

/** A message at some QoS: what is published at QoS 0 has no packet ID. */
function atQos(qos: number, bytes: number): Buffer {
  const packet = publishPacket("/t", "x".repeat(bytes));
  packet[0] = 0x30 | (qos << 1);
  return packet;
}

interface Flood {
  what: string;
  packet: Buffer;
  isEarly?: boolean;
  /** The packet that is named as what must not come; none where all of them may. */
  named?: string;
  megabytes?: number;
}

const FLOODS: readonly Flood[] = [
  { what: "messages at QoS 2 (fault 73)", packet: atQos(2, MEGABYTE), named: "PUBLISH, QoS 2" },
  { what: "messages at QoS 1 (fault 73)", packet: atQos(1, 10), named: "PUBLISH, QoS 1" },
  { what: "SUBACKs (fault 74)", packet: Buffer.from([0x90, 3, 0, 1, 0]), named: "SUBACK" },
  { what: "PINGRESPs (fault 74)", packet: Buffer.from([0xd0, 0]), named: "PINGRESP" },
  { what: "CONNACKs (fault 74)", packet: Buffer.from([0x20, 2, 0, 0]), named: "CONNACK" },
  { what: "PUBRELs (fault 74)", packet: Buffer.from([0x62, 2, 0, 1]), named: "PUBREL" },
  {
    what: "messages before CONNACK (fault 74)",
    packet: publishPacket("/t", "x"),
    isEarly: true,
    named: "PUBLISH",
  },
  { what: "the smallest messages that there are", packet: publishPacket("t", ""), megabytes: 8 },
  {
    what: "messages that nobody asked for",
    packet: publishPacket("/v1.0/c/ping/info/inbox", "{}"),
    megabytes: 24,
  },
  {
    what: "messages of 2 MB that nobody asked for",
    packet: publishPacket("/t", "x".repeat(2 * MEGABYTE)),
    megabytes: 400,
  },
  { what: "messages on topics of 64 KB", packet: publishPacket("t".repeat(65_000), "x"), megabytes: 400 },
];

describe("An agent that sends at full speed", function () {
  let agent: RawAgent | undefined;
  let client: AgentClient | undefined;
  afterEach(async () => {
    await client?.stop();
    await agent?.stop();
  });

  for (const { what, packet, isEarly, named, megabytes = 400 } of FLOODS) {
    it(`${what} ${named === undefined ? "is passed over" : "is told as such, and left"}`, async () => {
      const bytes = megabytes * MEGABYTE;
      agent = await RawAgent.start({ flood: packet, isEarly, bytes });
      client = await clientOf(agent);
      const watch = new Watch(client);
      const failure = failureOf(client);
      client.start();
      const { name, details } = await failure;
      const { growth, mostMessages } = watch.end();
      if (named !== undefined) assert.deepEqual([name, details.packet], ["ProtocolViolation", named]);
      else {
        assert.equal(name, "ConnectionLost");
        assert.ok(client.counters.unasked >= Math.floor(bytes / packet.length), "not all was read");
        assert.ok(mostMessages < MOST_MESSAGES, `${mostMessages} messages were read in one turn`);
      }
      assert.ok(growth < MOST_GROWTH, `memory grew by ${Math.round(growth / MEGABYTE)} MB`);
    });
  }
});

/** Why a client has no connection. */
function failureOf(client: AgentClient): Promise<IotError> {
  return new Promise((resolve) => {
    client.on("state", (state) => {
      if (state.name === "waiting") resolve(state.failure);
    });
  });
}

/** How the memory grows, and how much is read between two turns of everything else. */
class Watch {
  private readonly start = process.memoryUsage.rss();
  private most = this.start;
  private mostMessages = 0;
  private messages = 0;
  private turns = 0;
  private isOver = false;

  constructor(private readonly client: AgentClient) {
    const turn = () => {
      if (this.isOver) return;
      this.look();
      setImmediate(turn);
    };
    turn();
  }

  private look(): void {
    if (this.turns++ % 10 === 0) this.most = Math.max(this.most, process.memoryUsage.rss());
    const { unasked } = this.client.counters;
    this.mostMessages = Math.max(this.mostMessages, unasked - this.messages);
    this.messages = unasked;
  }

  end(): { growth: number; mostMessages: number } {
    this.isOver = true;
    this.look();
    const most = Math.max(this.most, process.memoryUsage.rss());
    return { growth: most - this.start, mostMessages: this.mostMessages };
  }
}
