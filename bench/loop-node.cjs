// A node that sends a value for each of some sensors and waits until so many messages have come, sending another value for
// each of them as long as there are more to send; or sends values at a pace, and tells how long each took to come back. A
// request to the editor's server starts it and is answered at the end; being no function node, it costs next to nothing.
// Other requests tell what Node-RED has used so far.
const { readFileSync } = require("node:fs");
const { setTimeout: pause } = require("node:timers/promises");
const { setFlagsFromString } = require("node:v8");
const { runInNewContext } = require("node:vm");
const profiler = require("./lib/profiler.cjs");

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc");
const TICK = 10_000;
const PACE_MS = 1;
const GIVE_BACK_MS = 200;

/** Of the processes that it has started and that have ended (proc(5): cutime and cstime). */
function cpuOfChildren() {
  const [, values] = readFileSync("/proc/self/stat", "utf8").split(") ");
  const [user, system] = values.split(" ").slice(13, 15);
  return (Number(user) + Number(system)) * TICK;
}

module.exports = function (RED) {
  RED.httpAdmin.get("/cpu", (_, response) => {
    const { user, system } = process.cpuUsage();
    response.json(user + system + cpuOfChildren());
  });
  RED.httpAdmin.get("/memory", async (_, response) => {
    // What a finalizer lets go of is garbage of the second time, and other threads give back what is free.
    for (let time = 0; time < 3; time++) {
      collectGarbage();
      await pause(GIVE_BACK_MS);
    }
    response.json(process.memoryUsage().rss);
  });
  RED.httpAdmin.post("/profiler/start", (_, response) => {
    profiler.start().then(() => response.json({}));
  });
  RED.httpAdmin.post("/profiler/stop", (_, response) => {
    profiler.stop().then((profile) => response.json(profile));
  });
  RED.nodes.registerType("bench-loop", function construct(definition) {
    RED.nodes.createNode(this, definition);
    let more = 0;
    let awaited = 0;
    let finish = () => undefined;
    let taken = [];
    const send = (sensor) => this.send({ sensor, payload: { "94c2c5e193bb437195368c08f0bd86ab": 21.5 } });
    this.on("input", (message, _, done) => {
      done();
      if (message.sentAt !== undefined) taken.push(performance.now() - message.sentAt);
      if (more-- > 0) send(message.sensor);
      // An array holds what others get in a message each.
      awaited -= Array.isArray(message.payload) ? message.payload.length : 1;
      if (awaited === 0) finish();
    });
    RED.httpAdmin.post(`/${this.id}`, (request, response) => {
      const { first, sensors, patience } = request.body;
      ({ more, awaited } = request.body);
      // What is lost never comes: who sends it has not waited for an answer.
      let before = awaited;
      const look = setInterval(() => (awaited === before ? finish() : (before = awaited)), patience);
      finish = () => {
        clearInterval(look);
        finish = () => undefined;
        response.json({ lost: awaited });
      };
      for (let sent = 0; sent < first; sent++) send(sensors[sent % sensors.length]);
    });
    RED.httpAdmin.post(`/${this.id}/paced`, (request, response) => {
      const { count, rate, sensors } = request.body;
      awaited = count;
      more = 0;
      taken = [];
      finish = () => response.json(taken);
      const start = performance.now();
      let sent = 0;
      const timer = setInterval(() => {
        const due = Math.min(count, ((performance.now() - start) * rate) / 1000);
        for (; sent < due; sent++) {
          const payload = { "94c2c5e193bb437195368c08f0bd86ab": 21.5 };
          this.send({ sensor: sensors[sent % sensors.length], payload, sentAt: performance.now() });
        }
        if (sent === count) clearInterval(timer);
      }, PACE_MS);
    });
  });
};
