// An alarm begins above 80 °C and ends below 75 °C, so that a value near the limit does not chatter. Made of the ordered
// history, it also finds what began and ended during an outage, and an old value that comes late ends no alarm.
const [BEGINS, ENDS] = [80, 75];

const alarms = msg.payload.flatMap(({ name, metrics }) => {
  const found = [];
  for (const [time, value] of metrics["[[temperature]]"] ?? []) {
    const last = found.at(-1);
    const isOn = last !== undefined && last.to === undefined;
    if (!isOn && value > BEGINS) found.push({ name, from: time, highest: value });
    else if (isOn && value < ENDS) last.to = time;
    else if (isOn) last.highest = Math.max(last.highest, value);
  }
  return found;
});
msg.payload = alarms.sort((a, b) => b.from - a.from);
return msg;
