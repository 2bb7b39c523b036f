/** What the manuals say in tables and numbers is what the code has: properties and defaults, errors, faults, commands. */
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { dependencies, scripts, "node-red" as nodeRed } from "../../package.json";
import sentences from "../../locales/en-US/errors.json";
import agentTexts from "../../locales/en-US/agent.json";
import { ADVICE } from "../../scripts/shared/error-advice.mjs";
import { errorsPage } from "../../scripts/shared/errors-page.mjs";
import { projectRoot } from "../../scripts/shared/project.mjs";
import { DEFAULTS, readConfiguration } from "../../nodes/agent/settings";
import { EXPRESSION_MS } from "../../nodes/shared/timed-expression";
import { Correlator } from "../../src/client/requests/correlator";
import { EMPTY_LEDGER } from "../../src/outbox/ledger";
import { MAX_ANSWER_BYTES, MAX_LIST_BYTES, MAX_PAYLOAD_BYTES } from "../../src/protocol/limits";
import { systemClock } from "../../src/time/clock";
import { Health } from "../../nodes/agent/health";
import { agentError, AGENT_ERRORS, CLIENT_ERRORS } from "../../src/protocol/errors";
import { FAULTS } from "../../src/simulator/faults";
import { versionOf } from "../../nodes/shared/properties";
import { TABLES } from "../support/tables";

const read = (path: string): string => readFileSync(join(projectRoot, path), "utf8");
const NODES = Object.keys(nodeRed.nodes).map((type) => type.replace("teamviewer-iot-", ""));
const MANUALS = ["", "docs", "docs/recipes", "docs/decisions"].flatMap((folder) =>
  readdirSync(join(projectRoot, folder))
    .filter((file) => file.endsWith(".md"))
    .map((file) => join(folder, file)),
);

/** The part of a text below this heading. */
function section(text: string, heading: string): string {
  const [, below = ""] = text.split(new RegExp(`^## ${heading}.*$`, "m"));
  return below.split(/^## /m)[0]!;
}

/** The cells of the table below this first cell of its head. */
function table(text: string, head: string): string[][] {
  const lines = text.split("\n");
  const start = lines.findIndex((line) => line.startsWith(`| ${head} `));
  assert.ok(start >= 0, `there is a table of "${head}"`);
  const end = lines.findIndex((line, index) => index > start && !line.startsWith("|"));
  return lines.slice(start + 2, end < 0 ? undefined : end).map((line) => line.split("|").slice(1, -1));
}

/** What stands in backquotes. */
const quoted = (cell = ""): string[] => [...cell.matchAll(/`([^`]+)`/g)].map(([, text]) => text!);

/** The properties of a node's table, with their defaults; several names of a row have one default each, or share one. */
function documentedDefaults(node: string): Record<string, unknown> {
  const rows = table(section(read("docs/nodes.md"), node), "property");
  return Object.fromEntries(
    rows.flatMap(([names, defaults]) => {
      const values = quoted(defaults).map((text) => JSON.parse(text) as unknown);
      return quoted(names).map((name, index) => [name, values[index] ?? values[0]]);
    }),
  );
}

/** The defaults that the dialog of a node declares: those of the runtime, as tests of the editor see to. */
async function declaredDefaults(): Promise<Record<string, Record<string, { value: unknown }>>> {
  const declared: Record<string, Record<string, { value: unknown }>> = {};
  const world = globalThis as { RED?: unknown };
  world.RED = {
    nodes: {
      registerType: (type: string, { defaults }: { defaults: Record<string, { value: unknown }> }) => {
        declared[type.replace("teamviewer-iot-", "")] = defaults;
      },
    },
    events: { on: () => undefined },
  };
  try {
    for (const node of NODES) await import(join(projectRoot, "nodes", node, `${node}.editor.ts`));
  } finally {
    delete world.RED;
  }
  return declared;
}

describe("docs/nodes.md", () => {
  const text = read("docs/nodes.md");
  const names = new Set<string>([...Object.values(AGENT_ERRORS), ...Object.keys(CLIENT_ERRORS)]);

  it("has every property of every node, with its default", async () => {
    const declared = await declaredDefaults();
    assert.deepEqual(Object.keys(declared).sort(), [...NODES].sort());
    for (const [node, defaults] of Object.entries(declared)) {
      const own = Object.entries(defaults).filter(([name]) => !["version", "name", "agent"].includes(name));
      const expected = Object.fromEntries(own.map(([name, { value }]) => [name, value]));
      assert.deepEqual(documentedDefaults(node), expected, node);
    }
  });

  it("says the limits of every number of the agent node", () => {
    const place = { userDir: "/", nodeId: "1", noLocalFiles: false };
    const isTaken = (name: string, value: number) => {
      try {
        return Boolean(readConfiguration({ ...DEFAULTS, [name]: String(value) }, {}, place));
      } catch {
        return false;
      }
    };
    const limits = table(section(text, "agent"), "property").flatMap(([names, , words]) => {
      const [, least, most] = /\b([\d.]+) to (\d+)/.exec(words!) ?? [];
      return most === undefined
        ? []
        : [{ name: quoted(names)[0]!, least: Number(least), most: Number(most) }];
    });
    for (const { name, least, most } of limits) {
      const taken = [least / 2, least, most, most + 1].map((value) => isTaken(name, value));
      assert.deepEqual(taken, [false, true, true, false], name);
    }
    const [requestTimeout, keepalive, ...sizes] = limits.map(({ name }) => name);
    assert.deepEqual([requestTimeout, keepalive], ["requestTimeout", "keepalive"]);
    assert.deepEqual(sizes, ["queueCount", "queueBytes", "outboxCount", "outboxBytes", "healthInterval"]);
  });

  it("says the limits of messages", () => {
    const mebibytes = (bytes: number) => `${bytes / 1024 / 1024} MiB`;
    for (const limit of [
      `${MAX_PAYLOAD_BYTES.toLocaleString("en-US")} bytes`,
      mebibytes(MAX_ANSWER_BYTES),
      mebibytes(MAX_LIST_BYTES),
      String(Number.MAX_SAFE_INTEGER),
      `${EXPRESSION_MS / 1000} s`,
    ])
      assert.ok(text.includes(limit), limit);
  });

  it("names every count that an action answers", () => {
    const { counters } = new Correlator(
      { inFlight: 1, requestTimeout: 1, queue: { count: 1, bytes: 1, age: 0, whenFull: "reject" } },
      systemClock,
    );
    const [, listed = ""] = /counters: \{ ([^}]+) \}/.exec(text) ?? [];
    assert.deepEqual(listed.split(", "), Object.keys(counters));
    const [, ofStore = ""] = /while there is a store: \{ ([^}]+) \}/.exec(text) ?? [];
    assert.deepEqual(ofStore.split(", "), [...Object.keys(EMPTY_LEDGER), "pending", "bytes", "replayed"]);
    const [, ofHealth = ""] = /since Node-RED began: \{ ([^}]+) \}/.exec(text) ?? [];
    const always = Object.keys(new Health().view(systemClock));
    assert.deepEqual(ofHealth.split(", ").slice(0, always.length), always);
    const [, ofReplay = ""] = /since an outage: \{ ([^}]+) \}/.exec(text) ?? [];
    assert.deepEqual(ofReplay.split(", "), ["waiting", "rate", "oldestAge", "endsAt"]);
  });

  it("names every choice of every node's lists", () => {
    for (const [node, properties] of Object.entries(TABLES)) {
      const rows = table(section(text, node), "property");
      for (const [name, row] of Object.entries(properties)) {
        if (row.kind !== "choice") continue;
        const [, , choices] = rows.find(([names]) => quoted(names).includes(name)) ?? [];
        const missing = row.choices.filter((choice) => !quoted(choices).includes(choice));
        assert.deepEqual(missing, [], `${node}: ${name}`);
      }
    }
  });

  it("says which version nodes are at", () => {
    const versions = new Set(Object.values(TABLES).map(versionOf));
    const [told = ""] = /`version` \(number, now [^)]+\)/.exec(text) ?? [];
    assert.deepEqual(quoted(told).slice(1).sort(), [...versions].map(String).sort());
  });

  it("names no error that there is not", () => {
    const others = new Set(["BigInt", "UnknownError"]);
    const words = quoted(text.replace(/```.*?```/gs, "")).filter((word) => /^([A-Z][a-z]+){2,}$/.test(word));
    assert.deepEqual(
      words.filter((word) => !names.has(word) && !others.has(word)),
      [],
    );
  });

  it("names every fault of the simulator", () => {
    const [line = ""] = section(text, "simulator").match(/switches faults on and off:.*/) ?? [];
    const listed = quoted(line).filter((word) => word in FAULTS);
    assert.deepEqual(listed.sort(), Object.keys(FAULTS).sort());
  });
});

describe("docs/errors.md", () => {
  it("says of each error of the agent why it comes and what to do, which the API document leaves open", () => {
    assert.deepEqual(Object.keys(ADVICE), Object.values(AGENT_ERRORS));
  });

  it("has every error with its sentences, as `node scripts/errors-page.mjs` writes them", async () => {
    const isPassing = (code: number) => agentError(code, "").retryable;
    assert.equal(read("docs/errors.md"), await errorsPage(sentences, AGENT_ERRORS, CLIENT_ERRORS, isPassing));
  });
});

describe("docs/simulator.md", () => {
  const text = read("docs/simulator.md");

  it("has every fault", () => {
    const listed = table(text, "fault").flatMap(([names]) => quoted(names));
    assert.deepEqual(listed.sort(), Object.keys(FAULTS).sort());
  });

  it("has every option of the command, with its default", () => {
    const usage = read("src/simulator/cli.ts").matchAll(/^ {2}--([a-z-]+) +([A-Z]+(?:=[A-Z]+)?) .*/gm);
    const options = new Map(
      [...usage].map(([line, name, value]) => [
        `--${name} ${value}`,
        /\(default: (.*)\)/.exec(line)?.[1] ?? "",
      ]),
    );
    const rows = table(text, "option");
    const listed = new Map(rows.map(([option, value]) => [quoted(option)[0], quoted(value)[0] ?? ""]));
    assert.deepEqual(listed, options);
  });
});

describe("README.md", () => {
  const text = read("README.md");

  it("has every node", () => {
    const listed = table(text, "node").map(([name]) => /\*\*(\w+)\*\*/.exec(name!)?.[1]);
    assert.deepEqual(listed.sort(), [...NODES].sort());
  });

  it("tells what to do about badges that there are", () => {
    const { status } = agentTexts;
    const known = [
      ...Object.values(sentences.short),
      status.notRegistered,
      status.unasked.replace("__count__", "3"),
    ];
    const told = table(text, "badge").flatMap(([badges]) => quoted(badges));
    assert.ok(told.length > 0);
    assert.deepEqual(
      told.filter((badge) => !known.includes(badge)),
      [],
    );
  });

  it("tells what to do about sentences that there are", () => {
    const known = JSON.stringify(sentences);
    const told = table(text, "badge").flatMap(([, cell = ""]) => [...cell.matchAll(/“([^”]+)”/g)]);
    assert.ok(told.length > 15);
    assert.deepEqual(
      told.map(([, words]) => words!).filter((words) => !known.includes(words)),
      [],
    );
  });

  it("says how many faults the catalogue has", () => {
    const catalogue = read("test/faults/catalogue.test.ts");
    const count = [...catalogue.matchAll(/^ {2}\d+: "/gm)].length;
    assert.ok(text.includes(` ${count} faults`), String(count));
  });
});

describe("ARCHITECTURE.md", () => {
  const text = read("ARCHITECTURE.md");

  it("gives a reason for every dependency, and for none that there is not", () => {
    const listed = table(section(text, "Dependencies"), "package").map(([name]) => quoted(name)[0]);
    assert.deepEqual(listed.sort(), Object.keys(dependencies).sort());
  });

  it("lists the decisions that docs/decisions/ has records of", () => {
    const listed = [...text.matchAll(/\]\(docs\/decisions\/([\w-]+\.md)\)/g)].map(([, file]) => file!);
    const records = readdirSync(join(projectRoot, "docs/decisions")).filter(
      (file) => file !== "README.md" && file !== "measurements.md",
    );
    assert.deepEqual(listed.sort(), records.sort());
    for (const record of records) {
      const parts = [...read(join("docs/decisions", record)).matchAll(/^\*\*(\w+)\.\*\*/gm)];
      assert.deepEqual(
        parts.map(([, part]) => part),
        ["Context", "Decision", "Measured", "Consequence"],
        record,
      );
    }
  });

  it("leads to a measurement wherever a comment or a record names one", () => {
    const known = new Set(
      table(read("docs/decisions/measurements.md"), "number").map(([number]) => number!.trim()),
    );
    const sources = ["src", "nodes"].flatMap((folder) =>
      readdirSync(join(projectRoot, folder), { recursive: true, encoding: "utf8" })
        .filter((file) => file.endsWith(".ts"))
        .map((file) => join(folder, file)),
    );
    const named = [...sources, ...MANUALS].flatMap((file) =>
      [...read(file).matchAll(/\bM\d{1,2}\b/g)].map(([number]) => number),
    );
    assert.deepEqual(
      named.filter((number) => !known.has(number)),
      [],
    );
    assert.ok(named.length > known.size);
  });
});

describe("SECURITY.md", () => {
  it("says how many dependencies there are", () => {
    const words = ["None", "One", "Two", "Three", "Four", "Five", "Six"];
    assert.ok(read("SECURITY.md").includes(`${words[Object.keys(dependencies).length]} direct dependencies`));
  });
});

describe("The comments", () => {
  it("name files that there are", () => {
    const files = ["src", "nodes", "explorer", "scripts", "test", "docs"].flatMap((folder) =>
      readdirSync(join(projectRoot, folder), { recursive: true, encoding: "utf8" }).map((file) =>
        join(folder, file),
      ),
    );
    const names = new Set(files.map((file) => basename(file)));
    const sources = files.filter((file) => /^(src|nodes|explorer)\/.*\.ts$/.test(file));
    const missing = sources.flatMap((file) =>
      [...read(file).matchAll(/`([\w./-]+\.(?:ts|mjs|md))`/g)]
        .filter(([, named]) => !names.has(basename(named!)))
        .map(([, named]) => `${file}: ${named}`),
    );
    assert.deepEqual(missing, []);
  });
});

describe("The manuals", () => {
  for (const manual of MANUALS) {
    it(`${manual} links to files that there are`, () => {
      const links = [...read(manual).matchAll(/\]\((?!https?:|#)([^)#]+)(?:#[^)]*)?\)/g)].map(
        ([, link]) => link!,
      );
      assert.deepEqual(
        links.filter((link) => !existsSync(join(projectRoot, dirname(manual), link))),
        [],
      );
    });

    it(`${manual} says of each picture what is to be seen, and has none that is slow to load`, () => {
      for (const [, words = "", file = ""] of read(manual).matchAll(/!\[([^\]]*)\]\((?!https?:)([^)]+)\)/g)) {
        assert.ok(words.length > 30, `${file}: "${words}"`);
        assert.ok(statSync(join(projectRoot, dirname(manual), file)).size < 1_000_000, file);
      }
    });

    it(`${manual} names npm scripts that there are`, () => {
      const named = [...read(manual).matchAll(/\bnpm run ([\w:-]+)/g)].map(([, script]) => script!);
      assert.deepEqual(
        named.filter((script) => !(script in scripts)),
        [],
      );
    });

    it(`${manual} names files of this project that there are`, () => {
      const named = quoted(read(manual)).filter((path) =>
        /^(src|nodes|explorer|scripts|test|bench|docs|locales)\/[\w./-]+\.\w+$/.test(path),
      );
      assert.deepEqual(
        named.filter((path) => !existsSync(join(projectRoot, path))),
        [],
      );
    });
  }
});
