/** A push on disk: its text form, a line of the store. */
import type { PushedValue } from "../protocol/requests";
import type { Moment } from "./age-clock";
import { sealText, unseal } from "./lines";

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

/** What a record is on disk besides its message and its sensor: its other fields, its checksum. */
const OVERHEAD = 128;

/** The text of a record. `message` is what is published for it, in whose braces the record's own fields are put. */
export function encodeRecord(
  { sequence, owner, sensorId, clock, acceptedAt }: Omit<OutboxRecord, "metrics" | "timestamp">,
  message: string,
): string {
  // Put together, because that takes half of the time.
  const whose = `"owner":${JSON.stringify(owner)},"sensorId":${JSON.stringify(sensorId)}`;
  const time = clock === undefined ? "" : `,"clock":${clock}`;
  const values = message.slice(1, -1);
  return sealText(`{"sequence":${sequence},${whose}${time},${values},"acceptedAt":${acceptedAt}}`);
}

/** The record, or `undefined` when the text is not what was written. */
export function decodeRecord(encoded: string): OutboxRecord | undefined {
  return unseal(encoded) as OutboxRecord | undefined;
}

/** The bytes that a record counts for, whose text this is. */
export function sizeOf({ sensorId }: OutboxRecord, encoded: string): number {
  // Within a text a quote is escaped, so no value can look like these.
  const from = encoded.indexOf('"metrics":');
  const to = encoded.lastIndexOf(',"acceptedAt":');
  return sizeOfMessage(`{${encoded.slice(from, to)}}`, sensorId);
}

/** The same, of a record that is to be. */
export function sizeOfMessage(message: string, sensorId: string): number {
  return Buffer.byteLength(message) + sensorId.length + OVERHEAD;
}
