// Pictures of a screen as small files: at most 256 colours, the most frequent ones exactly. Reads what browsers write: eight
// bits a channel, three or four channels, not interlaced.
import { crc32, deflateSync, inflateSync } from "node:zlib";

const SIGNATURE = Buffer.from("89504e470d0a1a0a", "hex");
const COLOURS = 256;
const CHANNELS = { 2: 3, 6: 4 };
const INDEXED = 3;

/** @typedef {{ x: number, y: number, width: number, height: number }} Part of a picture, in pixels */

/**
 * @param {Buffer} png
 * @param {Part} [part]
 * @returns {Buffer} a PNG
 */
export function smallPng(png, part) {
  const whole = read(png);
  const picture = part === undefined ? whole : cut(whole, part);
  const palette = frequent([picture]);
  return pngOf(picture, palette, [chunk("IDAT", compressed(picture, nearest(palette)))]);
}

/**
 * A film, as a PNG that moves (APNG): after the first picture only what has changed is kept. It begins anew at its end.
 * What knows nothing of films shows the first picture.
 * @param {readonly { png: Buffer, ms: number }[]} frames of one size
 * @returns {Buffer}
 */
export function movingPng(frames) {
  const pictures = frames.map(({ png }) => read(png));
  const [first] = pictures;
  const palette = frequent(pictures);
  const index = nearest(palette);
  let sequence = 0;
  const chunks = pictures.flatMap((picture, frame) => {
    const part = frame === 0 ? { x: 0, y: 0, ...sizeOf(first) } : changed(pictures[frame - 1], picture);
    const control = chunk("fcTL", frameControl(sequence++, part, frames[frame].ms));
    const data = compressed(cut(picture, part), index);
    if (frame === 0) return [control, chunk("IDAT", data)];
    return [control, chunk("fdAT", Buffer.concat([number(sequence++), data]))];
  });
  const forever = number(0);
  return pngOf(first, palette, [chunk("acTL", Buffer.concat([number(frames.length), forever])), ...chunks]);
}

const sizeOf = ({ width, height }) => ({ width, height });

function frameControl(sequence, { x, y, width, height }, ms) {
  // In thousandths of a second; neither wiped nor blended.
  const rest = Buffer.from([0, 0, 1000 >> 8, 1000 & 0xff, 0, 0]);
  rest.writeUInt16BE(ms, 0);
  return Buffer.concat([...[sequence, width, height, x, y].map(number), rest]);
}

function number(value) {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** The smallest part that has all that differs; one pixel where nothing does. */
function changed(before, after) {
  const { width, height } = after;
  let [left, top, right, bottom] = [width, height, -1, -1];
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      if (before.pixels[y * width + x] === after.pixels[y * width + x]) continue;
      [left, right] = [Math.min(left, x), Math.max(right, x)];
      [top, bottom] = [Math.min(top, y), Math.max(bottom, y)];
    }
  if (right < 0) return { x: 0, y: 0, width: 1, height: 1 };
  return { x: left, y: top, width: right - left + 1, height: bottom - top + 1 };
}

function pngOf({ width, height }, palette, chunks) {
  const header = Buffer.concat([number(width), number(height), Buffer.from([8, INDEXED, 0, 0, 0])]);
  const colours = Buffer.from(palette.flatMap(channels));
  return Buffer.concat([
    SIGNATURE,
    chunk("IHDR", header),
    chunk("PLTE", colours),
    ...chunks,
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

function compressed({ width, height, pixels }, index) {
  const rows = Buffer.alloc(height * (width + 1));
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) rows[y * (width + 1) + 1 + x] = index(pixels[y * width + x]);
  return deflateSync(rows, { level: 9 });
}

/** Pixels as numbers, 0xRRGGBB. */
function read(png) {
  if (!png.subarray(0, 8).equals(SIGNATURE)) throw new Error("this is no PNG");
  let header;
  const data = [];
  for (let at = 8; at < png.length;) {
    const length = png.readUInt32BE(at);
    const content = png.subarray(at + 8, at + 8 + length);
    const type = png.toString("latin1", at + 4, at + 8);
    if (type === "IHDR") header = content;
    if (type === "IDAT") data.push(content);
    at += 12 + length;
  }
  const [width, height] = [header.readUInt32BE(0), header.readUInt32BE(4)];
  const size = CHANNELS[header[9]];
  if (header[8] !== 8 || size === undefined || header[12] !== 0) throw new Error("a PNG of another kind");
  const bytes = unfilter(inflateSync(Buffer.concat(data)), width * size, height, size);
  const pixels = new Uint32Array(width * height);
  for (let pixel = 0; pixel < pixels.length; pixel++) pixels[pixel] = bytes.readUIntBE(pixel * size, 3);
  return { width, height, pixels };
}

/** What each byte is the difference to, by the filter of its row: those to its left, above, and above to its left. */
const FILTERS = [
  () => 0,
  (left) => left,
  (_, up) => up,
  (left, up) => (left + up) >> 1,
  (left, up, corner) => {
    const wanted = left + up - corner;
    const [a, b, c] = [left, up, corner].map((value) => Math.abs(wanted - value));
    return a <= b && a <= c ? left : b <= c ? up : corner;
  },
];

function unfilter(rows, length, height, size) {
  const bytes = Buffer.alloc(length * height);
  for (let y = 0; y < height; y++) {
    const guess = FILTERS[rows[y * (length + 1)]];
    for (let x = 0; x < length; x++) {
      const at = y * length + x;
      const left = x < size ? 0 : bytes[at - size];
      const up = y === 0 ? 0 : bytes[at - length];
      const corner = x < size || y === 0 ? 0 : bytes[at - length - size];
      bytes[at] = rows[y * (length + 1) + 1 + x] + guess(left, up, corner);
    }
  }
  return bytes;
}

function cut({ width, pixels }, part) {
  const found = new Uint32Array(part.width * part.height);
  for (let y = 0; y < part.height; y++) {
    const from = (part.y + y) * width + part.x;
    found.set(pixels.subarray(from, from + part.width), y * part.width);
  }
  return { width: part.width, height: part.height, pixels: found };
}

function frequent(pictures) {
  const counts = new Map();
  for (const { pixels } of pictures)
    for (const colour of pixels) counts.set(colour, (counts.get(colour) ?? 0) + 1);
  return [...counts]
    .sort(([, a], [, b]) => b - a)
    .slice(0, COLOURS)
    .map(([colour]) => colour);
}

function nearest(palette) {
  const known = new Map(palette.map((colour, index) => [colour, index]));
  const all = palette.map(channels);
  return (colour) => {
    let index = known.get(colour);
    if (index !== undefined) return index;
    const wanted = channels(colour);
    const distances = all.map((entry) =>
      entry.reduce((sum, value, channel) => sum + (value - wanted[channel]) ** 2, 0),
    );
    index = distances.indexOf(Math.min(...distances));
    known.set(colour, index);
    return index;
  };
}

function channels(colour) {
  return [colour >> 16, (colour >> 8) & 0xff, colour & 0xff];
}

function chunk(type, content) {
  const whole = Buffer.alloc(content.length + 12);
  whole.writeUInt32BE(content.length, 0);
  whole.write(type, 4, "latin1");
  content.copy(whole, 8);
  whole.writeUInt32BE(crc32(whole.subarray(4, -4)) >>> 0, whole.length - 4);
  return whole;
}
