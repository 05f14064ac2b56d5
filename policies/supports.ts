import type { Scheduler } from "../scheduling/mod.ts";

/** What the policies place: any problem whose objective is a sum over nodes. */
export const POLICY_SUPPORTS: Scheduler["supports"] = {
  rules: true,
  nodeClasses: true,
  general: true,
  denseOnly: false,
  forbidden: true,
  objectives: ["throughput", "fair"],
};
