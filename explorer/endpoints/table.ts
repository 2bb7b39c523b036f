/**
 * Every endpoint behind the editor. What a row serves stands in the file of its subject; who may call it, how often at
 * a time and for how long, stands here. `docs/endpoints.md` has the same table for people.
 */
import { changeAgent } from "./changes";
import { diagnose } from "./diagnostics";
import { showAgent, showAgents, showLive, showMetrics, showSensors } from "./looking";
import { registerDraft, testDraft } from "./drafts";
import type { Endpoint } from "./endpoint";
import { showHealthMetrics } from "./health-metrics";
import { changeNewClient, prepareNewClient, showIds, showNewClient } from "./new-client";

const SECOND = 1000;

export const ENDPOINTS: readonly Endpoint[] = [
  { method: "get", path: "agents", permission: "read", serve: showAgents },
  { method: "get", path: "agents/:agent", permission: "read", serve: showAgent },
  // An inventory of a large client takes long, and is asked for once, however many wait for it.
  {
    method: "get",
    path: "agents/:agent/sensors",
    permission: "read",
    within: 120 * SECOND,
    serve: showSensors,
  },
  {
    method: "get",
    path: "agents/:agent/sensors/:sensor/metrics",
    permission: "read",
    within: 120 * SECOND,
    serve: showMetrics,
  },
  { method: "get", path: "agents/:agent/live", permission: "read", serve: showLive },
  { method: "get", path: "agents/:agent/diagnostics", permission: "read", serve: diagnose },
  { method: "get", path: "agents/:agent/new-client", permission: "read", serve: showNewClient },
  { method: "get", path: "agents/:agent/new-client/ids", permission: "read", serve: showIds },
  {
    method: "get",
    path: "metrics",
    permission: "read",
    setting: "teamviewerIotMetrics",
    atOnce: 4,
    serve: showHealthMetrics,
  },
  { method: "post", path: "agents/:agent/change", permission: "write", atOnce: 8, serve: changeAgent },
  // Thousands of metrics are made one after the other; whoever leaves, or stops, ends it.
  {
    method: "post",
    path: "agents/:agent/new-client/prepare",
    permission: "write",
    atOnce: 2,
    within: 3600 * SECOND,
    serve: prepareNewClient,
  },
  {
    method: "post",
    path: "agents/:agent/new-client",
    permission: "write",
    atOnce: 2,
    within: 60 * SECOND,
    serve: changeNewClient,
  },
  {
    method: "post",
    path: "connection-test",
    permission: "deploy",
    atOnce: 2,
    within: 60 * SECOND,
    serve: testDraft,
  },
  {
    method: "post",
    path: "register",
    permission: "deploy",
    atOnce: 1,
    within: 90 * SECOND,
    serve: registerDraft,
  },
];
