/** The texts of a language, as the tests of all languages compare them. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "../../scripts/shared/project.mjs";

/** All texts of a file, by their keys: "status.waiting". */
export function catalogue(language: string, name: string): Map<string, string> {
  return flatten(
    JSON.parse(readFileSync(join(projectRoot, "locales", language, `${name}.json`), "utf8")) as object,
  );
}

function flatten(texts: object, prefix = ""): Map<string, string> {
  return new Map(
    Object.entries(texts).flatMap(([key, value]: [string, unknown]) =>
      typeof value === "object" && value !== null
        ? [...flatten(value, `${prefix}${key}.`)]
        : [[prefix + key, value as string]],
    ),
  );
}

/** What stands in a text and is the same in every language, each once: blanks, properties of messages, variables, ports. */
export function fixedParts(text: string): string[] {
  const found = text.match(
    /__\w+?__|\$\{\w+\}|\bmsg\.\w+(?:\.\w+)*|\b188\d\d\b|\w+\.crt\b|\bch(?:mod|own)\b[^);.）]*|-----[A-Z ]+-----/g,
  );
  return [...new Set(found)].sort();
}

/**
 * Words that a language has in common with English in these texts. A text that is the same as in English and has other
 * words has been forgotten.
 */
const ALIKE: Readonly<Record<string, readonly string[]>> = {
  de: words(
    "Agent Name Sensor Client Host Port Ports Broker Text Details Flow Deploy Ping Simulator Bit Passphrase",
  ),
  es: words("sensor error simulator Host Broker Bit normal ping Factor bytes"),
  fr: words(
    "agent port client messages latitude longitude force angle ping source annotation bit broker type",
  ),
  ja: words("ping"),
  "zh-CN": words("Broker ping"),
};
/** Names and what is typed as it is. */
const EVERYWHERE = new Set(
  words(
    "TeamViewer IoT PEM API MQTT TLS CSV JSON ISO msg topic temp bool bar all change latest mean min max last ms SI Mass GRAM rad payload matchingId metricId name created code",
  ),
);

function words(text: string): string[] {
  return text.match(/\p{L}{2,}/gu) ?? [];
}

/** Whether a text, the same as in English, says something that the language says otherwise. */
export function isForgotten(language: string, text: string): boolean {
  const alike = new Set(ALIKE[language]?.map((word) => word.toLowerCase()));
  return words(text.replace(/__\w+?__|<code>.*?<\/code>|[\w-]+\/[\w./-]+/gs, "")).some(
    (word) => !EVERYWHERE.has(word) && !alike.has(word.toLowerCase()),
  );
}
