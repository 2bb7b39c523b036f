/** The configuration node: one agent, who we are to it, and the one connection that all its palette nodes share. */
import { badgeTexts } from "../shared/badge-texts";
import { connectionStatus, IDLE } from "../shared/connection-status";
import { wheneverFlowsStart, whenFlowsStarted } from "../shared/flows-started";
import { upgrade } from "../shared/migrations";
import type { NodeAPI, NodeDef, NodeStatus } from "../shared/node-red";
import { identityDirectory, userDirectory } from "../shared/paths";
import { StatusWriter } from "../shared/status";
import type { Observer } from "./connection-watch";
import { SharedAgent, type AgentConfigurationNode } from "./shared-agent";
import { tellError, tellStatus } from "./tell-flows";
import { healthOf } from "./health";
import { CREDENTIALS, takeCredentials } from "./credentials";
import { DEFAULTS, readConfiguration, type Configuration } from "./settings";
import { toIotError, type IotError } from "../../src/protocol/errors";
import { systemClock, type Clock } from "../../src/time/clock";

export default function (RED: NodeAPI): void {
  registerAgentType(RED, systemClock);
}

/** The same on another clock: tests make time pass. */
export function registerAgentType(RED: NodeAPI, clock: Clock): void {
  function construct(this: AgentConfigurationNode & { agent: SharedAgent }, definition: NodeDef): void {
    RED.nodes.createNode(this, definition);
    this.users = {};
    const flows = whenFlowsStarted(RED);
    const status = new StatusWriter({ status: (shown: NodeStatus) => tellStatus(RED, this, shown) });
    const texts = badgeTexts(RED);
    const observer: Observer = {
      // Catch nodes hear it only when they are there.
      failed: (error, message = {}) => flows.run(() => tellError(RED, this, error, message)),
      changed: (look) => status.show(() => connectionStatus(look(), IDLE, texts)),
    };
    const health = healthOf(identityDirectory(userDirectory(RED), this.id));
    const agent = new SharedAgent(this.users, configure(RED, this, definition), observer, clock, health);
    // Not to be seen where somebody prints a node.
    Object.defineProperty(this, "agent", { value: agent, enumerable: false });

    // Whoever deploys anything may have mended what was wrong.
    const stopLooking = wheneverFlowsStart(RED, () => this.agent.tryAgain());

    this.on("close", (done: () => void) => {
      flows.forget();
      stopLooking();
      status.close();
      void this.agent.close().then(done);
    });
  }

  RED.nodes.registerType("teamviewer-iot-agent", construct as never, { credentials: CREDENTIALS });
}

function configure(
  RED: NodeAPI,
  node: AgentConfigurationNode,
  definition: NodeDef,
): Configuration | IotError {
  try {
    return readConfiguration(upgrade(definition, DEFAULTS), takeCredentials(RED, node), {
      userDir: userDirectory(RED),
      nodeId: node.id,
      noLocalFiles: RED.settings.tlsConfigDisableLocalFiles === true,
    });
  } catch (error) {
    return toIotError(error);
  }
}
