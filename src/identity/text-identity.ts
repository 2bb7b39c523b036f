/** An identity whose certificate and key were entered as texts (Node-RED's credentials). */
import { IotError } from "../protocol/errors";
import { show } from "../protocol/input";
import { readIdentity, type Identity, type IdentityFault, type IdentitySource } from "./identity";

const ERRORS: Readonly<Record<IdentityFault, (value: string) => IotError>> = {
  certificate: () => new IotError("CertificateUnreadable", { reason: "text" }),
  clientId: (value) =>
    new IotError("CertificateUnreadable", { reason: "name", details: { value: show(value) } }),
  key: () => new IotError("KeyUnreadable", { reason: "text" }),
  passphrase: () => new IotError("KeyUnreadable", { reason: "passphrase" }),
  cipher: () => new IotError("KeyUnreadable", { reason: "cipher" }),
  mismatch: () => new IotError("KeyMismatch"),
};

export class TextIdentity implements IdentitySource {
  readonly canRegister = false;
  readonly #parts;

  constructor(certificate: string, key: string, passphrase?: string) {
    this.#parts = { certificate, key, passphrase };
  }

  // eslint-disable-next-line @typescript-eslint/require-await -- what it throws has to become a rejection
  async load(): Promise<Identity> {
    for (const field of ["certificate", "key"] as const) {
      if (this.#parts[field].trim() === "") {
        throw new IotError("SettingMissing", { reason: "unset", details: { field } });
      }
    }
    return readIdentity(this.#parts, (fault, value) => ERRORS[fault](value));
  }
}
