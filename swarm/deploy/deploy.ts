import { InterruptedError, MetisError, refuseIfAborted } from "../../domain/mod.ts";
import { type Clock, systemClock } from "../clock.ts";
import type { Engine } from "../engine/engine.ts";
import { DeployError, oneLine } from "../errors.ts";
import { type Applied, applyChanges, type ApplyOptions } from "./apply.ts";
import {
  asDesired,
  type Change,
  type CurrentService,
  type DesiredService,
  planChanges,
  realChanges,
} from "./changes.ts";
import { type Assessment, type Awaited, type Memory, newMemory } from "./convergence.ts";
import { listed } from "./hosts.ts";
import { checkImages } from "./images.ts";
import { takeLock } from "./lock.ts";
import { type Patience, retrying } from "./retry.ts";
import { readSwarm, type SwarmState } from "./state.ts";
import { type Waited, waitForServices } from "./wait.ts";

/** What should run, as a function of what runs. */
export interface Target {
  readonly stack: string;
  /** Which services of the stack are meant; the others are left alone. */
  readonly inScope: (service: { readonly node: string }) => boolean;
  /** @throws {MetisError} if it cannot be had: nothing was changed then. */
  readonly desire: (state: SwarmState) => Promise<readonly DesiredService[]>;
}

/** How to deploy. */
export interface DeployOptions {
  /** Seconds until the wait is given up. */
  readonly timeout: number;
  /** Seconds for which all must keep running. */
  readonly monitor: number;
  /** Calls to the engine at once. */
  readonly parallelism: number;
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
  readonly containers: number;
  /** Seconds from the first look at the Swarm to the end. */
  readonly seconds: number;
}

/** Longest time for taking a failed deployment back, in milliseconds. */
const ROLLBACK_MS = 120_000;

/** What would be done, without doing it. */
export async function planDeployment(engine: Engine, target: Target): Promise<Change[]> {
  const state = await readSwarm(engine, target.stack);
  return planChanges(await target.desire(state), state.current.filter(target.inScope));
}

/**
 * Makes the Swarm as the target has it, and waits until everything runs and keeps running.
 * @throws {DeployError} whose exit code says how the Swarm was left. @throws {InterruptedError} likewise.
 */
export async function deploy(
  engine: Engine,
  target: Target,
  options: DeployOptions,
  reporter: Reporter,
): Promise<DeployReport> {
  const clock = options.clock ?? systemClock;
  const began = clock.now();
  const patience = { clock, deadline: began + options.timeout * 1000, signal: options.signal };
  const lock = await takeLock(
    engine,
    target.stack,
    options.owner,
    patience,
    (owner) => reporter.note(`Waiting for the lock of ${owner}, which seems to have ended`),
  );
  try {
    const state = await retrying(patience, () => readSwarm(engine, target.stack));
    const before = state.current.filter(target.inScope);
    const desired = await target.desire(state);
    const changes = planChanges(desired, before);
    reporter.planned(changes);
    if (options.checksImages ?? true) {
      await checkImages(engine, changes, (text) => reporter.note(text));
    }
    const memory = newMemory(state.tasks);
    const work = { engine, target, options, reporter, before, memory, clock };
    const mayContinue = () => {
      lock.check();
      refuseIfAborted(options.signal);
    };
    await carryOut(work, changes, patience, mayContinue);
    const containers = desired.reduce((sum, { replicas }) => sum + replicas, 0);
    return { stack: target.stack, changes, containers, seconds: (clock.now() - began) / 1000 };
  } finally {
    await lock.release();
  }
}

interface Work {
  readonly engine: Engine;
  readonly target: Target;
  readonly options: DeployOptions;
  readonly reporter: Reporter;
  readonly before: readonly CurrentService[];
  readonly memory: Memory;
  readonly clock: Clock;
}

async function carryOut(
  work: Work,
  changes: readonly Change[],
  patience: Patience,
  mayContinue: () => void,
): Promise<void> {
  const { engine, target, options, reporter } = work;
  const applied: Applied[] = [];
  const real = realChanges(changes);
  try {
    await applyChanges(engine, real, applied, {
      ...patience,
      // The current call is finished; mayContinue hears the signal before the next one.
      stack: target.stack,
      parallelism: options.parallelism,
      mayContinue,
      onChange: reporter.change,
    });
  } catch (error) {
    const interrupted = options.signal?.aborted === true;
    const reason = interrupted ? "Interrupted" : messageOf(error);
    return await giveUp(work, reason, applied.length, real.length, interrupted, error);
  }
  let waited: Waited;
  try {
    waited = await waitForServices(engine, awaited(changes, applied), {
      ...patience,
      stack: target.stack,
      inScope: target.inScope,
      monitorMs: options.monitor * 1000,
      memory: work.memory,
      onProgress: reporter.progress,
      onVerify: () =>
        reporter.note(
          `verify: Waiting ${options.monitor} seconds to verify that tasks are stable...`,
        ),
    });
  } catch (error) {
    return await giveUp(work, messageOf(error), real.length, real.length, false, error);
  }
  await conclude(work, waited, real.length);
}

async function conclude(work: Work, waited: Waited, made: number): Promise<void> {
  const { stack } = work.target;
  switch (waited.outcome) {
    case "converged":
      return work.reporter.note("verify: Services converged");
    case "hopeless":
      return await giveUp(work, waited.reason, made, made, false);
    case "timed-out":
      throw new DeployError(
        "timed-out",
        `Timed out after ${work.options.timeout} s: ${counted(waited.last)}; Swarm continues, ` +
          `\`metis status --stack ${stack}\` shows how far it is`,
      );
    case "interrupted":
      throw new InterruptedError(
        `Interrupted: every change was sent and Swarm continues in the background (${
          counted(waited.last)
        }); run the same command again to wait for it`,
      );
  }
}

/** Rolls back the changes, or says what is left if no rollback is wanted. */
async function giveUp(
  work: Work,
  reason: string,
  made: number,
  all: number,
  interrupted: boolean,
  cause?: unknown,
): Promise<never> {
  const { stack } = work.target;
  const end = (outcome: DeployError["outcome"], text: string) => {
    if (interrupted) throw new InterruptedError(oneLine(text), { cause });
    throw new DeployError(outcome, text, { cause });
  };
  if (!work.options.rollback) {
    if (made === 0) return end("failed", `${reason}; nothing was changed`);
    return end(
      made < all ? "partly-applied" : "failed",
      `${reason}; ${made} of ${all} changes were made and are kept (--no-rollback): fix the cause ` +
        `and run this again, or \`metis undeploy --stack ${stack}\``,
    );
  }
  let undone: number;
  let settled: boolean;
  try {
    ({ undone, settled } = await rollBack(work));
  } catch (error) {
    const left = work.before.length === 0
      ? `\`docker stack rm ${stack}\` removes what is left`
      : `deploy the plan before this one again, or look at \`metis status --stack ${stack}\``;
    return end(
      "partly-applied",
      `${reason}; the rollback failed as well: ${messageOf(error)}; to do by hand: ${left}`,
    );
  }
  if (undone === 0) return end("failed", `${reason}; nothing was changed`);
  return end(
    "rolled-back",
    `${reason}; rolled back ${undone} changes${settled ? "" : ", which are still converging"}`,
  );
}

/** Brings every service back to what it was when we came, also those whose fate is unknown. */
async function rollBack(work: Work): Promise<{ undone: number; settled: boolean }> {
  const { engine, target, options, reporter, before, clock } = work;
  // An interrupted deployment is taken back all the same: the signal does not reach here.
  const patience: Patience = { clock, deadline: clock.now() + ROLLBACK_MS };
  const state = await retrying(patience, () => readSwarm(engine, target.stack));
  const changes = planChanges(before.map(asDesired), state.current.filter(target.inScope));
  const real = realChanges(changes);
  if (real.length > 0) reporter.note(`rollback: undoing ${real.length} changes`);
  const applied: Applied[] = [];
  const apply: ApplyOptions = {
    ...patience,
    stack: target.stack,
    parallelism: options.parallelism,
    mayContinue: () => {},
    onChange: reporter.change,
    keepGoing: true,
  };
  await applyChanges(engine, real, applied, apply);
  if (real.length === 0) return { undone: 0, settled: true };
  const memory = newMemory(state.tasks);
  const waited = await waitForServices(engine, awaited(changes, applied), {
    ...patience,
    stack: target.stack,
    inScope: target.inScope,
    monitorMs: 0,
    skipUnavailable: true,
    memory,
    onProgress: reporter.progress,
    onVerify: () => {},
  });
  return { undone: real.length, settled: waited.outcome === "converged" };
}

/** What must run once the changes are made. */
function awaited(changes: readonly Change[], applied: readonly Applied[]): Awaited[] {
  const ids = new Map(applied.map(({ change, id }) => [change, id]));
  return changes.flatMap((change) => {
    if (change.kind === "remove") return [];
    const { name, node, hash, replicas, oneShot, mostFailures } = change.to;
    const id = ids.get(change) ?? (change.kind === "create" ? null : change.from.id);
    return id === null ? [] : [{ id, name, node, hash, replicas, oneShot, mostFailures }];
  });
}

function counted(assessment: Assessment | null): string {
  if (assessment === null) return "the engine did not say how far it is";
  const { running, wanted, waiting } = assessment;
  const names = waiting.length === 0 ? "" : `, waiting for ${listed(waiting)}`;
  return `overall progress: ${running} out of ${wanted} tasks${names}`;
}

function messageOf(error: unknown): string {
  return error instanceof MetisError ? error.message : oneLine(String(error));
}
