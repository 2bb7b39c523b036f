// What the linter watches over: promises that nobody waits for, `any`, imports against the layers of the house, and
// names of the browser in code that runs in Node.js (and the other way round).
import js from "@eslint/js";
import prettier from "eslint-config-prettier/flat";
import globals from "globals";
import { defineConfig, globalIgnores } from "eslint/config";
import tseslint from "typescript-eslint";
import { importLayers } from "./scripts/shared/import-layers.mjs";

const editorFiles = ["**/*.editor.ts", "nodes/shared/editor/**/*.ts", "explorer/sidebar/**/*.ts"];
const runtimeFiles = ["src/**/*.ts", "nodes/**/*.ts", "explorer/**/*.ts"];

export default defineConfig(
  globalIgnores(["dist/", "coverage/", ".runtimes/", ".tmp/"]),
  { linterOptions: { reportUnusedDisableDirectives: "error" } },
  js.configs.recommended,
  { files: ["**/*.mjs", "**/*.cjs"], languageOptions: { globals: globals.node } },
  // The bodies of function nodes, and what runs in Node-RED's editor.
  {
    files: ["demo/functions/*.js"],
    languageOptions: {
      sourceType: "script",
      parserOptions: { ecmaFeatures: { globalReturn: true } },
      globals: { msg: "readonly", context: "readonly", flow: "readonly" },
    },
  },
  {
    files: ["demo/open-explorer.js"],
    languageOptions: { globals: { RED: "readonly", setTimeout: "readonly" } },
  },
  { files: ["docs/fleet/**/*.js"], languageOptions: { globals: globals.node, sourceType: "commonjs" } },
  {
    files: ["**/*.ts"],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: {
      parserOptions: {
        project: ["./tsconfig.json", "./tsconfig.editor.json"],
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/no-explicit-any": "error",
      // Node-RED counts a validator's parameters: some must be there without being used.
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_" }],
      "@typescript-eslint/no-floating-promises": "error",
      "@typescript-eslint/switch-exhaustiveness-check": "error",
      eqeqeq: "error",
    },
  },
  {
    files: runtimeFiles,
    plugins: { house: { rules: { "import-layers": importLayers } } },
    rules: { "house/import-layers": "error" },
  },
  // The types of Node-RED bring the browser's names to the runtime's program and Node's to the editor's.
  {
    files: runtimeFiles,
    ignores: editorFiles,
    rules: { "no-restricted-globals": ["error", "window", "document", "$", "jQuery", "localStorage", "RED"] },
  },
  {
    files: editorFiles,
    rules: {
      "no-restricted-globals": [
        "error",
        "process",
        "Buffer",
        "require",
        "module",
        "__dirname",
        "__filename",
        "global",
      ],
    },
  },
  {
    // A promise that a test's `describe` or `it` returns is mocha's to wait for.
    files: ["test/**/*.ts", "bench/**/*.ts"],
    rules: { "@typescript-eslint/no-unused-expressions": "off" },
  },
  prettier,
);
