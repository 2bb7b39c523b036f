/** That the tarball of `npm pack` is the product: what is in it, and that it works where somebody installs it. */
import assert from "node:assert/strict";
import { readFile, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ENGLISH, SERVED, TRANSLATIONS } from "../../scripts/shared/languages.mjs";
import { projectRoot } from "../../scripts/shared/project.mjs";
import { readyLine, startProgram } from "../../scripts/shared/program.mjs";
import { freePorts } from "../support/ports";
import { everythingFlow } from "./flow";
import {
  filesOf,
  installInto,
  packInto,
  PACKAGE,
  RUNTIMES,
  startNodeRed,
  temporaryFolder,
} from "./installation";
import { getJson, post, pushUntilSeen, until, type NodeRed } from "./requests";

type Folder = Awaited<ReturnType<typeof temporaryFolder>>;
interface NodeSet {
  module: string;
  types: string[];
  enabled: boolean;
  err?: string;
}

const NODES = ["agent", "register", "ping", "client", "sensor", "metric", "push", "livedata", "simulator"];
const TYPES = NODES.map((name) => `teamviewer-iot-${name}`);

const FOLDERS = SERVED.map(({ name }) => name).join("|");
/** What browsers and machines are set to where people read these languages. */
const REGIONS: Readonly<Record<string, readonly string[]>> = {
  de: ["de-AT", "de-CH"],
  es: ["es-ES", "es-MX", "es-419"],
  fr: ["fr-FR", "fr-CA"],
  ja: ["ja-JP"],
  "zh-CN": ["zh", "zh-Hans", "zh-SG"],
};

/** What may be in the tarball: every file matches one of these. */
const ALLOWED = [
  /^(package\.json|README\.md|SECURITY\.md|LICENSE)$/,
  /^examples\/[\w -]+\.json$/,
  /^dist\/src\/(\w[\w-]*\/)+[\w-]+\.js$/,
  /^dist\/locales\/en-US\/errors\.json$/,
  /^dist\/nodes\/[\w-]+\/[\w-]+\.js$/,
  new RegExp(`^dist/nodes/(${NODES.join("|")})/(${NODES.join("|")})\\.html$`),
  new RegExp(`^dist/nodes/(${NODES.join("|")})/locales/(${FOLDERS})/(${NODES.join("|")})\\.(json|html)$`),
  /^dist\/explorer\/(explorer\.html|(endpoints\/)?[\w-]+\.js)$/,
  new RegExp(`^dist/explorer/locales/(${FOLDERS})/explorer\\.json$`),
  /^dist\/nodes\/agent\/icons\/[\w-]+\.svg$/,
];
const VALUES = { temperature: 71.5, burning: true };
/** Each language weighs about 40 kB. */
const MOST_BYTES = 750_000;

describe("the package", function () {
  this.timeout(600_000); // npm has to fetch and install.

  let folder: Folder;
  let tarball: string;
  before(async () => {
    folder = await temporaryFolder();
    tarball = await packInto(folder.path);
  });
  after(() => folder.remove());

  it("holds what is needed and nothing else", async () => {
    const files = await filesOf(tarball);
    assert.deepEqual(
      files.filter((file) => !ALLOWED.some((pattern) => pattern.test(file))),
      [],
    );
    for (const name of NODES) assert.ok(files.includes(`dist/nodes/${name}/${name}.html`), name);
    assert.ok(files.includes("SECURITY.md"));
    assert.ok((await readFile(tarball)).byteLength < MOST_BYTES);
  });

  for (const { name, command } of RUNTIMES) {
    describe(`under ${name}`, () => {
      let home: Folder;
      let nodeRed: NodeRed;
      before(async () => {
        home = await temporaryFolder();
        const userDirectory = await installInto(home.path, tarball);
        const [port = 0, registrationPort = 0] = await freePorts(2);
        await writeFile(
          join(userDirectory, "flows.json"),
          JSON.stringify(everythingFlow(port, registrationPort)),
        );
        nodeRed = await startNodeRed({ userDirectory, command: await command() });
      });
      after(async () => {
        await nodeRed.stop();
        await home.remove();
      });

      it("loads every node without an error", async () => {
        const sets = (await getJson(nodeRed, "nodes")) as NodeSet[];
        const ours = sets.filter(({ module }) => module === PACKAGE);
        assert.deepEqual(ours.flatMap(({ types }) => types).sort(), [...TYPES].sort());
        for (const { enabled, err } of ours)
          assert.deepEqual({ enabled, err }, { enabled: true, err: undefined });
      });

      it("registers, pings, pushes, and receives what was pushed", async () => {
        const identity = (await until(() => post(nodeRed, "register"))) as { clientId: string };
        assert.match(identity.clientId, /^[0-9a-f]{32}$/);
        const ping = await until(() => post(nodeRed, "ping", { request: "there?" }));
        assert.equal(ping, "there?");
        // Live data tells of what is pushed from the moment that one listens, so push until it has arrived.
        const live = await pushUntilSeen(nodeRed, VALUES);
        assert.deepEqual(live, VALUES);
        assert.doesNotMatch(nodeRed.output(), /\[error\]/);
      });

      it("refuses a value that is none on the error output, with its name", async () => {
        const { ok, body } = await post(nodeRed, "push", { temperature: { degrees: 21 } });
        assert.equal(ok, false);
        assert.equal((body as { name: string }).name, "InvalidInput");
      });

      for (const language of TRANSLATIONS) {
        const regions = REGIONS[language] ?? [];
        it(`speaks ${language}, also to who asks for ${regions.join(", ")}`, async () => {
          for (const type of TYPES) {
            const messages = (name: string) =>
              getJson(nodeRed, `nodes/${PACKAGE}/${type}/messages?lng=${name}`);
            const [english, said] = [await messages(ENGLISH), await messages(language)];
            assert.notDeepEqual(english, {}, type);
            assert.notDeepEqual(said, english, type);
            for (const region of regions) assert.deepEqual(await messages(region), said, `${type} ${region}`);
          }
        });

        it(`helps in ${language}, also who asks for ${regions.join(", ")}`, async () => {
          for (const type of TYPES) {
            const help = await dialogOf(nodeRed, type, language);
            assert.match(help, new RegExp(`data-help-name="${type}"`));
            assert.notEqual(help, await dialogOf(nodeRed, type, ENGLISH), type);
            for (const region of regions)
              assert.equal(await dialogOf(nodeRed, type, region), help, `${type} ${region}`);
          }
        });
      }

      it("shows the icon of each node", async () => {
        for (const type of TYPES) {
          const icon = /icon: "([\w-]+\.svg)"/.exec(await dialogOf(nodeRed, type, "en-US"))?.[1];
          if (icon === undefined) continue; // A configuration node has none.
          const response = await fetch(`${nodeRed.ready}icons/${PACKAGE}/${icon}`);
          assert.match(await response.text(), /<svg/, icon);
        }
      });

      it("offers its examples in the import dialog", async () => {
        const offered = (await getJson(nodeRed, `library/examples/flows/${PACKAGE}`)) as { fn: string }[];
        assert.deepEqual(offered.map(({ fn }) => fn).sort(), (await examples()).sort());
      });
    });
  }

  it("has a simulator to run from the command line, also on a Node.js whose `require` loads no ES modules", async () => {
    const home = await temporaryFolder();
    try {
      const userDirectory = await installInto(home.path, tarball);
      const simulator = await startProgram(
        [
          process.execPath,
          "--no-experimental-require-module",
          join(userDirectory, "node_modules/.bin/teamviewer-iot-simulator"),
          ...["--directory", join(home.path, "agent"), "--port", "0", "--registration-port", "0"],
        ],
        { readyIn: readyLine },
      );
      const { ca } = simulator.ready as { ca: string };
      await simulator.stop();
      assert.match(await readFile(ca, "utf8"), /BEGIN CERTIFICATE/);
    } finally {
      await home.remove();
    }
  });
});

async function examples(): Promise<string[]> {
  const files = await readdir(join(projectRoot, "examples"));
  return files.map((file) => file.replace(/\.json$/, ""));
}

async function dialogOf(nodeRed: NodeRed, type: string, language: string): Promise<string> {
  const headers = { accept: "text/html", "accept-language": language };
  return (await fetch(`${nodeRed.ready}nodes/${PACKAGE}/${type}`, { headers })).text();
}
