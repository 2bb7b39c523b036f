/** A push on disk: its text form, with a checksum of its own, since a damaged record must be told from a whole one. */
import { createHash } from "node:crypto";
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
  return seal(record);
}

/** The record, or `undefined` when the text is not what was written. */
export function decodeRecord(encoded: string): OutboxRecord | undefined {
  return unseal(encoded) as OutboxRecord | undefined;
}

/** JSON with a checksum before it. */
export function seal(value: object): string {
  const text = JSON.stringify(value);
  return checksum(text) + text;
}

/** What was sealed, or `undefined` when the text is not what was written. */
export function unseal(encoded: string): unknown {
  const text = encoded.slice(CHECKSUM_LENGTH);
  return checksum(text) === encoded.slice(0, CHECKSUM_LENGTH) ? JSON.parse(text) : undefined;
}

function checksum(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, CHECKSUM_LENGTH);
}
