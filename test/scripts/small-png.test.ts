/** Pictures made small: they stay the same where they have few colours, and are PNGs that others read. */
import assert from "node:assert/strict";
import { crc32, deflateSync, inflateSync } from "node:zlib";
import { movingPng, smallPng } from "../../scripts/shared/small-png.mjs";

const SIGNATURE = Buffer.from("89504e470d0a1a0a", "hex");

function chunk(type: string, content: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, "latin1"), content]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(content.length);
  sum.writeUInt32BE(crc32(body) >>> 0);
  return Buffer.concat([length, body, sum]);
}

/** Rows of a filter each and their bytes, three a pixel. */
function picture(width: number, rows: readonly number[][]): Buffer {
  const header = Buffer.from([0, 0, 0, width, 0, 0, 0, rows.length, 8, 2, 0, 0, 0]);
  const data = deflateSync(Buffer.from(rows.flat()));
  return Buffer.concat([
    SIGNATURE,
    chunk("IHDR", header),
    chunk("IDAT", data),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

function chunksOf(png: Buffer): { type: string; body: Buffer }[] {
  const chunks = [];
  for (let at = 8; at < png.length;) {
    const length = png.readUInt32BE(at);
    const body = png.subarray(at + 4, at + 8 + length);
    assert.equal(png.readUInt32BE(at + 8 + length), crc32(body) >>> 0);
    chunks.push({ type: body.toString("latin1", 0, 4), body: body.subarray(4) });
    at += 12 + length;
  }
  return chunks;
}

const numbers = (bytes: Buffer): number[] =>
  Array.from({ length: bytes.length / 4 }, (_, index) => bytes.readUInt32BE(index * 4));

/** Colours of each row, as hexadecimal digits. */
function colours(png: Buffer): string[][] {
  const chunks = new Map(chunksOf(png).map(({ type, body }) => [type, body]));
  const width = chunks.get("IHDR")!.readUInt32BE(0);
  const rows = inflateSync(chunks.get("IDAT")!);
  const palette = chunks.get("PLTE")!;
  return Array.from({ length: rows.length / (width + 1) }, (_, y) =>
    Array.from({ length: width }, (_, x) => {
      const index = rows[y * (width + 1) + 1 + x]! * 3;
      return palette.toString("hex", index, index + 3);
    }),
  );
}

describe("A picture made small", () => {
  // Each of the five filters, over a row that repeats and changes.
  const five = picture(2, [
    [0, 10, 20, 30, 40, 50, 60],
    [1, 1, 2, 3, 4, 5, 6],
    [2, 1, 1, 1, 2, 2, 2],
    [3, 9, 9, 9, 9, 9, 9],
    [4, 5, 5, 5, 5, 5, 5],
  ]);
  const expected = [
    ["0a141e", "28323c"],
    ["010203", "050709"],
    ["020304", "07090b"],
    ["0a0a0b", "111214"],
    ["0f0f10", "161719"],
  ];

  it("has the colours that it had, whichever filters its rows have", () => {
    assert.deepEqual(colours(smallPng(five)), expected);
  });

  it("can be a part of it", () => {
    assert.deepEqual(colours(smallPng(five, { x: 1, y: 1, width: 1, height: 2 })), [["050709"], ["07090b"]]);
  });

  it("has the nearest of its most frequent colours where there are too many", () => {
    const many = Array.from({ length: 100 }, (_, y) => [0, 0, y, 0, 0, y, 100, 0, y, 200]);
    const found = colours(smallPng(picture(3, many))).flat();
    assert.ok(new Set(found).size <= 256);
    found.forEach((colour, at) => {
      const wanted = [0, 100, 200][at % 3]!;
      assert.ok(Math.abs(Number.parseInt(colour.slice(4), 16) - wanted) <= 1, colour);
    });
  });

  it("can move: the first picture whole, then only what has changed, each as long as it is to be seen", () => {
    const row = (...pixels: number[]): number[] => [0, ...pixels.flatMap((grey) => [grey, grey, grey])];
    const first = picture(3, [row(1, 1, 1), row(1, 1, 1), row(1, 1, 1)]);
    const second = picture(3, [row(1, 1, 1), row(1, 2, 3), row(1, 1, 1)]);
    const film = movingPng([
      { png: first, ms: 2200 },
      { png: second, ms: 160 },
      { png: second, ms: 4000 },
    ]);
    const chunks = chunksOf(film);
    assert.deepEqual(
      chunks.map(({ type }) => type),
      ["IHDR", "PLTE", "acTL", "fcTL", "IDAT", "fcTL", "fdAT", "fcTL", "fdAT", "IEND"],
    );
    const of = (name: string): Buffer[] => chunks.filter(({ type }) => type === name).map(({ body }) => body);
    assert.deepEqual(numbers(of("acTL")[0]!), [3, 0]);
    // Number in turn, width, height, left, top, and thousandths of a second.
    assert.deepEqual(
      of("fcTL").map((body) => [
        ...numbers(body.subarray(0, 20)),
        body.readUInt16BE(20),
        body.readUInt16BE(22),
      ]),
      [
        [0, 3, 3, 0, 0, 2200, 1000],
        [1, 2, 1, 1, 1, 160, 1000],
        [3, 1, 1, 0, 0, 4000, 1000],
      ],
    );
    assert.deepEqual(
      of("fdAT").map((body) => body.readUInt32BE(0)),
      [2, 4],
    );
    const palette = of("PLTE")[0]!;
    const pixels = inflateSync(of("fdAT")[0]!.subarray(4)).subarray(1);
    assert.deepEqual(
      [...pixels].map((index) => palette[index * 3]),
      [2, 3],
    );
    assert.deepEqual(colours(film), colours(smallPng(first)));
  });

  it("is refused where it is another kind of file", () => {
    assert.throws(() => smallPng(Buffer.from("GIF89a")), /no PNG/);
  });
});
