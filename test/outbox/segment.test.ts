/** A file of the store: it is read while it is written. */
import assert from "node:assert/strict";
import { mkdtemp, open, rm, type FileHandle } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { seal } from "../../src/outbox/lines";
import { Segment } from "../../src/outbox/segment";

type Sync = "sync" | "datasync";

describe("A segment of the store", () => {
  let folder: string;
  let segment: Segment;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "tviot-segment-"));
    segment = Segment.in(folder, 1);
    await segment.create(`\n${seal({ first: true })}`);
  });
  afterEach(async () => {
    await segment.close();
    await rm(folder, { recursive: true, force: true });
  });

  async function add(value: object): Promise<number> {
    const place = segment.size + 1;
    await segment.append(`\n${seal(value)}`, true);
    return place;
  }

  it("gives its last line, also when lines are added while that is read", async () => {
    for (let count = 0; count < 100; count++) {
      const place = await add({ count });
      // To open the file takes longer than to add lines to it.
      await segment.rest();
      const [line] = await Promise.all([
        segment.read(place),
        segment.append(`\n${seal({ later: count })}`, false),
      ]);
      assert.deepEqual(line?.value, { count });
      // What was read then is not taken for what stands there now.
      const next = await add({ next: count });
      assert.deepEqual((await segment.read(next))?.value, { next: count });
    }
  });

  it("gives its lines, also when room is looked for while they are read", async () => {
    for (let count = 0; count < 100; count++) {
      const place = await add({ count });
      const [line] = await Promise.all([segment.read(place), segment.probe(5000)]);
      assert.deepEqual(line?.value, { count });
      const next = await add({ next: count });
      assert.deepEqual((await segment.read(next))?.value, { next: count });
    }
  });

  if (process.platform !== "win32") {
    it("is on disk with its name before its first record counts as safe, and syncs its folder once", async () => {
      const file = await open(join(folder, "any"), "w");
      const handles = Object.getPrototypeOf(file) as Record<Sync, (this: FileHandle) => Promise<void>>;
      await file.close();
      const { sync, datasync } = handles;
      const synced: string[] = [];
      handles.sync = async function () {
        await sync.call(this);
        synced.push("folder");
      };
      handles.datasync = async function () {
        await datasync.call(this);
        synced.push("file");
      };
      try {
        await segment.append(`\n${seal({ ended: "delivered" })}`, false);
        assert.deepEqual(synced, []);
        await add({ count: 1 });
        assert.deepEqual(synced, ["file", "folder"]);
        await add({ count: 2 });
        assert.deepEqual(synced, ["file", "folder", "file"]);
      } finally {
        Object.assign(handles, { sync, datasync });
      }
    });
  }
});
