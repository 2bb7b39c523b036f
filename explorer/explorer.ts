/** The plugin of this package: the endpoints behind the editor, and with its markup the explorer in the sidebar. */
import type { NodeAPI } from "../nodes/shared/node-red";
import { serveEndpoints } from "./endpoints/serve";
import { ENDPOINTS } from "./endpoints/table";

export default function (RED: NodeAPI): void {
  serveEndpoints(RED, ENDPOINTS);
}
