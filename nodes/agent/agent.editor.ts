/** The dialog of the agent: which agent, whom to trust, who we are, and what waits while there is no connection. */
import { followChoices } from "../shared/editor/conditional-rows";
import { fillMissingProperties } from "../shared/editor/defaults";
import { labelStyle } from "../shared/editor/labels";
import { loadFromFile, replaceSecret } from "../shared/editor/pem-field";
import {
  clientName,
  decimal,
  filled,
  pemCertificate,
  plain,
  plainWhen,
  wholeNumber,
} from "../shared/editor/validators";

/** Seconds. */
const WEEK = 7 * 24 * 3600;
const YEAR = 366 * 24 * 3600;
const TABS = ["connection", "identity", "requests", "outbox"];

// Once for all nodes of the package.
fillMissingProperties();

RED.nodes.registerType("teamviewer-iot-agent", {
  category: "config",
  defaults: {
    version: { value: 1 },
    name: { value: "" },
    host: { value: "localhost", validate: plain(filled) },
    port: { value: "18884", validate: plain(wholeNumber(1, 65535)) },
    registrationPort: { value: "18883", validate: plain(wholeNumber(1, 65535)) },
    serverName: { value: "" },
    caSource: { value: "file" },
    caFile: {
      value: "/var/lib/teamviewer-iot-agent/certs/TeamViewerAuthority.crt",
      validate: plainWhen("caSource", "file", filled),
    },
    caText: { value: "", validate: plainWhen("caSource", "text", pemCertificate) },
    identity: { value: "managed" },
    clientName: { value: "", validate: plainWhen("identity", "managed", clientName) },
    autoRegister: { value: false },
    certificateFile: { value: "", validate: plainWhen("identity", "files", filled) },
    keyFile: { value: "", validate: plainWhen("identity", "files", filled) },
    requestTimeout: { value: "10", validate: plain(decimal(0.1, 3600)) },
    keepalive: { value: "12", validate: plain(wholeNumber(1, 65535)) },
    queueCount: { value: "1000", validate: plain(wholeNumber(1, 1_000_000)) },
    queueBytes: { value: "5000000", validate: plain(wholeNumber(1000, 1_000_000_000)) },
    queueAge: { value: "300", validate: plain(decimal(0, WEEK)) },
    queueFull: { value: "reject" },
    outboxCount: { value: "100000", validate: plain(wholeNumber(1, 10_000_000)) },
    outboxBytes: { value: "100000000", validate: plain(wholeNumber(1000, 100_000_000_000)) },
    outboxAge: { value: "0", validate: plain(decimal(0, YEAR)) },
    outboxFull: { value: "reject" },
  },
  credentials: {
    teamviewerIotCertificate: { type: "text" },
    teamviewerIotKey: { type: "password" },
    teamviewerIotPassphrase: { type: "password" },
  },
  paletteLabel() {
    return this._("palette.label");
  },
  label() {
    return this.name || `${this.host}:${this.port}`;
  },
  labelStyle,
  oneditprepare() {
    const tabs = RED.tabs.create({
      element: $("#teamviewer-iot-agent-tabs"),
      onchange: ({ id }) => {
        $(".teamviewer-iot-tab").hide();
        $(`#${id}`).show();
      },
    });
    for (const tab of TABS) tabs.addTab({ id: `teamviewer-iot-agent-${tab}`, label: this._(`tab.${tab}`) });

    followChoices("node-config-input");
    loadFromFile($("#teamviewer-iot-agent-load-ca"), $("#node-config-input-caText"));
    loadFromFile(
      $("#teamviewer-iot-agent-load-certificate"),
      $("#node-config-input-teamviewerIotCertificate"),
    );
    loadFromFile($("#teamviewer-iot-agent-load-key"), $("#teamviewer-iot-agent-new-key"));
    replaceSecret(
      $("#teamviewer-iot-agent-new-key"),
      $("#node-config-input-teamviewerIotKey"),
      this._("placeholder.keyStored"),
    );
  },
});
