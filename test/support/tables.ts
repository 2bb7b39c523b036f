/** What the properties of each node are. */
import { PROPERTIES as agent } from "../../nodes/agent/properties";
import { PROPERTIES as client } from "../../nodes/client/properties";
import { PROPERTIES as livedata } from "../../nodes/livedata/properties";
import { PROPERTIES as metric } from "../../nodes/metric/properties";
import { PROPERTIES as ping } from "../../nodes/ping/properties";
import { PROPERTIES as push } from "../../nodes/push/properties";
import { PROPERTIES as register } from "../../nodes/register/properties";
import { PROPERTIES as sensor } from "../../nodes/sensor/properties";
import type { Table } from "../../nodes/shared/properties";
import { PROPERTIES as simulator } from "../../nodes/simulator/properties";
import { dialogMarkup } from "../../scripts/shared/dialogs.mjs";

export const TABLES: Readonly<Record<string, Table>> = {
  agent,
  register,
  ping,
  client,
  sensor,
  metric,
  push,
  livedata,
  simulator,
};

/** The markup of a node's dialog, as the build makes it. */
export function markupOf(short: string, folder = `nodes/${short}`): string {
  return dialogMarkup(`${folder}/${short}.html`, TABLES[short]);
}
