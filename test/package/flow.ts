/** A flow that has everything in it: the simulated agent, and by HTTP what a person would do with the nodes. */

const COMMON = { z: "tab", version: 1 };

/** A request to `path` becomes the message of a node, its answer or its error the response. */
function endpoint(path: string, type: string, settings: object): object[] {
  return [
    { id: `${path}-in`, type: "http in", z: "tab", url: `/${path}`, method: "post", wires: [[path]] },
    { id: path, type, ...COMMON, agent: "agent", ...settings, wires: [["answer"], [`${path}-error`]] },
    {
      id: `${path}-error`,
      type: "change",
      z: "tab",
      rules: [
        { t: "set", p: "payload", pt: "msg", to: "error", tot: "msg" },
        { t: "set", p: "statusCode", pt: "msg", to: "500", tot: "num" },
      ],
      wires: [["answer"]],
    },
  ];
}

export function everythingFlow(port: number, registrationPort: number): object[] {
  return [
    { id: "tab", type: "tab", label: "Everything" },
    {
      id: "agent",
      type: "teamviewer-iot-agent",
      version: 1,
      port: String(port),
      registrationPort: String(registrationPort),
      caFile: "teamviewer-iot/simulator/TeamViewerAuthority.crt",
      clientName: "package-test",
    },
    {
      id: "simulator",
      type: "teamviewer-iot-simulator",
      ...COMMON,
      port: String(port),
      registrationPort: String(registrationPort),
      wires: [[], []],
    },
    ...endpoint("register", "teamviewer-iot-register", {}),
    ...endpoint("ping", "teamviewer-iot-ping", {}),
    ...endpoint("push", "teamviewer-iot-push", { sensor: "boiler" }),
    { id: "answer", type: "http response", z: "tab", wires: [] },
    {
      id: "live",
      type: "teamviewer-iot-livedata",
      ...COMMON,
      agent: "agent",
      wires: [["remember"], []],
    },
    {
      id: "remember",
      type: "change",
      z: "tab",
      rules: [{ t: "set", p: "live", pt: "flow", to: "payload", tot: "msg" }],
      wires: [[]],
    },
    { id: "live-in", type: "http in", z: "tab", url: "/live", method: "post", wires: [["recall"]] },
    {
      id: "recall",
      type: "change",
      z: "tab",
      rules: [{ t: "set", p: "payload", pt: "msg", to: "live", tot: "flow" }],
      wires: [["answer"]],
    },
  ];
}
