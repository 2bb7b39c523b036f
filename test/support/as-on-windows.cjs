// Loaded into a mocha: what of Windows matters to our files, on any system. There are no users and no modes, a folder
// cannot be opened, and a link is followed, since there is no flag against it.
const fs = require("node:fs");
const Module = require("node:module");
const path = require("node:path");

Object.defineProperty(process, "platform", { value: "win32" });
for (const name of ["getuid", "geteuid", "getgid", "getegid"]) process[name] = undefined;

const constants = { ...fs.constants };
for (const name of ["O_NOFOLLOW", "O_NONBLOCK", "O_DIRECTORY"]) delete constants[name];
const withoutFlags = { ...fs, constants };
const load = Module._load;
Module._load = (request, ...rest) => (request === "node:fs" ? withoutFlags : load(request, ...rest));

const { open, chmod } = fs.promises;
const fail = (code, file) => Object.assign(new Error(`${code}: ${file}, as on Windows`), { code });
/** What Windows tells of any file that may be written. */
const ANY_MODE = 0o666;

fs.promises.open = async (file, flags, mode) => {
  if (fs.existsSync(file) && fs.statSync(file).isDirectory()) throw fail("EISDIR", file);
  for (const character of '<>:"|?*') {
    if (path.basename(String(file)).includes(character)) throw fail("EINVAL", file);
  }
  const handle = await open(file, flags, mode);
  const stat = handle.stat.bind(handle);
  handle.stat = async (...args) => withAnyMode(await stat(...args));
  handle.chmod = async () => undefined;
  return handle;
};
fs.promises.chmod = async (file, mode) => chmod(file, mode | ANY_MODE);

function withAnyMode(stats) {
  stats.mode =
    typeof stats.mode === "bigint" ? (stats.mode & ~0o777n) | 0o666n : (stats.mode & ~0o777) | ANY_MODE;
  return stats;
}
