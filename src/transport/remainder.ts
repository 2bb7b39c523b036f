/** The stream that mqtt.js works on: all packets of a socket but those that are read and written beside it. */
import { Duplex } from "node:stream";
import type { Socket } from "node:net";

export class Remainder extends Duplex {
  constructor(private readonly below: Socket) {
    super();
    below.once("close", () => this.destroy());
  }

  override _read(): void {
    // What there is to read is pushed when it comes.
  }

  override _write(bytes: Buffer, _: BufferEncoding, done: (error?: Error | null) => void): void {
    this.below.write(bytes, done);
  }

  /** mqtt.js writes a packet in many pieces. */
  override _writev(pieces: { chunk: Buffer }[], done: (error?: Error | null) => void): void {
    this.below.write(Buffer.concat(pieces.map(({ chunk }) => chunk)), done);
  }

  override _final(done: () => void): void {
    this.below.end(done);
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.below.destroy();
    done(error);
  }
}
