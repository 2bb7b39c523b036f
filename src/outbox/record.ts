/** A push on disk: its text form, with a checksum of its own, since a damaged record must be told from a whole one. */
import { createHash } from "node:crypto";
import { isRecord } from "../protocol/json";
import type { PushedValue } from "../protocol/requests";

/** A push that waits for its delivery. */
export interface OutboxRecord {
  /** Order of acceptance, over all sensors; unique in a store. */
  sequence: number;
  /** Whom to tell when it ends otherwise than delivered: the ID of the node that accepted it. */
  owner: string;
  sensorId: string;
  metrics: readonly PushedValue[];
  /** Milliseconds since the epoch: when the values were measured. */
  timestamp: number;
  /** Milliseconds since the epoch: when the record was accepted; its age counts from here. */
  acceptedAt: number;
}

const CHECKSUM_LENGTH = 16;

export function encodeRecord(record: OutboxRecord): string {
  const text = JSON.stringify(record);
  return checksum(text) + text;
}

/** The record, or `undefined` when the text is not what was written. */
export function decodeRecord(encoded: string): OutboxRecord | undefined {
  const text = encoded.slice(CHECKSUM_LENGTH);
  if (checksum(text) !== encoded.slice(0, CHECKSUM_LENGTH)) return undefined;
  const record: unknown = JSON.parse(text);
  return isRecord(record) ? (record as unknown as OutboxRecord) : undefined;
}

function checksum(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, CHECKSUM_LENGTH);
}
