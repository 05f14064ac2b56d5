import { refuseIfAborted } from "../../domain/mod.ts";
import { systemClock } from "../clock.ts";
import type { Engine } from "../engine/engine.ts";
import { carryOut } from "./carry_out.ts";
import {
  type Change,
  type DesiredService,
  isPlanned,
  planChanges,
  realChanges,
} from "./changes.ts";
import { newMemory } from "./convergence.ts";
import type { DeployOptions, DeployReport, Reporter, Target } from "./deployment.ts";
import { type Goal, noteGoal, readGoal } from "./goal.ts";
import { checkImages } from "./images.ts";
import { takeLock } from "./lock.ts";
import type { Release, Releases } from "./release.ts";
import { checkNames } from "./preflight.ts";
import { retrying } from "./retry.ts";
import type { Ground } from "./counts.ts";
import { planStages, type Stage } from "./stages.ts";
import { readSwarm, runningOf, type SwarmState } from "./state.ts";

/** What a deployment does. */
export interface PlannedDeployment {
  readonly desired: readonly DesiredService[];
  /** From what runs to what should run, all stages together. */
  readonly changes: readonly Change[];
  /** What is changed at once, one after the other. */
  readonly stages: readonly Stage[];
  readonly ground: Ground | null;
}

/** What decides how a deployment goes, besides its target. */
export type StagingOptions = Pick<DeployOptions, "parallelism" | "keepRunning">;

/** What would be done, without doing it. */
export async function planDeployment(
  engine: Engine,
  target: Target,
  options: StagingOptions,
): Promise<PlannedDeployment> {
  return await planIn(await readSwarm(engine, target.stack), target, options);
}

/**
 * Makes the Swarm as the target has it, stage by stage, and waits until everything runs and keeps running.
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
    let planned = await planIn(state, target, options);
    reporter.planned(planned.changes);
    if (options.checksImages ?? true) {
      await checkImages(engine, planned.changes, (text) => reporter.note(text));
    }
    const hasMade = await retrying(
      patience,
      async () => await target.prepare?.(engine, planned.desired) ?? false,
    );
    // Services name configs and secrets by ids, which are known when they are made.
    if (hasMade) planned = await planIn(state, target, options);
    const { desired, changes, stages, ground } = planned;
    const before = state.current.filter(target.inScope);
    const memory = newMemory(state.tasks);
    const earlier = await retrying(patience, () => readGoal(engine, target.stack));
    // A kill between two changes would leave a number of containers that nobody asked for.
    const isLong = realChanges(changes).length > 1;
    // Who has come to the end, or back, is not to fail for want of a note.
    const leave = (goal: Goal | null) =>
      isLong || earlier !== null
        ? noteGoal(engine, target.stack, goal, patience).catch(() => {})
        : Promise.resolve();
    const work = {
      ...{ engine, target, options, reporter, before, desired, ground, memory, clock },
      lost: new Set<string>(),
      updates: releasesBy("update", desired),
      rollbacks: releasesBy("rollback", desired),
      arrived: () => leave(null),
      returned: (isWhole = true) =>
        leave(isWhole ? earlier : earlier ?? goalOf(before.filter(isPlanned))),
    };
    if (isLong) {
      const others = state.current.filter((service) => !target.inScope(service));
      const all = [...desired, ...others].filter(isPlanned);
      await noteGoal(engine, target.stack, goalOf(all), patience).catch(
        async (error) => {
          await leave(earlier);
          throw error;
        },
      );
    }
    const mayContinue = () => {
      lock.check();
      refuseIfAborted(options.signal);
    };
    await carryOut(work, stages, patience, mayContinue);
    await target.tidy?.(engine);
    const containers = desired.reduce((sum, { replicas }) => sum + replicas, 0);
    return {
      stack: target.stack,
      changes,
      stages: stages.length,
      containers,
      seconds: (clock.now() - began) / 1000,
    };
  } finally {
    await lock.release();
  }
}

/** How apps are released, by name, where their files say it. */
function releasesBy(
  kind: keyof Releases,
  desired: readonly DesiredService[],
): ReadonlyMap<string, Release> {
  return new Map(
    desired.flatMap(({ app, releases }) => releases?.[kind] ? [[app, releases[kind]]] : []),
  );
}

function goalOf(services: readonly Pick<DesiredService, "app" | "replicas">[]): Goal {
  const goal: Record<string, number> = Object.create(null);
  for (const { app, replicas } of services) goal[app] = (goal[app] ?? 0) + replicas;
  return goal;
}

async function planIn(
  state: SwarmState,
  target: Target,
  { parallelism, keepRunning }: StagingOptions,
): Promise<PlannedDeployment> {
  const desired = await target.desire(state);
  checkNames(target.stack, desired, state.others);
  const running = runningOf(state, target.inScope);
  const changes = planChanges(desired, running.services);
  const isStill = realChanges(changes).length === 0;
  const ground = isStill ? null : await target.ground?.(state) ?? null;
  const stages = planStages(desired, running, ground, {
    ...{ moves: parallelism, keepRunning },
    releases: releasesBy("update", desired),
  });
  return { desired, changes, stages, ground };
}
