// Where the project is, for scripts that may be started from anywhere.
import { fileURLToPath } from "node:url";

export const projectRoot = fileURLToPath(new URL("../..", import.meta.url));
