/** The command teamviewer-iot-simulator: its one line, its end, its complaints. */
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { needs } from "../support/needs";
import { until } from "../support/waits";

const COMMAND = ["--import", "tsx", "src/simulator/cli.ts"];

interface Ready {
  port: number;
  registrationPort: number;
  ca: string;
}

describe("the command teamviewer-iot-simulator", function () {
  const directory = mkdtempSync(join(tmpdir(), "command-"));
  const anyPorts = ["--directory", directory, "--port", "0", "--registration-port", "0"];
  after(() => rmSync(directory, { recursive: true, force: true }));

  const start = async (...options: string[]) => {
    const child = spawn(process.execPath, [...COMMAND, ...anyPorts, ...options]);
    const lines: string[] = [];
    let greeting = "";
    child.stderr.on("data", (text) => (greeting += String(text)));
    const output = createInterface({ input: child.stdout }).on("line", (line) => lines.push(line));
    await once(output, "line");
    return { child, lines, greeting: () => greeting };
  };

  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    it(`prints one line when it accepts connections, and ends cleanly with ${signal}`, async function () {
      needs(this, "signals");
      const { child, lines } = await start();
      child.kill(signal);
      const [code] = (await once(child, "exit")) as [number];
      assert.equal(code, 0);
      assert.equal(lines.length, 1);
      const ready = JSON.parse((lines[0] ?? "").replace(/^ready /, "")) as Record<string, unknown>;
      assert.deepEqual(Object.keys(ready), ["port", "registrationPort", "ca"]);
      assert.equal(ready.ca, join(directory, "TeamViewerAuthority.crt"));
      assert.ok(existsSync(ready.ca));
    });
  }

  it("greets a person with its ports, its CA and a line that works when it is pasted", async function () {
    needs(this, "mosquitto-clients");
    const { child, lines, greeting } = await start();
    const { port, registrationPort, ca } = JSON.parse((lines[0] ?? "").replace(/^ready /, "")) as Ready;
    for (const text of [`localhost:${port}`, `localhost:${registrationPort}`, ca]) {
      assert.ok(greeting().includes(text), `${text} in ${greeting()}`);
    }
    assert.ok(!greeting().includes("Warning"), "on localhost");
    const [line = ""] = /mosquitto_sub .*/.exec(greeting()) ?? [];
    const pasted = spawn("sh", ["-c", `exec stdbuf -oL ${line} -d`]);
    const [said] = await new Promise<string[]>((resolve, reject) => {
      createInterface({ input: pasted.stdout }).on("line", (text) => {
        if (text.startsWith("Subscribed")) resolve([text]);
      });
      pasted.once("exit", (code) => reject(new Error(`it ended with ${code}`)));
    });
    assert.match(said ?? "", /^Subscribed/);
    pasted.removeAllListeners("exit").kill();
    child.kill();
    await once(child, "exit");
  });

  it("warns when others can reach it", async () => {
    const { child, greeting } = await start("--host", "0.0.0.0");
    assert.match(greeting(), /Warning: The simulator listens on 0\.0\.0\.0, so others than this machine/);
    child.kill();
    await once(child, "exit");
  });

  const wrong: [string, string[], RegExp][] = [
    ["a port", ["--port", "70000"], /^--port is "70000"; allowed is a port from 0 to 65535\.\n$/],
    ["a broker", ["--broker", "other"], /^--broker is "other"; allowed: embedded, mosquitto\.\n$/],
    ["a fault", ["--fault", "lose=2"], /^Fault lose is 2; allowed: a share from 0 to 1.*\n$/],
    ["an option", ["--nothing"], /^Unknown option '--nothing'.*\n$/],
    ["an empty host (fault 78)", ["--host", ""], /^Host is missing\..*\n$/],
    [
      "control characters, which it does not print (fault 76)",
      ["--broker", "x\nforged: a line\u001b[2J"],
      /^--broker is "x forged: a line�\[2J"; allowed: embedded, mosquitto\.\n$/,
    ],
    ["a host", ["--host", "no.such.host.invalid"], /^The simulator could not start: .*\n$/],
  ];
  for (const [what, options, expected] of wrong) {
    it(`complains of ${what} in one sentence, and ends with 1`, () => {
      const { status, stderr, stdout } = spawnSync(process.execPath, [...COMMAND, ...anyPorts, ...options], {
        encoding: "utf8",
      });
      assert.match(stderr, expected);
      assert.equal(stdout, "");
      assert.equal(status, 1);
    });
  }

  it("shows its options and faults", () => {
    const { stdout, status } = spawnSync(process.execPath, [...COMMAND, "--help"], { encoding: "utf8" });
    for (const text of ["--directory", "--broker", "certificateSeconds", "liveDataFirst"]) {
      assert.ok(stdout.includes(text), text);
    }
    assert.equal(status, 0);
  });

  it("takes its Mosquitto with it, also when it is killed", async function () {
    needs(this, "mosquitto");
    const { child } = await start("--broker", "mosquitto");
    const children = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, "utf8");
    const mosquitto = children
      .trim()
      .split(" ")
      .find((pid) => readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("mosquitto.conf"));
    assert.ok(mosquitto !== undefined);
    child.kill("SIGKILL");
    await once(child, "exit");
    await until("Mosquitto ends with the simulator", () => !isRunning(mosquitto));
  });
});

/** A process that has ended and that nobody has waited for is still there, as a zombie. */
function isRunning(pid: string): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}
