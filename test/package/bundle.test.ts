/** The offline bundle, where there is nothing else: no network, no cache, and a folder as people name theirs. */
import assert from "node:assert/strict";
import { execFile, spawnSync } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { makeBundle, productionFolders } from "../../scripts/shared/bundle.mjs";
import { projectRoot } from "../../scripts/shared/project.mjs";
import { npm } from "../../scripts/shared/tools.mjs";
import { freePorts } from "../support/ports";
import { everythingFlow } from "./flow";
import { filesOf, PACKAGE, startNodeRed, temporaryFolder } from "./installation";
import { post, pushUntilSeen, until, type NodeRed } from "./requests";

const VALUES = { temperature: 71.5, burning: true };
/** On the system that has it: a network of its own in which there is nothing. */
const WITHOUT_NETWORK = ["unshare", "--map-root-user", "--net"];
const hasOwnNetworks = spawnSync("unshare", [...WITHOUT_NETWORK.slice(1), "true"]).status === 0;

describe("The offline bundle", function () {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let bundle: string;
  let userDirectory: string;
  let nodeRed: NodeRed | undefined;
  before(async () => {
    folder = await temporaryFolder();
    bundle = await makeBundle(join(folder.path, "für Halle 3 (Süd)"));
    userDirectory = join(folder.path, "Größe & Maß");
    await mkdir(userDirectory);
  });
  after(async () => {
    await nodeRed?.stop();
    await folder.remove();
  });

  it("has every dependency in it, and nothing that was built for one platform", async () => {
    const files = await filesOf(bundle);
    const { packages } = JSON.parse(await readFile(join(projectRoot, "package-lock.json"), "utf8")) as {
      packages: Parameters<typeof productionFolders>[0];
    };
    const folders = productionFolders(packages);
    assert.ok(folders.length > 3);
    for (const path of folders) assert.ok(files.includes(`${path}/package.json`), path);
    assert.deepEqual(
      files.filter((file) => file.endsWith(".node")),
      [],
    );
  });

  it("is refused to be made where a dependency depends on the platform", () => {
    for (const special of [{ hasInstallScript: true }, { os: ["linux"] }, { cpu: ["arm64"] }])
      assert.throws(
        () => productionFolders({ "node_modules/fast": special }),
        /fast depends on the platform/,
      );
    assert.deepEqual(productionFolders({ "": {}, "node_modules/tool": { dev: true, os: ["linux"] } }), []);
  });

  it("installs in an empty folder where nothing can be reached", async () => {
    const args = ["install", "--offline", "--cache", join(folder.path, "empty"), bundle];
    const command = [...(hasOwnNetworks ? WITHOUT_NETWORK : []), ...npm, ...args];
    await promisify(execFile)(command[0]!, command.slice(1), { cwd: userDirectory });
    const manifest = await readFile(join(userDirectory, "node_modules", PACKAGE, "package.json"), "utf8");
    assert.equal((JSON.parse(manifest) as { name: string }).name, PACKAGE);
  });

  it("brings a value to an agent from there", async () => {
    const [port = 0, registrationPort = 0] = await freePorts(2);
    const flow = JSON.stringify(everythingFlow(port, registrationPort));
    await writeFile(join(userDirectory, "flows.json"), flow);
    nodeRed = await startNodeRed({ userDirectory });
    const running = nodeRed;
    await until(() => post(running, "register"));
    assert.deepEqual(await pushUntilSeen(running, VALUES), VALUES);
  });
});
