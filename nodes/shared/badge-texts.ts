/** The words of badges, in the language of the runtime. */
import type { BadgeTexts } from "./connection-status";
import type { NodeAPI } from "./node-red";
import { shortReason, translate } from "./translate";

export const badgeTexts = (RED: NodeAPI): BadgeTexts => ({
  text: (key, values) => translate(RED, key, values),
  reason: (error) => shortReason(RED, error),
});
