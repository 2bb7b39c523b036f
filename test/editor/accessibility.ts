/** What axe-core finds wrong with a part of a page, for whoever cannot see it or sees it badly. */
import type { Page } from "playwright-core";

interface AxeResult {
  violations: { id: string; nodes: { html: string; failureSummary?: string }[] }[];
}
interface AxeApi {
  run(context: object, options: object): Promise<AxeResult>;
}
declare const axe: AxeApi;

const SOURCE = require.resolve("axe-core/axe.min.js");
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
/** What is about whole pages, which are Node-RED's. */
const NOT_OURS = ["region", "heading-order", "page-has-heading-one", "landmark-one-main"];

/**
 * Each violation in a line; empty where all is well.
 * @param part selectors of what is looked at
 * @param excluded selectors of what within it is Node-RED's own
 * @param only names of rules, where not all are asked for
 */
export async function violations(
  page: Page,
  part: string[],
  { excluded = [], only }: { excluded?: string[]; only?: string[] } = {},
): Promise<string[]> {
  if (!(await page.evaluate(() => "axe" in window))) await page.addScriptTag({ path: SOURCE });
  return page.evaluate(
    async ([part, excluded, rules, off, only]) => {
      const { violations } = await axe.run(
        { include: part.map((selector) => [selector]), exclude: excluded.map((selector) => [selector]) },
        {
          runOnly: only === undefined ? { type: "tag", values: rules } : { type: "rule", values: only },
          ...(only === undefined
            ? { rules: Object.fromEntries(off.map((rule) => [rule, { enabled: false }])) }
            : {}),
          resultTypes: ["violations"],
        },
      );
      return violations.flatMap(({ id, nodes }) =>
        nodes.map(
          ({ html, failureSummary = "" }) => `${id}: ${html} ${failureSummary.replaceAll(/\s+/g, " ")}`,
        ),
      );
    },
    [part, excluded, RULES, NOT_OURS, only] as const,
  );
}
