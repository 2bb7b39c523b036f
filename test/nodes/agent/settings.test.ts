import assert from "node:assert/strict";
import { createPrivateKey } from "node:crypto";
import { DEFAULTS, readConfiguration, type Configuration } from "../../../nodes/agent/settings";
import type { AgentCredentials } from "../../../nodes/agent/credentials";
import { IotError } from "../../../src/protocol/errors";
import { Authority } from "../../support/agent/authority";

const CLIENT_ID = "0123456789abcdef0123456789abcdef";
const PLACE = { userDir: "/home/press", nodeId: "1", noLocalFiles: false };

function read(properties: object, credentials: AgentCredentials = {}, place = PLACE): Configuration {
  return readConfiguration({ ...DEFAULTS, ...properties }, credentials, place);
}

/** The error that settings end with. */
function refusal(...given: Parameters<typeof read>): IotError {
  try {
    read(...given);
  } catch (error) {
    assert.ok(error instanceof IotError);
    return error;
  }
  throw new Error("the settings were taken");
}

describe("The settings of an agent node", () => {
  it("need a queue that can hold a request", () => {
    for (const [field, value, least] of [
      ["queueCount", "0", 1],
      ["queueBytes", "999", 1000],
    ] as const) {
      const error = refusal({ [field]: value });
      assert.deepEqual([error.textKey, error.details.field], ["SettingMissing.value", field]);
      assert.match(error.message, new RegExp(`from ${least} to`));
    }
    const { queue } = read({ queueCount: "1", queueBytes: "1000" }).client;
    assert.deepEqual([queue.count, queue.bytes], [1, 1000]);
  });

  it("need a whole number where half a one means nothing, and a number in any case", () => {
    for (const [field, value] of [
      ["keepalive", "1.5"],
      ["port", "0x10000"],
      ["queueCount", ""],
      ["requestTimeout", "ten"],
    ] as const) {
      const error = refusal({ [field]: value });
      assert.deepEqual([error.textKey, error.details.field], ["SettingMissing.value", field]);
    }
    assert.match(refusal({ keepalive: "1.5" }).message, /whole number/);
    assert.equal(read({ requestTimeout: "1.5" }).client.requestTimeout, 1500);
  });

  it("take autoRegister from a variable of the environment, as text", () => {
    for (const [value, meant] of [
      [true, true],
      [false, false],
      ["true", true],
      ["false", false],
    ] as const) {
      assert.equal(read({ autoRegister: value }).autoRegister, meant);
    }
    const error = refusal({ autoRegister: "yes" });
    assert.equal(error.textKey, "SettingMissing.value");
    assert.match(error.message, /"Register when there is no identity yet" is "yes"; allowed: true, false/);
    assert.equal(refusal({ autoRegister: "${UNSET}" }).textKey, "SettingMissing.environment");
  });

  it("take a passphrase as it is, with its spaces", async () => {
    const authority = await Authority.make();
    try {
      const { certificate, key } = await authority.issue(CLIENT_ID);
      const passphrase = " two words ";
      const encrypted = createPrivateKey(key)
        .export({ type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase })
        .toString();
      const credentials = { certificate, key: encrypted, passphrase };
      const identity = await read({ identity: "credentials" }, credentials).client.identity.load();
      assert.equal(identity?.clientId, CLIENT_ID);
    } finally {
      await authority.remove();
    }
  });

  for (const [field, credentials] of [
    ["passphrase", { certificate: "certificate", key: "key", passphrase: "${SECRET}" }],
    ["passphrase", { certificate: "certificate", key: "key", passphrase: "$(SECRET)" }],
    ["key", { certificate: "certificate", key: "${SECRET}" }],
  ] as const) {
    it(`name a ${field} that refers to no variable, and never show it`, () => {
      const error = refusal({ identity: "credentials" }, credentials);
      assert.equal(error.textKey, "SettingMissing.secret");
      assert.equal(error.details.field, field);
      assert.equal(JSON.stringify({ ...error, message: error.message }).includes("SECRET"), false);
    });
  }

  it("name a key that is missing", () => {
    const error = refusal({ identity: "credentials" }, { certificate: "certificate", key: " " });
    assert.deepEqual([error.textKey, error.details.field], ["SettingMissing.unset", "key"]);
  });

  describe("where Node-RED forbids files of its machine", () => {
    const forbidden = { ...PLACE, noLocalFiles: true };
    const files = { caSource: "text", caText: "PEM", identity: "files" };

    for (const [field, properties] of [
      ["caSource", { caSource: "file" }],
      ["identity", { ...files, certificateFile: "a.crt", keyFile: "a.key" }],
    ] as const) {
      it(`name ${field}, which asks for one`, () => {
        const error = refusal(properties, {}, forbidden);
        assert.deepEqual([error.textKey, error.details.field], ["SettingMissing.localFiles", field]);
        assert.match(error.message, /tlsConfigDisableLocalFiles/);
      });
    }

    it("are taken without files, and may have an identity that Node-RED keeps", () => {
      assert.ok(read({ ...files, identity: "managed" }, {}, forbidden).folder);
    });
  });
});
