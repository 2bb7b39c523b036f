/**
 * Values that waited for the end of their window when a deploy or a shutdown stopped the node: kept beside the agent's
 * identity, until the node that takes its place has sent them.
 */
import { createHash } from "node:crypto";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { makePrivateFolder, readPrivateFile, writePrivateFile } from "../../src/files/private-file";
import type { PointPush } from "../../src/points/pushes";
import { asBigInt, parseExactly } from "../../src/protocol/exact-json";
import { writePushedValues } from "../../src/protocol/requests";

const MOST_BYTES = 20_000_000;

export class LeftBehind {
  private readonly folder: string;
  private readonly path: string;

  /** `directory`: the agent node's. */
  constructor(directory: string, nodeId: string) {
    this.folder = join(directory, "waiting");
    // A flow file may hold any text as an ID.
    this.path = join(this.folder, `${createHash("sha256").update(nodeId).digest("hex").slice(0, 16)}.jsonl`);
  }

  /** A line for each push, since a long integer is written with all its digits. */
  async keep(pushes: readonly PointPush[]): Promise<void> {
    const lines = pushes.map(
      ({ sensorId, metrics, time }) =>
        `{"sensorId":${JSON.stringify(sensorId)},"push":${writePushedValues({ metrics, timestamp: time ?? null })}}\n`,
    );
    await makePrivateFolder(this.folder);
    await writePrivateFile(this.path, lines.join(""));
  }

  /** Nothing where there is nothing that can be read. */
  async take(): Promise<PointPush[]> {
    try {
      const file = await readPrivateFile(this.path, MOST_BYTES);
      const lines = (file?.text ?? "").split("\n").filter((line) => line !== "");
      return lines.map((line) => {
        const { sensorId, push } = parseExactly(line, asBigInt) as Line;
        return { sensorId, metrics: push.metrics, time: push.timestamp };
      });
    } catch {
      return [];
    }
  }

  async forget(): Promise<void> {
    await rm(this.path, { force: true });
  }
}

interface Line {
  sensorId: string;
  push: { metrics: PointPush["metrics"]; timestamp?: number };
}
