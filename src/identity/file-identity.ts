/** An identity in two files of the user's: read anew at each attempt, never changed. */
import { IotError } from "../protocol/errors";
import { show } from "../protocol/input";
import { readIdentity, type Identity, type IdentityFault, type IdentitySource } from "./identity";
import { readPemFile, type FileFault, type PemFile } from "./pem-file";

/** A file that is too long for a PEM file is told as what it is: no certificate, no key. */
const REASONS: Readonly<Record<FileFault, string>> = {
  missing: "missing",
  unreadable: "unreadable",
  size: "format",
};

const EVERYBODY = 0o006;

export class FileIdentity implements IdentitySource {
  readonly canRegister = false;
  onWarning: (warning: IotError) => void = () => undefined;
  #isExposureTold = false;
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
    const parts = { certificate: certificate.text, key: key.text, passphrase: this.#passphrase };
    const identity = readIdentity(parts, (fault, value) => this.#refuse(fault, value));
    this.#warn(key.mode);
    return identity;
  }

  /** The user's files are not ours to change; a group may well be meant to read them, everybody is not. */
  #warn(mode: number): void {
    if (this.#isExposureTold || process.platform === "win32" || (mode & EVERYBODY) === 0) return;
    this.#isExposureTold = true;
    const details = { path: this.#keyFile, mode: mode.toString(8).padStart(4, "0") };
    this.onWarning(new IotError("KeyExposed", { reason: "file", details }));
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
): Promise<PemFile> {
  if (path === "") throw new IotError("SettingMissing", { reason: "unset", details: { field } });
  return readPemFile(
    path,
    (fault, code) => new IotError(name, { reason: REASONS[fault], details: { path, code } }),
  );
}
