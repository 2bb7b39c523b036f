/** PEM text as people paste it, and the certificates that are in it. */
import { X509Certificate } from "node:crypto";

// No "-" occurs in base64, so this reads in linear time; keys with headers (RFC 1421) do not match and stay as they are.
const BLOCK = /-----BEGIN ([A-Z0-9 ]{1,40})-----([^-]+)-----END \1-----/g;
const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** Breaks the lines of every PEM block anew: one-line fields and environment variables lose or escape line breaks. */
export function tidyPem(text: string): string {
  return text.replace(BLOCK, (_, label: string, body: string) => {
    const lines = body.replace(/\\n|\s+/g, "").match(/.{1,64}/g) ?? [];
    return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ""].join("\n");
  });
}

/** Every certificate of a PEM text, in its order. Throws when one of them cannot be read. */
export function certificatesIn(text: string): X509Certificate[] {
  return (tidyPem(text).match(CERTIFICATE) ?? []).map((block) => new X509Certificate(block));
}
