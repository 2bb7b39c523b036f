// A node that does nothing but hand each message to our client and wait for the answer: what Node-RED costs is in it, and
// nothing of our palette nodes.
module.exports = function (RED) {
  RED.nodes.registerType("bench-client", function construct(definition) {
    RED.nodes.createNode(this, definition);
    const { AgentClient } = require("@tviot/node-red-teamviewer-iot/dist/src/client/agent-client.js");
    const { FileIdentity } = require("@tviot/node-red-teamviewer-iot/dist/src/identity/file-identity.js");
    const { port, ca, certificateFile, keyFile } = definition;
    const client = new AgentClient({
      endpoint: async () => ({ host: "localhost", port, ca }),
      identity: new FileIdentity(certificateFile, keyFile),
      keepalive: 12,
      requestTimeout: 2000,
      connectTimeout: 5000,
      queue: { count: 100_000, bytes: 100_000_000, age: 0, whenFull: "reject" },
      inFlight: 128,
    });
    client.start();
    this.on("input", (message, send, done) => {
      const [[metricId, value]] = Object.entries(message.payload);
      client
        .request("pushValues", { sensorId: message.sensor, metrics: [{ metricId, value }] })
        .then((payload) => {
          message.payload = payload;
          send(message);
          done();
        }, done);
    });
    this.on("close", (done) => void client.stop().then(done));
  });
};
