/** Where a push node's table comes from, and that table made ready: read when it is new, and not for each message. */
import { open } from "node:fs/promises";
import { resolve } from "node:path";
import { watchFiles } from "../../src/files/file-watch";
import { bytesAtMost, READ_ONLY } from "../../src/files/bounded-read";
import { decode } from "../../src/points/decode";
import { planOf, type Plan } from "../../src/points/plan";
import { readTable, type ReadTable } from "../../src/points/read-table";
import type { Strategy } from "../../src/points/strategy";
import { IotError } from "../../src/protocol/errors";
import { invalid } from "../../src/protocol/input";
import { unsetVariable } from "../shared/fields";
import type { NodeAPI } from "../shared/node-red";
import { userDirectory } from "../shared/paths";
import type { Config } from "../shared/properties";
import type { PROPERTIES } from "./properties";

const MOST_BYTES = 10_000_000;

type PushConfig = Config<typeof PROPERTIES>;

export class TableSource {
  private plan: Plan | undefined;
  /** What the plan was made of, as far as it can come anew. */
  private from: string | undefined;
  private reading: Promise<Plan> | undefined;
  private readonly stopWatching: () => void;

  constructor(
    private readonly RED: NodeAPI,
    private readonly config: PushConfig,
    private readonly strategy: Strategy,
  ) {
    const isWatched =
      config.tableType === "file" && !this.isForbidden && unsetVariable(config.table) === undefined;
    this.stopWatching = isWatched ? watchFiles([this.path], () => this.forget()) : () => undefined;
  }

  /** A table that no message brings can be read before there is one. */
  get isOwn(): boolean {
    return this.config.tableType === "rows" || this.config.tableType === "file";
  }

  /** `field`: what the field stands for in a message, where it stands for something. Of `msg`, the last that came stays. */
  async read(field?: () => unknown): Promise<Plan> {
    if (this.config.tableType === "rows") return (this.plan ??= this.compile(readTable(this.config.rows)));
    if (this.config.tableType === "file") {
      if (this.plan !== undefined) return this.plan;
      return (this.reading ??= this.readFile().finally(() => (this.reading = undefined)));
    }
    return this.fromField(await field?.());
  }

  /** As it was read last. */
  get current(): Plan | undefined {
    return this.plan;
  }

  close(): void {
    this.stopWatching();
  }

  private fromField(given: unknown): Plan {
    if (given === undefined || given === "") {
      if (this.plan === undefined) throw invalid("missing", "table");
      return this.plan;
    }
    const from = typeof given === "string" ? given : JSON.stringify(given);
    if (this.plan !== undefined && from === this.from) return this.plan;
    this.from = from;
    return (this.plan = this.compile(readTable(given)));
  }

  private async readFile(): Promise<Plan> {
    const unset = unsetVariable(this.config.table);
    if (unset !== undefined) throw invalid("environment", "table", unset);
    if (this.config.table === "") throw invalid("missing", "table");
    if (this.isForbidden)
      throw new IotError("SettingMissing", { reason: "localFiles", details: { field: "table" } });
    const text = await this.readText();
    return (this.plan = this.compile(readTable(text)));
  }

  private async readText(): Promise<string> {
    try {
      const file = await open(this.path, READ_ONLY);
      try {
        const bytes = await bytesAtMost(file, MOST_BYTES);
        if (bytes !== undefined) return decode(bytes);
      } finally {
        await file.close();
      }
    } catch (error) {
      const { code = "?" } = error as NodeJS.ErrnoException;
      throw new IotError("InvalidInput", {
        reason: "file",
        details: { field: "table", path: this.path, code },
        cause: error,
      });
    }
    throw invalid("size", "table", undefined, { size: `> ${MOST_BYTES}`, allowed: MOST_BYTES });
  }

  private compile(table: ReadTable): Plan {
    return planOf(table, this.strategy);
  }

  private forget(): void {
    this.plan = undefined;
  }

  private get path(): string {
    return resolve(userDirectory(this.RED), this.config.table);
  }

  /** Node-RED's setting: who edits flows must not choose files of its machine. */
  private get isForbidden(): boolean {
    return this.RED.settings.tlsConfigDisableLocalFiles === true;
  }
}
