/** The ping by which a client sees that the agent is there: answered like any other, and not what a test is about. */
const PROBE = /"[0-9a-f-]{36} \d+(\.\d+)?"/;

export const isProbe = (payload: string): boolean => PROBE.test(payload);
