// docs/errors.md: every error with its sentences, from the tables and texts that the nodes use.
import { format, resolveConfig } from "prettier";
import { ADVICE } from "./error-advice.mjs";

const HEAD = `# Errors

The names that \`msg.error.name\` can have. The sentences are those that a person reads, with what is put in later
_in this way_. _again_: the same request can succeed later without anybody changing anything (\`msg.error.retryable\`).
[nodes.md](nodes.md#what-all-palette-nodes-have-in-common) has the other properties of an error.

This page is made by \`node scripts/errors-page.mjs\`.
`;

/**
 * @param {object} sentences of locales/en-US/errors.json
 * @param {Record<string, string>} agentErrors names by code
 * @param {Record<string, { retryable: boolean }>} clientErrors kinds by name
 * @param {(code: number) => boolean} isPassing whether an error of the agent can pass
 * @returns {Promise<string>} the page, as Prettier leaves it
 */
export async function errorsPage(sentences, agentErrors, clientErrors, isPassing) {
  const agentRows = Object.entries(agentErrors).map(
    ([code, name]) =>
      `| ${code} | \`${name}\` | ${isPassing(Number(code)) ? "again" : ""} | ${cell(sentences[name])} | ${ADVICE[name]} |`,
  );
  const clientRows = Object.entries(clientErrors).map(
    ([name, { retryable }]) => `| \`${name}\` | ${retryable ? "again" : ""} | ${cell(sentences[name])} |`,
  );
  const page = [
    HEAD,
    "## From the agent\n",
    'As in the API document, section "Error Codes". What the agent itself says of the case is in `msg.error.message`.\n',
    "| code | name | | what the document says | why, and what to do |\n| --- | --- | --- | --- | --- |",
    ...agentRows,
    "\n## From the nodes\n",
    "| name | | what it says |\n| --- | --- | --- |",
    ...clientRows,
    "",
  ].join("\n");
  return format(page, { ...(await resolveConfig(import.meta.filename)), parser: "markdown" });
}

/** One sentence, or those of all reasons. */
function cell(sentence) {
  const all = typeof sentence === "string" ? [sentence] : Object.values(sentence ?? {});
  return all.map(readable).join("<br>");
}

/**
 * A sentence as Markdown, with what is put in later in italics.
 * @param {string} text
 */
export function readable(text) {
  return text
    .replace(/__(\w+?)__/g, "‹$1›")
    .replace(/[*|<>\\]/g, String.raw`\$&`)
    .replace(/‹(\w+)›/g, "_$1_");
}
