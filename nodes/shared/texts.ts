/** Where the texts stand that several nodes share: each node has a catalogue of its own, and theirs is the agent's. */
export const SHARED = "@tviot/node-red-teamviewer-iot/teamviewer-iot-agent:";

/** The site that `site.yml` publishes. */
const ERRORS = "https://tviot.github.io/node-red-teamviewer-iot/errors";
/** What has no page: a number that the API document does not know, and what is none of our errors. */
const WITHOUT_PAGE: ReadonlySet<string> = new Set(["UnknownError", "Error"]);

/** The address of the page about an error: what happened, why, what to do. */
export function errorPage(name: string): string | undefined {
  return WITHOUT_PAGE.has(name) ? undefined : `${ERRORS}/${name}.html`;
}
