/**
 * What a deployment is: what should run, how it gets there, and who is told.
 * @module
 */
import type { KeepRunning } from "../../replanning/mod.ts";
import type { Clock } from "../clock.ts";
import type { Engine } from "../engine/engine.ts";
import type { Change, DesiredService } from "./changes.ts";
import type { Assessment } from "./convergence.ts";
import type { Ground } from "./counts.ts";
import type { SwarmState } from "./state.ts";

/** What should run, as a function of what runs. */
export interface Target {
  readonly stack: string;
  /** Which services of the stack are meant; the others are left alone. */
  readonly inScope: (service: { readonly node: string | null }) => boolean;
  /** @throws {MetisError} if it cannot be had: nothing was changed then. */
  readonly desire: (state: SwarmState) => Promise<readonly DesiredService[]>;
  /** Makes what services draw on, before they are changed: true if what is desired is another now. */
  readonly prepare?: (engine: Engine, desired: readonly DesiredService[]) => Promise<boolean>;
  /** Removes what nothing draws on any more, when all has converged. */
  readonly tidy?: (engine: Engine) => Promise<void>;
  /** Where containers may be on the way; without it, everything is changed at once. */
  readonly ground?: (state: SwarmState) => Promise<Ground>;
}

/** How to deploy. */
export interface DeployOptions {
  /** Seconds until the wait is given up, for each stage. */
  readonly timeout: number;
  /** Seconds for which all must keep running. */
  readonly monitor: number;
  /** Seconds for which a node that does not answer is waited for, before what it carries is undone. @default 0 */
  readonly grace?: number;
  /** Calls to the engine at once, and most containers that move in one stage. */
  readonly parallelism: number;
  /** What of each app is to keep running at any time. @default one container, where that can be */
  readonly keepRunning?: KeepRunning | undefined;
  /** Take everything back where it fails. */
  readonly rollback: boolean;
  /** Who we are, for others who find the stack locked. */
  readonly owner: string;
  /** Look for images before anything is changed, see {@link checkImages}. @default true */
  readonly checksImages?: boolean;
  readonly signal?: AbortSignal;
  readonly clock?: Clock;
}

/** Told how a deployment goes. */
export interface Reporter {
  /** What is going to be done, before anything is. */
  planned(changes: readonly Change[]): void;
  change(change: Change): void;
  progress(assessment: Assessment): void;
  note(text: string): void;
}

/** How a deployment that converged went. */
export interface DeployReport {
  readonly stack: string;
  readonly changes: readonly Change[];
  /** In how many stages they were made. */
  readonly stages: number;
  readonly containers: number;
  /** Seconds from the first look at the Swarm to the end. */
  readonly seconds: number;
}
