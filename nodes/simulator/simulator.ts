/** Runs a simulated agent inside Node-RED, to try flows without a real one; its faults are switched by messages. */
import type { Simulator } from "../../src/simulator/index";
import { IotError } from "../../src/protocol/errors";
import { invalid } from "../../src/protocol/input";
import { isRecord } from "../../src/protocol/json";
import { badgeTexts } from "../shared/badge-texts";
import { endWithin } from "../shared/deadline";
import { toIotError } from "../shared/error-report";
import { whenFlowsStarted } from "../shared/flows-started";
import { upgrade } from "../shared/migrations";
import type { FlowNode, Message, NodeAPI, NodeDef } from "../shared/node-red";
import { Outputs } from "../shared/outputs";
import { simulatorDirectory, userDirectory } from "../shared/paths";
import { StatusWriter } from "../shared/status";
import { Turns } from "../../src/time/turns";
import { readSimulatorOptions } from "./options";

const DEFAULTS = {
  directory: "",
  host: "localhost",
  port: "18884",
  registrationPort: "18883",
  broker: "embedded",
};

const ACTIONS = ["start", "stop", "status"] as const;

export default function (RED: NodeAPI): void {
  function construct(this: FlowNode, definition: NodeDef): void {
    RED.nodes.createNode(this, definition);
    const config = upgrade(definition, DEFAULTS);
    const outputs = new Outputs(RED, this);
    const flows = whenFlowsStarted(RED);
    const status = new StatusWriter(this);
    const texts = badgeTexts(RED);
    const userDir = userDirectory(RED);
    let running: Simulator | undefined;
    /** Starting and stopping happen one after the other, in the order asked. */
    const turns = new Turns();

    const show = (problem?: IotError): void => {
      if (problem !== undefined) {
        status.show({ fill: "red", shape: "ring", text: texts.reason(problem) });
      } else if (running === undefined || running.faults.stopped) {
        status.show({ fill: "grey", shape: "ring", text: texts.text("status.simulatorStopped") });
      } else {
        const { port, registrationPort, counts } = running;
        const { clients, sensors, requests } = counts;
        const values = { port, registrationPort, clients, sensors, requests };
        status.show({ fill: "green", shape: "dot", text: texts.text("status.simulator", values) });
      }
    };

    const start = async (): Promise<void> => {
      if (running !== undefined) return;
      const options = readSimulatorOptions(config);
      status.show({ fill: "yellow", shape: "ring", text: texts.text("status.simulatorStarting") });
      // Loaded when it is wanted: a real agent needs no simulator.
      const { startSimulator } = await import("../../src/simulator/index.js");
      const simulator = await startSimulator({
        ...options,
        directory: simulatorDirectory(userDir, options.directory),
      }).catch((thrown: unknown) => {
        throw toSimulatorError("start", thrown);
      });
      running = simulator;
      simulator.on("problem", (error) => outputs.raise(toSimulatorError("problem", error)));
      simulator.on("faults", () => show());
      simulator.on("request", (request) => {
        this.send([{ payload: request, topic: request.topic }, null]);
        show();
      });
      show();
    };
    const stop = async (): Promise<void> => {
      const simulator = running;
      running = undefined;
      await simulator?.stop();
      show();
    };
    const report = (): object =>
      running === undefined
        ? { running: false }
        : {
            running: true,
            port: running.port,
            registrationPort: running.registrationPort,
            ca: running.ca,
            counts: { ...running.counts },
            faults: { ...running.faults },
          };

    const serve = async (message: Message): Promise<object> => {
      const action = ACTIONS.find((known) => known === message.action);
      if (action === "start") await turns.run(start);
      else if (action === "stop") await turns.run(stop);
      else if (action === undefined) setFaults(running, message.payload);
      return report();
    };

    turns.run(start).catch((thrown: unknown) => {
      const error = toIotError(thrown);
      show(error);
      flows.run(() => outputs.raise(error));
    });

    this.on("input", (message, send, done) => {
      serve(message).then(
        (payload) => outputs.respond(message, { payload }, send, done),
        (thrown: unknown) => {
          if (running === undefined) show(toIotError(thrown));
          outputs.fail(message, thrown, send, done);
        },
      );
    });

    this.on("close", (done: () => void) => {
      flows.forget();
      void endWithin(turns.run(stop)).then(() => {
        status.close();
        done();
      });
    });
  }
  RED.nodes.registerType("teamviewer-iot-simulator", construct as never);
}

function setFaults(simulator: Simulator | undefined, faults: unknown): void {
  if (!isRecord(faults)) throw invalid("type", "msg.payload", faults, { allowed: "words.faults" });
  if (simulator === undefined) {
    throw new IotError("SimulatorFailed", { reason: "stopped" });
  }
  simulator.setFaults(faults);
}

function toSimulatorError(reason: "start" | "problem", thrown: unknown): IotError {
  if (thrown instanceof IotError) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new IotError("SimulatorFailed", { reason, details: { message }, cause: thrown });
}
