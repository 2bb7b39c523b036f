/** Whether anything accepts connections at a place: one TCP handshake, not a byte sent. */
import { connect } from "node:net";

const PATIENCE_MS = 400;

export function isListening({ host, port }: { host: string; port: number }): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const answer = (listens: boolean) => {
      socket.destroy();
      resolve(listens);
    };
    socket.setTimeout(PATIENCE_MS, () => answer(false));
    socket.on("connect", () => answer(true));
    socket.on("error", () => answer(false));
  });
}
