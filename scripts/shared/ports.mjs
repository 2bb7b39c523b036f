// Ports of this machine: whether one is free, and one that is.
import { createServer } from "node:net";

/**
 * Resolves with the port when nobody uses it; 0: with one that the system chooses.
 * @param {number} port
 * @returns {Promise<number>} rejects with the system's error, EADDRINUSE say
 */
export function freePort(port = 0) {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(port, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === "object" && address !== null ? address.port : port));
    });
  });
}
