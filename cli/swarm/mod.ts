/**
 * What the commands on a real Swarm share: which engine, what runs as each app, and how a change is made and told.
 * @module
 */
export * from "./change.ts";
export * from "./engine.ts";
export * from "./services.ts";
