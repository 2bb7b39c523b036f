/** Runs a simulated agent inside Node-RED, to try flows without a real one; its faults are switched by messages. */
import type { Faults, Simulator, SimulatorRequest } from "../../src/simulator/index";
import { IotError } from "../../src/protocol/errors";
import { invalid } from "../../src/protocol/input";
import { isRecord } from "../../src/protocol/json";
import { cleanText } from "../../src/protocol/text";
import { escapeControls } from "../../src/simulator/controls";
import { badgeTexts } from "../shared/badge-texts";
import { endWithin } from "../shared/deadline";
import { failureOf, logLine, reportError } from "../shared/error-report";
import { whenFlowsStarted } from "../shared/flows-started";
import { upgrade } from "../shared/migrations";
import type { FlowNode, Message, NodeAPI, NodeDef } from "../shared/node-red";
import { Outputs } from "../shared/outputs";
import { simulatorDirectory, userDirectory } from "../shared/paths";
import { StatusWriter } from "../shared/status";
import { defaultsOf } from "../shared/properties";
import { translate } from "../shared/translate";
import { Turns } from "../../src/time/turns";
import { readSimulatorOptions } from "./options";
import { PROPERTIES } from "./properties";
import { joinSimulator, type Membership } from "./shared-simulator";

const ACTIONS = ["start", "stop", "status"] as const;

export default function (RED: NodeAPI): void {
  function construct(this: FlowNode, definition: NodeDef): void {
    RED.nodes.createNode(this, definition);
    const config = upgrade(definition, defaultsOf(PROPERTIES));
    const outputs = new Outputs(RED, this);
    const flows = whenFlowsStarted(RED);
    const status = new StatusWriter(this);
    const texts = badgeTexts(RED);
    const userDir = userDirectory(RED);
    let membership: Membership | undefined;
    const running = (): Simulator | undefined => membership?.simulator;
    /** Starting and stopping happen one after the other, in the order asked. */
    const turns = new Turns();

    const show = (problem?: IotError): void => {
      if (problem !== undefined) {
        status.show({ fill: "red", shape: "ring", text: texts.reason(problem) });
        return;
      }
      const simulator = running();
      if (simulator === undefined || simulator.faults.stopped) {
        status.show({ fill: "grey", shape: "ring", text: texts.text("status.simulatorStopped") });
      } else {
        const { port, registrationPort, counts, exposed } = simulator;
        const { clients, sensors, requests } = counts;
        const values = { port, registrationPort, clients, sensors, requests };
        const text = texts.text("status.simulator", values);
        status.show(
          exposed.length === 0
            ? { fill: "green", shape: "dot", text }
            : { fill: "yellow", shape: "dot", text: texts.text("status.simulatorExposed", { status: text }) },
        );
      }
    };

    const listeners = {
      problem: (error: Error) => outputs.raise(toSimulatorError("problem", error)),
      ended: (thrown: Error) => {
        const error = toSimulatorError("ended", thrown);
        void turns.run(stop).then(() => show(error));
        outputs.raise(error);
      },
      faults: () => show(),
      request: (request: SimulatorRequest) => {
        const shown = showRequest(request);
        this.send([{ payload: shown, topic: shown.topic }, null]);
        show();
      },
    };

    const start = async (): Promise<void> => {
      if (membership !== undefined) return;
      const options = readSimulatorOptions(config);
      const { noLocalFiles, directory } = folderOf(RED, userDir, options.directory);
      if (noLocalFiles) this.warn(translate(RED, "notice.simulatorDirectory", { path: directory }));
      status.show({ fill: "yellow", shape: "ring", text: texts.text("status.simulatorStarting") });
      membership = await joinSimulator({ ...options, directory }).catch((thrown: unknown) => {
        throw toSimulatorError("start", thrown);
      });
      const { simulator } = membership;
      for (const [event, listener] of entriesOf(listeners)) simulator.on(event, listener);
      if (simulator.exposed.length > 0) {
        const details = { addresses: simulator.exposed.join(", ") };
        const error = new IotError("SimulatorFailed", { reason: "exposed", details });
        this.warn(logLine(reportError(RED, error)));
      }
      show();
    };
    const stop = async (): Promise<void> => {
      const left = membership;
      membership = undefined;
      for (const [event, listener] of entriesOf(listeners)) left?.simulator.off(event, listener);
      await left?.leave();
      show();
    };
    const report = (): object => {
      const simulator = running();
      if (simulator === undefined) return { running: false };
      const { port, registrationPort, ca, counts, faults } = simulator;
      return { running: true, port, registrationPort, ca, counts: { ...counts }, faults: { ...faults } };
    };

    const serve = async (message: Message): Promise<object> => {
      const action = ACTIONS.find((known) => known === message.action);
      if (action === "start") await turns.run(start);
      else if (action === "stop") await turns.run(stop);
      else if (action === undefined) setFaults(running(), message.payload);
      return report();
    };

    turns.run(start).catch((thrown: unknown) => {
      const error = failureOf(thrown);
      show(error);
      flows.run(() => outputs.raise(error));
    });

    this.on("input", (message, send, done) => {
      serve(message).then(
        (payload) => outputs.respond(message, { payload }, send, done),
        (thrown: unknown) => {
          if (running() === undefined) show(failureOf(thrown));
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

type Listeners = { [Event in "problem" | "ended"]: (error: Error) => void } & {
  faults: (faults: Faults) => void;
  request: (request: SimulatorRequest) => void;
};

/** So that one loop can set and take off all of them. */
const entriesOf = (listeners: Listeners) =>
  Object.entries(listeners) as ["problem", (error: Error) => void][];

/** Who edits flows stays in the user directory where Node-RED's setting says so. */
function folderOf(RED: NodeAPI, userDir: string, wanted: string) {
  const noLocalFiles = RED.settings.tlsConfigDisableLocalFiles === true && wanted !== "";
  return { noLocalFiles, directory: simulatorDirectory(userDir, noLocalFiles ? "" : wanted) };
}

/** What clients sent, fit to be shown: control characters as JSON writes them. */
function showRequest({ topic, payload, clientId, answers, ...request }: SimulatorRequest): SimulatorRequest {
  return {
    ...request,
    clientId: clientId === undefined ? undefined : escapeControls(clientId),
    topic: escapeControls(topic),
    payload: escapeControls(payload),
    answers: answers.map((answer) => ({
      topic: escapeControls(answer.topic),
      payload: escapeControls(answer.payload),
    })),
  };
}

function toSimulatorError(reason: "start" | "problem" | "ended", thrown: unknown): IotError {
  if (thrown instanceof IotError) return thrown;
  const message = cleanText(thrown instanceof Error ? thrown.message : String(thrown));
  return new IotError("SimulatorFailed", { reason, details: { message }, cause: thrown });
}
