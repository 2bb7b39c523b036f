/** A TCP proxy that can fail as networks do: everything that arrives after a change of `mode` is treated so. */
import { connect, createServer, type Server, type Socket } from "node:net";
import type { AddressInfo } from "node:net";

/** `halfOpen`: what the server says does not arrive. `slices`: one byte a write. */
export type ProxyMode = "pass" | "blackHole" | "halfOpen" | "slices";

export class TcpProxy {
  mode: ProxyMode = "pass";
  /** So many bytes more from clients get through; then the connection is reset, in the middle of whatever it is. */
  resetAfter = Infinity;
  connections = 0;
  /** Connections from clients that have not ended. */
  open = 0;
  private readonly sockets = new Set<Socket>();
  private readonly server: Server;

  private constructor(
    /** Where connections go that are made from now on. */
    public target: { host: string; port: number },
  ) {
    this.server = createServer((client) => this.join(client));
  }

  static async start(target: { host: string; port: number }): Promise<TcpProxy> {
    const proxy = new TcpProxy(target);
    await new Promise<void>((resolve) => proxy.server.listen(0, "localhost", resolve));
    return proxy;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** Resets (RST) or ends (FIN) every connection. */
  cut(how: "reset" | "end" = "reset"): void {
    for (const socket of this.sockets) how === "reset" ? socket.resetAndDestroy() : socket.end();
  }

  async stop(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private join(client: Socket): void {
    this.connections++;
    this.open++;
    client.once("close", () => this.open--);
    const server = connect(this.target);
    for (const [from, to] of [
      [client, server],
      [server, client],
    ] as const) {
      this.sockets.add(from);
      from.setNoDelay(true);
      from.on("error", () => undefined);
      from.on("close", () => {
        this.sockets.delete(from);
        if (this.mode === "pass" || this.mode === "slices") to.destroy();
      });
      from.on("data", (data) => {
        if (from === client && (this.resetAfter -= data.length) < 0) {
          to.write(data.subarray(0, data.length + this.resetAfter), () => this.cut());
          return;
        }
        if (this.mode === "blackHole" || (this.mode === "halfOpen" && from === server)) return;
        if (this.mode === "slices") for (const byte of data) to.write(Buffer.from([byte]));
        else to.write(data);
      });
    }
  }
}
