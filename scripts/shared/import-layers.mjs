// The rule that keeps the house in its shape: which folder may import which, as a table, and the ESLint rule that
// reads it. ARCHITECTURE.md has the same as a picture. Whatever the table does not allow is an error.
import { dirname, posix, relative, resolve, sep } from "node:path";
import { projectRoot } from "./project.mjs";

/**
 * A layer is a folder (or the files that `files` names). It may import itself, the layers and the packages that it
 * names, and, with `node: true`, Node's own modules. The first row that fits a file decides.
 */
export const LAYERS = [
  { name: "files", at: /^src\/files\//, layers: [], packages: [], node: true },
  { name: "time", at: /^src\/time\//, layers: [], packages: [], node: true },
  { name: "collections", at: /^src\/collections\//, layers: [], packages: [], node: false },
  { name: "protocol", at: /^src\/protocol\//, layers: ["locales"], packages: [], node: true },
  { name: "transport", at: /^src\/transport\//, layers: ["protocol"], packages: ["mqtt"], node: true },
  {
    name: "identity",
    at: /^src\/identity\//,
    layers: ["files", "protocol", "transport"],
    packages: ["node-forge"],
    node: true,
  },
  {
    name: "outbox",
    at: /^src\/outbox\//,
    layers: ["files", "time", "collections", "protocol"],
    packages: [],
    node: true,
  },
  { name: "points", at: /^src\/points\//, layers: ["time", "protocol"], packages: [], node: false },
  {
    name: "client",
    at: /^src\/client\//,
    layers: ["time", "collections", "protocol", "transport", "identity"],
    packages: [],
    node: true,
  },
  // The simulator proves the client, so they share the protocol, how files are written and time, no more.
  {
    name: "simulator",
    at: /^src\/simulator\/mosquitto/,
    layers: ["files", "time", "protocol"],
    packages: ["mqtt", "node-forge"],
    node: true,
  },
  {
    name: "simulator",
    at: /^src\/simulator\//,
    layers: ["files", "time", "protocol"],
    packages: ["aedes", "node-forge"],
    node: true,
  },
  // Names that both sides of a node use.
  { name: "texts", at: /^nodes\/shared\/texts/, layers: [], packages: [], node: false },
  // What a node's properties are: both sides of a node and the build read it.
  {
    name: "properties",
    at: /^nodes\/(shared|\w+)\/properties\.ts$/,
    layers: ["texts"],
    packages: [],
    node: false,
  },
  // What runs in a browser has neither Node's modules nor a client.
  {
    name: "editor",
    at: /^(nodes\/shared\/editor\/|explorer\/sidebar\/|(nodes|explorer)\/.*\.editor\.ts$)/,
    layers: ["texts", "properties", "points", "protocol"],
    packages: [],
    node: false,
  },
  {
    name: "nodes",
    at: /^nodes\//,
    layers: [
      "texts",
      "properties",
      "client",
      "simulator",
      "outbox",
      "points",
      "identity",
      "files",
      "time",
      "protocol",
      "collections",
    ],
    packages: ["node-red", "@node-red/registry", "@node-red/runtime", "@node-red/util"],
    node: true,
  },
  {
    name: "explorer",
    at: /^explorer\//,
    layers: ["nodes", "client", "identity", "protocol", "time"],
    packages: ["express"],
    node: true,
  },
  { name: "locales", at: /^locales\//, layers: [], packages: [], node: false },
];

const HOUSE = /^(src|nodes|explorer)\//;

const layerOf = (file) => LAYERS.find(({ at }) => at.test(file));
const packageOf = (specifier) => /^(@[^/]+\/[^/]+|[^/]+)/.exec(specifier)[0];

/** Why this file must not be where it is, or undefined: one in no layer could import anything. */
export function placeProblem(file) {
  return HOUSE.test(file) && layerOf(file) === undefined ? `${file} is in no layer` : undefined;
}

/** Why this file must not import that, or undefined. Both as a path from the project's root with `/`. */
export function importProblem(file, specifier) {
  const layer = layerOf(file);
  if (layer === undefined) return placeProblem(file);
  if (specifier.startsWith(".")) {
    const target = posix.join(dirname(file), specifier);
    const targetLayer = layerOf(`${target}.ts`) ?? layerOf(`${target}/`);
    const allowed = targetLayer?.name === layer.name || layer.layers.includes(targetLayer?.name);
    return allowed ? undefined : `${layer.name} must not import ${targetLayer?.name ?? target}`;
  }
  if (specifier.startsWith("node:")) {
    return layer.node ? undefined : `${layer.name} runs in a browser: no Node modules`;
  }
  const name = packageOf(specifier);
  return layer.packages.includes(name) ? undefined : `${layer.name} must not import the package ${name}`;
}

export const importLayers = {
  meta: { type: "problem", schema: [], messages: { forbidden: "{{ problem }} (see ARCHITECTURE.md)" } },
  create(context) {
    const file = relative(resolve(projectRoot), context.filename).split(sep).join("/");
    const report = (node, problem) => {
      if (problem !== undefined) context.report({ node, messageId: "forbidden", data: { problem } });
    };
    if (placeProblem(file) !== undefined) return { Program: (node) => report(node, placeProblem(file)) };
    const check = (node) => {
      if (node?.type !== "Literal" || typeof node.value !== "string") return;
      report(node, importProblem(file, node.value));
    };
    return {
      ImportDeclaration: ({ source }) => check(source),
      ExportNamedDeclaration: ({ source }) => check(source),
      ExportAllDeclaration: ({ source }) => check(source),
      ImportExpression: ({ source }) => check(source),
      TSImportType: ({ source }) => check(source),
      TSExternalModuleReference: ({ expression }) => check(expression),
    };
  },
};
