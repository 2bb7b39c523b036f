import assert from "node:assert/strict";
import { splitPem } from "../../../nodes/shared/editor/pem-text";

const pem = (label: string) => `-----BEGIN ${label}-----\nAAAA\n-----END ${label}-----`;

describe("PEM text that is dropped or pasted", () => {
  it("is taken apart: certificates here, the key there, whatever stands around them", () => {
    const text = `Bag Attributes\n${pem("PRIVATE KEY")}\n${pem("CERTIFICATE")}\nissuer=x\n${pem("CERTIFICATE")}`;
    assert.deepEqual(splitPem(text), {
      certificate: `${pem("CERTIFICATE")}\n${pem("CERTIFICATE")}\n`,
      key: `${pem("PRIVATE KEY")}\n`,
    });
  });

  it("knows every kind of private key, and no public one", () => {
    for (const kind of ["PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY", "ENCRYPTED PRIVATE KEY"])
      assert.equal(splitPem(pem(kind)).key, `${pem(kind)}\n`);
    assert.deepEqual(splitPem(pem("PUBLIC KEY")), { certificate: "", key: "" });
  });

  it("is nothing where a block is cut off", () => {
    assert.deepEqual(splitPem("-----BEGIN CERTIFICATE-----\nAAAA\n"), { certificate: "", key: "" });
  });
});
