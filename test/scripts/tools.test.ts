import assert from "node:assert/strict";
import { npmCommand } from "../../scripts/shared/tools.mjs";

describe("The npm that a script runs", () => {
  const execPath = "C:\\Program Files\\nodejs\\node.exe";

  it("is the one that runs it", () => {
    const env = { npm_execpath: "D:\\npm\\bin\\npm-cli.js" };
    const expected = [execPath, "D:\\npm\\bin\\npm-cli.js"];
    assert.deepEqual(npmCommand({ env, platform: "win32", execPath }), expected);
  });

  it("is the one in the path, or on Windows, which starts no script of a shell, that of the Node.js", () => {
    assert.deepEqual(npmCommand({ env: {}, platform: "linux", execPath: "/usr/bin/node" }), ["npm"]);
    assert.deepEqual(npmCommand({ env: {}, platform: "win32", execPath }), [
      execPath,
      "C:\\Program Files\\nodejs\\node_modules\\npm\\bin\\npm-cli.js",
    ]);
  });
});
