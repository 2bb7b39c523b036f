// A node that sends a value for each of some sensors, and another one when it comes back, until all are pushed. A request to
// the editor's server starts it and is answered at the end; being no function node, it costs next to nothing.
module.exports = function (RED) {
  RED.httpAdmin.get("/cpu", (_, response) => response.json(process.cpuUsage()));
  RED.nodes.registerType("bench-loop", function construct(definition) {
    RED.nodes.createNode(this, definition);
    let left = 0;
    let open = 0;
    let finish = () => undefined;
    const send = (sensor) => this.send({ sensor, payload: { "94c2c5e193bb437195368c08f0bd86ab": 21.5 } });
    this.on("input", (message, _, done) => {
      done();
      if (left > 0) {
        left--;
        send(message.sensor);
      } else if (--open === 0) finish();
    });
    RED.httpAdmin.post(`/${this.id}`, (request, response) => {
      const { count, sensors } = request.body;
      open = Math.min(count, sensors.length);
      left = count - open;
      finish = () => response.end();
      sensors.slice(0, open).forEach(send);
    });
  });
};
