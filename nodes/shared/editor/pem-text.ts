/** PEM text, taken apart. Pure. */

const BLOCK = /-----BEGIN ([A-Z0-9 ]+)-----[\s\S]*?-----END \1-----/g;

/** The certificates and the keys of a text, each as PEM text; "" where there is none. Anything else is left out. */
export function splitPem(text: string): { certificate: string; key: string } {
  const blocks = [...text.matchAll(BLOCK)].map(([block, label = ""]) => ({ block, label }));
  const those = (ending: string): string =>
    blocks
      .filter(({ label }) => label.endsWith(ending))
      .map(({ block }) => `${block}\n`)
      .join("");
  return { certificate: those("CERTIFICATE"), key: those("PRIVATE KEY") };
}
