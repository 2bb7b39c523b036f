/** A push on disk: its text form, with a checksum of its own, since a damaged record must be told from a whole one. */
import { createHash } from "node:crypto";
import { asBigInt, parseExactly } from "../protocol/exact-json";
import { writePushedValues, type PushedValue } from "../protocol/requests";
import type { Moment } from "./age-clock";

/** A push that waits for its delivery. */
export interface OutboxRecord extends Moment {
  /** Order of acceptance, over all sensors; unique in a store. */
  sequence: number;
  /** Whom to tell when it ends otherwise than delivered: the ID of the node that accepted it. */
  owner: string;
  sensorId: string;
  metrics: readonly PushedValue[];
  /** Milliseconds since the epoch: when the values were measured. */
  timestamp: number;
}

const CHECKSUM_LENGTH = 16;
/** What a record is on disk besides its message and its sensor: its other fields, its checksum, its key. */
const OVERHEAD = 128;

/** The text of a record. `message` is what is published for it, in whose braces the record's own fields are put. */
export function encodeRecord(
  { sequence, owner, sensorId, acceptedAt, clock }: Omit<OutboxRecord, "metrics" | "timestamp">,
  message: string,
): string {
  const head = JSON.stringify({ sequence, owner, sensorId, clock }).slice(0, -1);
  return sealText(`${head},${message.slice(1, -1)},"acceptedAt":${acceptedAt}}`);
}

/** The record, or `undefined` when the text is not what was written. */
export function decodeRecord(encoded: string): OutboxRecord | undefined {
  return unseal(encoded) as OutboxRecord | undefined;
}

/** The bytes that a record counts for. */
export function sizeOf({ metrics, timestamp, sensorId }: OutboxRecord): number {
  return sizeOfMessage(writePushedValues({ metrics, timestamp }), sensorId);
}

/** The same, of a record that is to be. */
export function sizeOfMessage(message: string, sensorId: string): number {
  return Buffer.byteLength(message) + sensorId.length + OVERHEAD;
}

/** JSON with a checksum before it. */
export function seal(value: object): string {
  return sealText(JSON.stringify(value));
}

/** What was sealed, or `undefined` when the text is not what was written. */
export function unseal(encoded: string): unknown {
  const text = encoded.slice(CHECKSUM_LENGTH);
  return checksum(text) === encoded.slice(0, CHECKSUM_LENGTH) ? parseExactly(text, asBigInt) : undefined;
}

function sealText(text: string): string {
  return checksum(text) + text;
}

function checksum(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, CHECKSUM_LENGTH);
}
