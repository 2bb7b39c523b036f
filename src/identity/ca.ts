/** The agent's authority: the only one that is trusted. Never empty, for an empty list would mean the public ones. */
import type { X509Certificate } from "node:crypto";
import { IotError } from "../protocol/errors";
import { MAX_PEM_BYTES } from "../protocol/limits";
import { isAuthority } from "./authority";
import { certificatesIn } from "./pem";
import { readPemFile, type FileFault } from "./pem-file";

export type CaSource = { file: string } | { text: string };

type CaFault = FileFault | "format" | "authority";

/**
 * The CA certificates (a bundle is allowed) as PEM, all of them read and found to be authorities:
 * OpenSSL ignores a `ca` that it cannot read and falls back to the public ones (fault 27).
 */
export async function readCa(source: CaSource): Promise<string> {
  if ("text" in source) return readCaText(source.text);
  const path = source.file;
  if (path === "") throw new IotError("CaMissing", { reason: "unset" });
  const refuse = (reason: CaFault, code = "") =>
    new IotError(reason === "missing" ? "CaMissing" : "CaUnreadable", {
      reason,
      details: { path, code, allowed: MAX_PEM_BYTES },
    });
  return checkAuthorities((await readPemFile(path, refuse)).text, refuse);
}

function readCaText(text: string): string {
  if (text.trim() === "") throw new IotError("CaMissing", { reason: "unset" });
  const refuse = () => new IotError("CaUnreadable", { reason: "text" });
  if (Buffer.byteLength(text) > MAX_PEM_BYTES) throw refuse();
  return checkAuthorities(text, refuse);
}

function checkAuthorities(text: string, refuse: (fault: "format" | "authority") => IotError): string {
  let certificates: X509Certificate[];
  try {
    certificates = certificatesIn(text);
  } catch {
    throw refuse("format");
  }
  if (certificates.length === 0) throw refuse("format");
  if (!certificates.every(isAuthority)) throw refuse("authority");
  return certificates.map(String).join("");
}
