import type { WrittenRelease } from "../services/compose_schema.ts";
import { nanoseconds } from "../services/units.ts";

/** How an app gets another specification: over all of its containers, whatever services they are in. */
export interface Release {
  /** Containers that change at once; 0 for all of them. */
  readonly parallelism: number;
  /** Milliseconds before the next ones change. */
  readonly delayMs: number;
  /** Milliseconds for which new containers have to keep running; null where the deployment says it. */
  readonly monitorMs: number | null;
  /** New containers start before old ones stop, where there is room for both. */
  readonly startsFirst: boolean;
  /** Share of the app's containers that may fail, from 0 to 1; infinite where any number may. */
  readonly mayFail: number;
  /** Where more fail, what has changed is left as it is, instead of being taken back. */
  readonly isLeft: boolean;
}

/** How an app is updated, and how that is taken back, where its file says it. */
export interface Releases {
  readonly update?: Release;
  readonly rollback?: Release;
}

/** What a stack file says of both. */
export function releasesOf(
  { update_config, rollback_config }: {
    readonly update_config?: WrittenRelease | undefined;
    readonly rollback_config?: WrittenRelease | undefined;
  },
): Releases {
  return {
    ...(update_config === undefined ? {} : { update: releaseOf(update_config) }),
    ...(rollback_config === undefined ? {} : { rollback: releaseOf(rollback_config) }),
  };
}

function releaseOf(written: WrittenRelease): Release {
  const { parallelism = 1, delay, monitor, order, failure_action, max_failure_ratio = 0 } = written;
  return {
    parallelism,
    delayMs: delay === undefined ? 0 : nanoseconds(delay) / 1e6,
    monitorMs: monitor === undefined ? null : nanoseconds(monitor) / 1e6,
    startsFirst: order === "start-first",
    mayFail: failure_action === "continue" ? Infinity : max_failure_ratio,
    isLeft: failure_action === "pause",
  };
}
