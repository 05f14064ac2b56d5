import { InterruptedError, MetisError } from "../../domain/mod.ts";
import type { Clock } from "../clock.ts";
import type { Engine } from "../engine/engine.ts";
import { DeployError, oneLine } from "../errors.ts";
import { type Applied, applyChanges, type ApplyOptions } from "./apply.ts";
import {
  asDesired,
  type Change,
  type CurrentService,
  isGlobal,
  planChanges,
  realChanges,
} from "./changes.ts";
import type { Assessment, Awaited, Memory } from "./convergence.ts";
import type { DeployOptions, Reporter, Target } from "./deployment.ts";
import { withoutRules } from "./ground.ts";
import { listed } from "./hosts.ts";
import { LockedError } from "./lock.ts";
import type { Release } from "./release.ts";
import { type Patience, retrying } from "./retry.ts";
import { type Ground, planStages, type Stage } from "./stages.ts";
import { readSwarm, runningOf } from "./state.ts";
import { type Waited, waitForServices } from "./wait.ts";

/** Longest time for taking a failed deployment back, in milliseconds. */
const ROLLBACK_MS = 120_000;

/** A deployment that is under way. */
export interface Work {
  readonly engine: Engine;
  readonly target: Target;
  readonly options: DeployOptions;
  readonly reporter: Reporter;
  /** What there was before it. */
  readonly before: readonly CurrentService[];
  readonly ground: Ground | null;
  /** How apps are taken back, by name, where their files say it. */
  readonly rollbacks: ReadonlyMap<string, Release>;
  readonly memory: Memory;
  readonly clock: Clock;
  /** Told when all that should run was sent. */
  readonly arrived: () => Promise<void>;
  /** Told when all was taken back. */
  readonly returned: () => Promise<void>;
}

/**
 * Makes the changes of one stage after the other, and waits after each until what it started keeps running and what it
 * stopped is gone. At the first that fails everything is taken back.
 * @param patience Of the first stage: each has as long. @param mayContinue Asked before each change.
 */
export async function carryOut(
  work: Work,
  stages: readonly Stage[],
  patience: Patience,
  mayContinue: () => void,
): Promise<void> {
  const { engine, target, options, reporter, clock } = work;
  const all = stages.reduce((sum, { changes }) => sum + realChanges(changes).length, 0);
  const needed = new Set(stages.at(-1)!.services.map(({ node }) => node));
  let made = 0;
  for (const [at, stage] of stages.entries()) {
    const isFirst = at === 0;
    const isLast = at === stages.length - 1;
    const { delayMs = 0, longerMs = 0, monitorMs = null } = stage.renewal ?? {};
    if (delayMs > 0) await clock.sleep(delayMs, options.signal);
    const deadline = isFirst ? patience.deadline : clock.now() + options.timeout * 1000;
    const own = { ...patience, deadline: deadline + longerMs };
    const monitor = monitorMs ?? options.monitor * 1000;
    const applied: Applied[] = [];
    let changes = stage.changes;
    try {
      if (!isFirst) changes = await changesNow(work, stage, own);
      if (stages.length > 1) reporter.note(`stage ${at + 1} of ${stages.length}`);
      await applyChanges(engine, realChanges(changes), applied, {
        ...own,
        // The current call is finished; mayContinue hears the signal before the next one.
        stack: target.stack,
        parallelism: options.parallelism,
        mayContinue,
        onChange: reporter.change,
      });
    } catch (error) {
      const interrupted = options.signal?.aborted === true;
      const reason = interrupted ? "Interrupted" : messageOf(error);
      return await giveUp(work, reason, made + applied.length, all, interrupted, error);
    }
    made += applied.length;
    let waited: Waited;
    try {
      waited = await waitForServices(
        engine,
        awaited(changes, applied, stage, needed, isLast),
        {
          ...own,
          stack: target.stack,
          inScope: target.inScope,
          monitorMs: stage.starts || isLast ? monitor : 0,
          graceMs: (options.grace ?? 0) * 1000,
          memory: work.memory,
          onProgress: reporter.progress,
          onVerify: () =>
            reporter.note(
              `verify: Waiting ${monitor / 1000} seconds to verify that tasks are stable...`,
            ),
        },
      );
    } catch (error) {
      return await giveUp(work, messageOf(error), made, all, false, error);
    }
    await conclude(work, waited, made, all, isLast);
  }
}

/** What a stage changes of what there is now. */
async function changesNow(
  { engine, target }: Work,
  { services }: Stage,
  patience: Patience,
): Promise<Change[]> {
  const state = await retrying(patience, () => readSwarm(engine, target.stack));
  return planChanges(services, state.current.filter(target.inScope));
}

async function conclude(
  work: Work,
  waited: Waited,
  made: number,
  all: number,
  isLast: boolean,
): Promise<void> {
  const { stack } = work.target;
  switch (waited.outcome) {
    case "converged":
      if (!isLast) return;
      await work.arrived();
      return work.reporter.note("verify: Services converged");
    case "hopeless":
      return await giveUp(work, waited.reason, made, all, false, undefined, waited.isLeft);
    case "timed-out":
      if (isLast) await work.arrived();
      throw new DeployError(
        "timed-out",
        `Timed out after ${work.options.timeout} s: ${counted(waited.last)}; ${
          isLast
            ? `Swarm continues, \`metis status --stack ${stack}\` shows how far it is`
            : `${made} of ${all} changes were made and are kept: run the same command again to go on`
        }`,
      );
    case "interrupted":
      if (!isLast) return await giveUp(work, "Interrupted", made, all, true);
      await work.arrived();
      throw new InterruptedError(
        `Interrupted: every change was sent and Swarm continues in the background (${
          counted(waited.last)
        }); run the same command again to wait for it`,
      );
  }
}

/**
 * Rolls back the changes, or says what is left if no rollback is wanted.
 * @param isLeft The file of what failed says that nothing is taken back.
 */
async function giveUp(
  work: Work,
  reason: string,
  made: number,
  all: number,
  interrupted: boolean,
  cause?: unknown,
  isLeft = false,
): Promise<never> {
  const { stack } = work.target;
  const end = (outcome: DeployError["outcome"], text: string) => {
    if (interrupted) throw new InterruptedError(oneLine(text), { cause });
    throw new DeployError(outcome, text, { cause });
  };
  if (!work.options.rollback || isLeft) {
    if (made === 0) {
      await work.returned();
      return end("failed", `${reason}; nothing was changed`);
    }
    return end(
      made < all ? "partly-applied" : "failed",
      `${reason}; ${made} of ${all} changes were made and are kept (${
        isLeft ? "failure_action: pause" : "--no-rollback"
      }): fix the cause ` +
        `and run this again, or \`metis undeploy --stack ${stack}\``,
    );
  }
  if (cause instanceof LockedError) {
    if (made === 0) return end("failed", `${reason}; nothing was changed`);
    // The stack belongs to another deployment: what it has made is not ours to take back.
    return end(
      "partly-applied",
      `${reason}; ${made} of ${all} changes were made and are kept, since another deployment owns the stack now: ` +
        `look at \`metis status --stack ${stack}\` when that has ended`,
    );
  }
  let undone: number;
  let settled: boolean;
  try {
    ({ undone, settled } = await rollBack(work));
    await work.returned();
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

/**
 * Brings every service back to what it was when we came, also those whose fate is unknown: in stages as on the way there,
 * so that nothing stops before what was there in its place runs again.
 * @throws {MetisError} where a stage cannot be had: what answers then goes on answering.
 */
async function rollBack(work: Work): Promise<{ undone: number; settled: boolean }> {
  const { engine, target, reporter, before, clock } = work;
  // An interrupted deployment is taken back all the same: the signal does not reach here.
  const patience: Patience = { clock, deadline: clock.now() + ROLLBACK_MS };
  const state = await retrying(patience, () => readSwarm(engine, target.stack));
  const running = runningOf(state, target.inScope);
  const real = realChanges(planChanges(before.map(asDesired), running.services));
  if (real.length === 0) return { undone: 0, settled: true };
  reporter.note(`rollback: undoing ${real.length} changes`);
  const stages = stagesBack(work, running);
  for (const [at, stage] of stages.entries()) {
    const own = { ...patience, deadline: clock.now() + ROLLBACK_MS };
    // A call that was refused once may not be so again.
    const waited = await takeBack(work, stage, own, at === 0)
      .catch(() => takeBack(work, stage, own, false));
    if (waited.outcome === "converged") continue;
    if (at === stages.length - 1) return { undone: real.length, settled: false };
    throw new DeployError("partly-applied", whyNot(waited));
  }
  return { undone: real.length, settled: true };
}

function whyNot(waited: Exclude<Waited, { readonly outcome: "converged" }>): string {
  return waited.outcome === "hopeless" ? waited.reason : counted(waited.last);
}

function stagesBack(
  { before, ground, options, rollbacks }: Work,
  running: ReturnType<typeof runningOf>,
) {
  const to = before.map(asDesired);
  const way = { moves: options.parallelism, releases: rollbacks };
  const free = ground === null ? null : withoutRules(ground);
  try {
    return planStages(to, running, free, way);
  } catch {
    return planStages(to, running, null, way);
  }
}

/** Makes one stage of a rollback, and waits until all of it runs that ran before. */
async function takeBack(
  work: Work,
  stage: Stage,
  patience: Patience,
  isFirst: boolean,
): Promise<Waited> {
  const { engine, target, options, reporter, memory } = work;
  const changes = isFirst ? stage.changes : await changesNow(work, stage, patience);
  const applied: Applied[] = [];
  const apply: ApplyOptions = {
    ...patience,
    stack: target.stack,
    parallelism: options.parallelism,
    mayContinue: () => {},
    onChange: reporter.change,
    keepGoing: true,
  };
  await applyChanges(engine, realChanges(changes), applied, apply);
  return await waitForServices(engine, awaited(changes, applied, stage), {
    ...patience,
    stack: target.stack,
    inScope: target.inScope,
    monitorMs: 0,
    skipUnavailable: true,
    memory,
    onProgress: reporter.progress,
    onVerify: () => {},
  });
}

/**
 * What must run once the changes are made.
 * @param needed Hosts that must not go away, by the others on them. @param isLast What failed may not be waited for later.
 */
function awaited(
  changes: readonly Change[],
  applied: readonly Applied[],
  { waits, tolerated: mayFail }: Stage,
  needed: ReadonlySet<string | null> = new Set(),
  isLast = true,
): Awaited[] {
  const ids = new Map(applied.map(({ change, id }) => [change, id]));
  return changes.flatMap((change): Awaited[] => {
    if (change.kind === "remove") return [];
    const { key, name, node, hash, replicas, oneShot, mostFailures, body } = change.to;
    const id = ids.get(change) ?? (change.kind === "create" ? null : change.from.id);
    if (id === null) return [];
    const { taskHash = hash } = change.to;
    const service = { id, name, node, hash, taskHash, replicas, oneShot, mostFailures };
    if (waits.has(key)) {
      const tolerated = mayFail.get(key);
      return [{
        ...service,
        isGlobal: isGlobal(body),
        ...(tolerated === undefined ? {} : { release: { ...tolerated, isLast } }),
      }];
    }
    const rest = { ...service, isGlobal: false };
    return [needed.has(node) ? { ...rest, isLater: true } : { ...rest, replicas: 0 }];
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
