// Which Node-RED runs on which Node.js: the pairs that CI tries, as the table of the README.

const HEAD = "|              |";

/**
 * The pairs of the job in ci.yml: every Node.js with every Node-RED, less what is left out.
 * @param {string} workflow the text of ci.yml
 * @returns {{ nodes: string[], nodeReds: string[], isTried: (nodeRed: string, node: string) => boolean }}
 */
export function pairsOf(workflow) {
  const job = /^ {2}pairs:\n[\s\S]*?^ {4}runs-on/m.exec(workflow)?.[0] ?? "";
  const list = (name) =>
    (new RegExp(`^ {8}${name}: \\[(.*)\\]$`, "m").exec(job)?.[1] ?? "").match(/[\d.]+/g) ?? [];
  const left = [...job.matchAll(/- node: (\d+)\n\s+node-red: "([\d.]+)"/g)];
  return {
    nodes: list("node"),
    nodeReds: list("node-red"),
    isTried: (nodeRed, node) =>
      !left.some(([, ofNode, ofNodeRed]) => ofNode === node && ofNodeRed === nodeRed),
  };
}

/**
 * @param {string} workflow
 * @returns {string} a table in Markdown: a row a Node-RED, a column a Node.js
 */
export function compatibilityTable(workflow) {
  const { nodes, nodeReds, isTried } = pairsOf(workflow);
  const cells = (nodeRed) => nodes.map((node) => (isTried(nodeRed, node) ? "yes" : "").padEnd(10));
  return [
    [HEAD, ...nodes.map((node) => ` Node.js ${node} |`)].join(""),
    `| ------------ |${" ---------- |".repeat(nodes.length)}`,
    ...nodeReds.map((nodeRed) => `| ${`Node-RED ${nodeRed}`.padEnd(12)} | ${cells(nodeRed).join(" | ")} |`),
  ].join("\n");
}

/**
 * The README with the table of today in the place of the one that it has.
 * @param {string} readme
 * @param {string} workflow
 */
export function withCompatibility(readme, workflow) {
  return readme.replace(/^\| {14}\| Node\.js[\s\S]*?(?=\n\n)/m, compatibilityTable(workflow));
}
