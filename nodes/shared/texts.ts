/** Where the texts stand that several nodes share: each node has a catalogue of its own, and theirs is the agent's. */
export const SHARED = "@tviot/node-red-teamviewer-iot/teamviewer-iot-agent:";
