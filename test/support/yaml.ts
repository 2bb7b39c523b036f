/** YAML, by what mocha reads it with. */
import { createRequire } from "node:module";

const { load } = createRequire(require.resolve("mocha"))("js-yaml") as { load: (text: string) => unknown };

export { load as readYaml };
