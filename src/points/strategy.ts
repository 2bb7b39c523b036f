/** When values of a series are reported: what the node says, and what a row says otherwise. */
import { readReport, readWindow, type Report, type Row, type Window } from "./columns";
import { decimalsOf } from "./conversion";

export interface Strategy {
  report: Report;
  /** Of a dead-band: in the value's unit, or percent of the value that was sent last. */
  band: number;
  /** Milliseconds; 0: no limit. */
  atMost: number;
  window: Window;
  /** Milliseconds; 0: no heartbeat. */
  atLeast: number;
  /** A heartbeat goes on when no value comes in. */
  repeat: boolean;
  /** Of a mean. */
  decimals?: number | undefined;
}

export const EVERYTHING: Strategy = {
  report: "all",
  band: 0,
  atMost: 0,
  window: "latest",
  atLeast: 0,
  repeat: true,
};

/** The row's own says go before the node's. */
export function strategyOf(node: Strategy, row: Row): Strategy {
  const { report, band } = row.report === undefined ? node : (readReport(row.report) ?? node);
  return {
    report,
    band,
    atMost: row.atMost === undefined ? node.atMost : row.atMost * 1000,
    window: (row.window === undefined ? undefined : readWindow(row.window)) ?? node.window,
    atLeast: row.atLeast === undefined ? node.atLeast : row.atLeast * 1000,
    repeat: node.repeat,
    decimals: decimalsOf(row),
  };
}

/** Whether a node's settings, as its dialog writes them, send each value as it comes. */
export function isEverything(report: string, atMost: string, atLeast: string): boolean {
  return report === "all" && Number(atMost) === 0 && Number(atLeast) === 0;
}
