/** A certificate authority in a temporary folder, made with the openssl command as the API document does. */
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

export interface Issued {
  certificate: string;
  key: string;
  certificateFile: string;
  keyFile: string;
}

export interface IssueOptions {
  /** Subject alternative names; none when empty. */
  names?: string;
  /** `YYYYMMDDHHMMSSZ`. */
  notBefore?: string;
  notAfter?: string;
  /** Of the signature; SHA-256 when absent. */
  digest?: string;
  /** What it is for (extended key usage); anything when absent. */
  purpose?: string;
}

export class Authority {
  private count = 0;
  private last = Promise.resolve();

  private constructor(
    readonly directory: string,
    readonly certificate: string,
  ) {}

  static async make(commonName = "TeamViewerAuthority"): Promise<Authority> {
    const directory = await mkdtemp(join(tmpdir(), "tviot-authority-"));
    const file = (name: string) => join(directory, name);
    const subject = `/C=DE/CN=${commonName}/O=TeamViewerGmbH`;
    await run("openssl", [
      ...["req", "-x509", "-nodes", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"],
      ...["-keyout", file("ca.key"), "-out", file("ca.crt"), "-days", "365", "-subj", subject],
    ]);
    await writeFile(file("index.txt"), "");
    await writeFile(
      file("ca.cnf"),
      ["[ca]", "default_ca=d", "[d]", `database=${file("index.txt")}`, `new_certs_dir=${directory}`]
        .concat(["default_md=sha256", "policy=p", "unique_subject=no", "rand_serial=yes", "default_days=365"])
        .concat(["default_crl_days=30", "copy_extensions=copy", "[p]", "commonName=supplied"])
        .join("\n"),
    );
    return new Authority(directory, await readFile(file("ca.crt"), "utf8"));
  }

  get certificateFile(): string {
    return join(this.directory, "ca.crt");
  }

  async issue(commonName: string, options: IssueOptions = {}): Promise<Issued> {
    const number = this.count++;
    const file = (suffix: string) => join(this.directory, `${number}.${suffix}`);
    const names = [
      ...(options.names ? ["-addext", `subjectAltName=${options.names}`] : []),
      ...(options.purpose ? ["-addext", `extendedKeyUsage=${options.purpose}`] : []),
    ];
    await run("openssl", [
      ...["req", "-new", "-nodes", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", ...names],
      ...["-keyout", file("key"), "-out", file("csr"), "-subj", `/CN=${commonName}`],
    ]);
    const dates = [
      ...(options.notBefore ? ["-startdate", options.notBefore] : []),
      ...(options.notAfter ? ["-enddate", options.notAfter] : []),
    ];
    const digest = options.digest ? ["-md", options.digest] : [];
    await this.ca(["-batch", "-notext", "-in", file("csr"), "-out", file("crt"), ...digest, ...dates]);
    return {
      certificate: await readFile(file("crt"), "utf8"),
      key: await readFile(file("key"), "utf8"),
      certificateFile: file("crt"),
      keyFile: file("key"),
    };
  }

  /** The file of a revocation list that holds this certificate. */
  async revoke(issued: Issued): Promise<string> {
    const list = join(this.directory, "revoked.crl");
    await this.ca(["-revoke", issued.certificateFile]);
    await this.ca(["-gencrl", "-out", list]);
    return list;
  }

  async remove(): Promise<void> {
    await rm(this.directory, { recursive: true, force: true });
  }

  /** One at a time: the command keeps its database in a file. */
  private ca(options: string[]): Promise<void> {
    this.last = this.last.then(() => this.runCa(options));
    return this.last;
  }

  private async runCa(options: string[]): Promise<void> {
    const file = (name: string) => join(this.directory, name);
    const base = ["ca", "-config", file("ca.cnf"), "-keyfile", file("ca.key"), "-cert", file("ca.crt")];
    await run("openssl", [...base, ...options]);
  }
}
