/** The explorer's plugin in the editor. */
import { Explorer, ID } from "./sidebar/explorer";

RED.plugins.registerPlugin(ID, { type: "teamviewer-iot", onadd: () => new Explorer().add() });
