import type { ContainerRun } from "./records.ts";

/** What containers did under load, before anybody judged it. */
export interface UnjudgedRun {
  readonly containers: readonly ContainerRun[];
  /** Why nothing of it can be used although it was measured, or null. */
  readonly void: string | null;
}

/** A node that configurations are run on, one at a time. */
export interface NodeRunner {
  /** Host name of the node. */
  readonly node: string;
  /**
   * Runs a configuration and loads all of its containers at once.
   * @param counts Containers of each app.
   * @throws {MetisError} if it cannot be run. @throws {InterruptedError} if the signal fires.
   */
  run(counts: Uint8Array, signal: AbortSignal): Promise<UnjudgedRun>;
  /** Removes everything that was run. */
  clear(): Promise<void>;
}
