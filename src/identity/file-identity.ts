/** An identity in two files of the user's: read anew at each attempt, never changed. */
import { IotError } from "../protocol/errors";
import { show } from "../protocol/input";
import { readIdentity, type Identity, type IdentityFault, type IdentitySource } from "./identity";
import { readPemFile, type FileFault } from "./pem-file";

/** A file that is too long for a PEM file is told as what it is: no certificate, no key. */
const REASONS: Readonly<Record<FileFault, string>> = {
  missing: "missing",
  unreadable: "unreadable",
  size: "format",
};

export class FileIdentity implements IdentitySource {
  readonly canRegister = false;

  readonly #certificateFile: string;
  readonly #keyFile: string;
  readonly #passphrase: string | undefined;

  constructor(certificateFile: string, keyFile: string, passphrase?: string) {
    this.#certificateFile = certificateFile;
    this.#keyFile = keyFile;
    this.#passphrase = passphrase;
  }

  async load(): Promise<Identity> {
    const certificate = await readPart("CertificateUnreadable", "certificateFile", this.#certificateFile);
    const key = await readPart("KeyUnreadable", "keyFile", this.#keyFile);
    return readIdentity({ certificate, key, passphrase: this.#passphrase }, (fault, value) =>
      this.#refuse(fault, value),
    );
  }

  #refuse(fault: IdentityFault, value: string): IotError {
    const certificate = (reason: string) =>
      new IotError("CertificateUnreadable", {
        reason,
        details: { path: this.#certificateFile, value: show(value) },
      });
    const key = (reason: string) =>
      new IotError("KeyUnreadable", { reason, details: { path: this.#keyFile } });
    switch (fault) {
      case "certificate":
        return certificate("format");
      case "clientId":
        return certificate("name");
      case "key":
        return key("format");
      case "passphrase":
      case "cipher":
        return key(fault);
      case "mismatch":
        return new IotError("KeyMismatch");
    }
  }
}

function readPart(
  name: "CertificateUnreadable" | "KeyUnreadable",
  field: string,
  path: string,
): Promise<string> {
  if (path === "") throw new IotError("SettingMissing", { reason: "unset", details: { field } });
  return readPemFile(
    path,
    (fault, code) => new IotError(name, { reason: REASONS[fault], details: { path, code } }),
  );
}
