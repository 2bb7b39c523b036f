// Takes CPU profiles of the process that it runs in: of the bench's own, and of Node-RED.
const { Session } = require("node:inspector/promises");

const INTERVAL_US = 200;

let session;

module.exports = {
  async start() {
    session = new Session();
    session.connect();
    await session.post("Profiler.enable");
    await session.post("Profiler.setSamplingInterval", { interval: INTERVAL_US });
    await session.post("Profiler.start");
  },

  async stop() {
    const { profile } = await session.post("Profiler.stop");
    session.disconnect();
    return profile;
  },
};
