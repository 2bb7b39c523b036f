// Stands for a node that reads a controller, with Modbus or S7 say: twelve registers once a second, four of each machine
// (temperature, vibration, pieces, state). The press overheats from time to time, or when a button asks for it.
const MACHINES = [
  { warm: 68, shakes: 4.2, pieces: 1 },
  { warm: 52, shakes: 6.5, pieces: 2 },
  { warm: 34, shakes: 1.8, pieces: 5 },
];
const [COLD, HOT] = [25, 95];
const [HOT_EVERY, HOT_AT, HOT_FOR, ASKED_FOR] = [180, 3, 20, 45];
const [CYCLE, STOPPED_FOR] = [75, 12];

const line = context.get("line") ?? {
  second: 0,
  hotUntil: 0,
  isBroken: false,
  machines: MACHINES.map(({ warm }) => ({ temperature: warm, pieces: 0 })),
};
context.set("line", line);

if (msg.topic === "overheat") line.hotUntil = line.second + ASKED_FOR;
if (msg.topic === "break") line.isBroken = true;
if (msg.topic !== "") return null;

line.second += 1;
if (line.second % HOT_EVERY === HOT_AT) line.hotUntil = line.second + HOT_FOR;
const spread = (share) => 1 + share * (2 * Math.random() - 1);
const registers = MACHINES.flatMap(({ warm, shakes, pieces }, index) => {
  const machine = line.machines[index];
  const isHot = index === 0 && line.second < line.hotUntil;
  const runs = isHot || (line.second + 25 * index) % CYCLE < CYCLE - STOPPED_FOR;
  const target = isHot ? HOT : runs ? warm : COLD;
  machine.temperature += (target - machine.temperature) * 0.08 + 0.2 * (2 * Math.random() - 1);
  machine.pieces += runs ? pieces : 0;
  const vibration = runs ? shakes * spread(0.08) : 0.05 * spread(0.2);
  return [
    Math.round((machine.temperature + 40) * 10),
    Math.round(vibration * 100),
    machine.pieces,
    runs ? 1 : 0,
  ];
});
if (line.isBroken) registers[4] = "---";
line.isBroken = false;
return { payload: registers, timestamp: Date.now() };
