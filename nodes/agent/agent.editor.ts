/** The dialog of the agent, as somebody fills it in the first time: where it is, who we are to it, whether that works; and more. */
import { fillMissingProperties } from "../shared/editor/defaults";
import { dialogOf } from "../shared/editor/dialog";
import { labelStyle } from "../shared/editor/labels";
import { loadFromFile, replaceSecret, takeDropped } from "../shared/editor/pem-field";
import { identityComplete } from "../shared/editor/validators";
import { readForm, type Draft } from "./dialog/form.editor";
import { lookAtRuntime, offerRegistration } from "./dialog/identity-card.editor";
import { offerNewClient } from "./dialog/new-client.editor";
import { offerPlaces } from "./dialog/place.editor";
import { offerTest } from "./dialog/test-view.editor";
import { giveUsualAgent } from "./dialog/usual-agent.editor";
import { PROPERTIES } from "./properties";

const dialog = dialogOf(PROPERTIES, { identity: identityComplete }, "node-config-input");

// Once for all nodes of the package.
fillMissingProperties();
giveUsualAgent();

RED.nodes.registerType("teamviewer-iot-agent", {
  category: "config",
  defaults: dialog.defaults,
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
    dialog.prepare(this);

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
    lookAtRuntime(this.id, texts)
      .then((runs) => {
        if (runs && field("identity").val() === "managed") return offerNewClient(this.id, texts);
      })
      .catch(() => undefined);
    offerRegistration(part("register"), texts, read);
    offerTest(part("test"), texts, read);
    // What is marked must be seen; Node-RED marks it after this.
    setTimeout(() => {
      if (part("more").find(".input-error").length > 0) part("more").prop("open", true);
    }, 100);
  },
});
