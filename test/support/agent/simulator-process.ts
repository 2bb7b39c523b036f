/**
 * The simulator in a process of its own, to be killed: it writes every push that it accepts to a ledger before it
 * answers. Arguments: its directory, both ports, the ledger's file.
 */
import { appendFileSync } from "node:fs";
import { startSimulator } from "../../../src/simulator/index";

const [directory = "", port, registrationPort, ledger = ""] = process.argv.slice(2);

void startSimulator({ directory, port: Number(port), registrationPort: Number(registrationPort) }).then(
  (simulator) => {
    simulator.on("request", ({ operation, topic, payload, answers }) => {
      const isRefused = answers.some((answer) => answer.topic.endsWith("/error/inbox"));
      if (operation !== "pushValues" || isRefused) return;
      const { metrics, timestamp } = JSON.parse(payload) as {
        metrics: { value: unknown }[];
        timestamp?: number;
      };
      const entry = { sensor: topic.split("/")[4], timestamp, value: metrics[0]?.value };
      appendFileSync(ledger, `${JSON.stringify(entry)}\n`);
    });
    process.send?.("ready");
  },
);
