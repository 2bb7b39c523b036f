/** What a client has done, and what it is at, in numbers. */
export interface Counters {
  /** Requests sent, repeated ones too. */
  sent: number;
  /** Requests that ended well. */
  answered: number;
  /** Requests that the agent answered with an error, or with something unreadable. */
  failed: number;
  timedOut: number;
  /** Requests sent once more after a lost connection. */
  repeated: number;
  /** Answers that belong to no request: late, repeated, or to somebody else's. */
  strays: number;
  /** Strays that nobody here can have asked for: another process uses this identity, or answers come twice. */
  unasked: number;
  queued: number;
  queuedBytes: number;
  inFlight: number;
}
