// Node-RED's settings on every gateway. What differs from one to the next is in gateway.env, not here.
const { readFileSync } = require("node:fs");
const { env } = process;

// Nobody logs in on a gateway: flows are changed in the repository. Two programs have a token each.
const tokens = [
  { token: env.SCRAPE_TOKEN, username: "prometheus", permissions: "teamviewer-iot.read" },
  { token: env.UPDATE_TOKEN, username: "update", permissions: "flows.write" },
];

module.exports = {
  flowFile: "flows.json",
  // The same on all gateways, so that all can read the flows_cred.json of the repository.
  credentialSecret: env.CREDENTIAL_SECRET,
  https: { cert: readFileSync(env.GATEWAY_CERTIFICATE), key: readFileSync(env.GATEWAY_KEY) },
  adminAuth: {
    type: "credentials",
    users: [],
    tokens: async (given) => tokens.find(({ token }) => token === given) ?? null,
  },
  // What mqtt out gets while Mosquitto restarts is lost, so soon: milliseconds.
  mqttReconnectTime: 1000,
  teamviewerIotMetrics: true,
  telemetry: { enabled: false },
  externalModules: { palette: { allowInstall: false } },
};
