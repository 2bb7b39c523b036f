// Puts what the agent reports in the order of its timestamps: after an outage new values come first, and those that
// waited come later. Counts each push once, and how many came a second time.
const KEPT_MS = 5 * 60_000;
const KEPT_KEYS = 20_000;
const ASK_MS = 3000;
const MACHINES = ["[[press]]", "[[mill]]", "[[packer]]"];

const history = context.get("history") ?? {
  sensors: {},
  seen: new Set(),
  arrived: 0,
  repeated: 0,
  isNew: false,
  askedAt: 0,
};
context.set("history", history);
const names = flow.get("names") ?? {};
return msg.sensorId === undefined ? show() : take();

function take() {
  const { sensorId, timestamp, payload } = msg;
  const key = [sensorId, timestamp, ...Object.keys(payload)].join(" ");
  if (history.seen.has(key)) history.repeated += 1;
  else history.arrived += 1;
  history.seen.add(key);
  if (history.seen.size > KEPT_KEYS) history.seen.delete(history.seen.values().next().value);
  flow.set("arrived", { arrived: history.arrived, repeated: history.repeated });

  const metrics = (history.sensors[sensorId] ??= {});
  for (const [metricId, value] of Object.entries(payload))
    insert((metrics[metricId] ??= []), timestamp, value);
  history.isNew = true;

  const isKnown = Object.keys(payload).every((metricId) => names[sensorId]?.metrics[metricId] !== undefined);
  if (isKnown || Date.now() < history.askedAt + ASK_MS) return null;
  history.askedAt = Date.now();
  return [null, null, null, { payload: "" }];
}

function insert(points, time, value) {
  const after = points.findLastIndex((point) => point[0] <= time);
  if (points[after]?.[0] === time) points[after] = [time, value];
  else points.splice(after + 1, 0, [time, value]);
  const old = points.findIndex((point) => point[0] > Date.now() - KEPT_MS);
  // One stays: the machine still has that value.
  points.splice(0, (old === -1 ? points.length : old + 1) - 1);
}

function show() {
  const machines = Object.entries(history.sensors)
    .filter(([sensorId]) => names[sensorId] !== undefined)
    .map(([sensorId, metrics]) => {
      const named = Object.entries(metrics).map(([metricId, points]) => [
        names[sensorId].metrics[metricId],
        points,
      ]);
      return { name: names[sensorId].name, metrics: Object.fromEntries(named) };
    })
    .sort((a, b) => MACHINES.indexOf(a.name) - MACHINES.indexOf(b.name));
  if (!history.isNew || machines.length === 0) return null;
  history.isNew = false;
  const newest = Math.max(
    ...machines.flatMap(({ metrics }) => Object.values(metrics).map((points) => points.at(-1)[0])),
  );
  const chart = (metric) => {
    const points = machines.flatMap(({ name, metrics: { [metric]: known = [] } }) => {
      // What was not sent has hardly changed: the line goes on.
      const line = known.length === 0 ? [] : [...known, [newest, known.at(-1)[1]]];
      return line.map(([x, y]) => ({ series: name, x, y }));
    });
    // Room for the labels of the time.
    const chartOptions = { grid: { bottom: 28 } };
    return points.length === 0 ? null : { payload: points, ui_update: { chartOptions } };
  };
  return [chart("[[temperature]]"), chart("[[vibration]]"), { payload: machines }];
}
