/** The dialog of the agent, as somebody fills it in the first time: where it is, who we are to it, whether that works; and more. */
import { followChoices } from "../shared/editor/conditional-rows";
import { fillMissingProperties } from "../shared/editor/defaults";
import { labelStyle } from "../shared/editor/labels";
import { loadFromFile, replaceSecret, takeDropped } from "../shared/editor/pem-field";
import { giveUsualAgent } from "../shared/editor/usual-agent";
import {
  clientName,
  decimal,
  filled,
  identityComplete,
  pemCertificate,
  plain,
  plainWhen,
  wholeNumber,
} from "../shared/editor/validators";
import { readForm, type Draft } from "./dialog/form.editor";
import { lookAtRuntime, offerRegistration } from "./dialog/identity-card.editor";
import { offerPlaces } from "./dialog/place.editor";
import { offerTest } from "./dialog/test-view.editor";

/** Seconds. */
const WEEK = 7 * 24 * 3600;
const YEAR = 366 * 24 * 3600;

// Once for all nodes of the package.
fillMissingProperties();
giveUsualAgent();

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
    identity: { value: "managed", validate: identityComplete },
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
    const texts: Translate = (key, values) => this._(key, values);
    const read = (): Draft => readForm(this);
    const field = (name: string): JQuery => $(`#node-config-input-${name}`);
    const part = (name: string): JQuery => $(`#teamviewer-iot-agent-${name}`);
    const isNew = !RED.nodes.node(this.id);

    offerPlaces(part("place"), texts, isNew);
    followChoices("node-config-input");

    const authority = { certificate: field("caText") };
    loadFromFile(part("load-ca"), authority);
    takeDropped(part("elsewhere"), authority, () => field("caSource").val("text").trigger("change"));

    const identity = { certificate: field("teamviewerIotCertificate"), key: part("new-key") };
    loadFromFile(part("load-identity"), identity);
    takeDropped(part("who"), identity, () => field("identity").val("credentials").trigger("change"));
    replaceSecret(identity.key, field("teamviewerIotKey"), texts("placeholder.keyStored"));
    // Whether an identity is complete, these say.
    identity.certificate.add(identity.key).on("change", () => field("identity").trigger("change"));

    // Who may not look sees less.
    lookAtRuntime(this.id, texts).catch(() => undefined);
    offerRegistration(part("register"), texts, read);
    offerTest(part("test"), texts, read);
    // What is marked must be seen; Node-RED marks it after this.
    setTimeout(() => {
      if (part("more").find(".input-error").length > 0) part("more").prop("open", true);
    }, 100);
  },
});
