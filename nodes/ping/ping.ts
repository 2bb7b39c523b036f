/** Asks the agent whether it is there ("Ping"). */
import { randomUUID } from "node:crypto";
import { invalid } from "../../src/protocol/input";
import type { NodeAPI } from "../shared/node-red";
import { registerPaletteNode } from "../shared/palette-node";
import { PROPERTIES } from "./properties";

export default function (RED: NodeAPI): void {
  registerPaletteNode(RED, "teamviewer-iot-ping", {
    properties: PROPERTIES,
    async serve({ field, request }) {
      const { answer } = await request("ping", { request: pingText(await field("request")) });
      return { payload: answer };
    },
  });
}

/** A text, or `{request: text}` as the API has it; numbers and booleans as text; nothing is a text of our own. */
export function pingText(value: unknown): string {
  if (value === undefined || value === null || value === "") return randomUUID();
  if (typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "boolean" || typeof value === "bigint")
    return String(value);
  const request: unknown = typeof value === "object" ? (value as { request?: unknown }).request : undefined;
  if (typeof request === "string" && request !== "") return request;
  throw invalid("type", "request", value, { allowed: "words.pingText" });
}
