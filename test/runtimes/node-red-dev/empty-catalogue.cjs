// Loaded before node-red-dev: answers its request to the catalogue of the Flow Library, which a build machine may not
// reach, with an empty catalogue. Whether anybody else uses our names is then not checked; all the rest is.
const Module = require("node:module");

const CATALOGUE = "https://catalogue.nodered.org/";
const load = Module._load;

Module._load = function (name, ...rest) {
  const loaded = load.call(this, name, ...rest);
  if (name !== "axios") return loaded;
  const get = (url, ...options) =>
    url.startsWith(CATALOGUE) ? Promise.resolve({ data: { modules: [] } }) : loaded.get(url, ...options);
  return Object.assign(Object.create(loaded), { get });
};
