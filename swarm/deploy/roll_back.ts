/**
 * Taking a deployment back.
 * @module
 */
import { DeployError } from "../errors.ts";
import { type Applied, applyChanges, type ApplyOptions } from "./apply.ts";
import { asDesired, type DesiredService, isPlanned, planChanges, realChanges } from "./changes.ts";
import { fencing, withoutRules } from "./ground.ts";
import { listed } from "./hosts.ts";
import { type Patience, retrying } from "./retry.ts";
import { planStages, type Running, type Stage } from "./stages.ts";
import { containersOn, withStandIns } from "./stand_ins.ts";
import { readSwarm, runningOf } from "./state.ts";
import { type Waited, waitForServices } from "./wait.ts";
import { awaited, changesNow, counted, inReach, leaveLost, type Work } from "./work.ts";

/** Longest time for taking a stage of a failed deployment back, in milliseconds. */
const ROLLBACK_MS = 120_000;

/** What was taken back. */
export interface RolledBack {
  readonly undone: number;
  /** All of it runs again. */
  readonly settled: boolean;
  /** Nodes that are away, for which containers of others stay. */
  readonly standInsFor: readonly string[];
}

/**
 * Brings every service back to what it was when we came, also those whose fate is unknown: in stages as on the way there,
 * so that nothing stops before what was there in its place runs again. For what ran on a node that is away now, others stay.
 * @throws {MetisError} where a stage cannot be had: what answers then goes on answering.
 */
export async function rollBack(given: Work): Promise<RolledBack> {
  const { engine, target, reporter, before, clock } = given;
  // An interrupted deployment is taken back all the same: the signal does not reach here.
  const patience: Patience = { clock, deadline: clock.now() + ROLLBACK_MS };
  const state = await retrying(patience, () => readSwarm(engine, target.stack));
  const all = runningOf(state, target.inScope);
  const goal = before.map(asDesired);
  const real = realChanges(planChanges(goal, all.services));
  if (real.length === 0) return { undone: 0, settled: true, standInsFor: [] };
  reporter.note(`rollback: undoing ${real.length} changes`);
  const work: Work = { ...given, lost: all.away };
  const away = [...all.away].filter((host) => before.some(({ node }) => node === host));
  // Of those that came in their place only what is up is worth keeping.
  const up = all.services.filter(isPlanned).map(({ id, app, node }) => ({
    app,
    node,
    replicas: all.up.get(id) ?? 0,
  }));
  const to = withStandIns(goal, up, work.ground, work.lost);
  if (to === null) {
    throw new DeployError("partly-applied", `no node has room for what ${listed(away)} ran`);
  }
  const apply: ApplyOptions = {
    ...patience,
    stack: target.stack,
    parallelism: work.options.parallelism,
    mayContinue: () => {},
    onChange: reporter.change,
    keepGoing: true,
  };
  await leaveLost(work, goal.filter(({ node }) => work.lost.has(node ?? "")), state, apply);
  const standInsFor = containersOn(to, work.lost) > containersOn(goal, work.lost) ? away : [];
  const stages = stagesBack(work, to, runningOf(state, inReach(work)));
  for (const [at, stage] of stages.entries()) {
    const own = { ...apply, deadline: clock.now() + ROLLBACK_MS };
    // A call that was refused once may not be so again.
    const waited = await takeBack(work, stage, own, at === 0)
      .catch(() => takeBack(work, stage, own, false));
    if (waited.outcome === "converged") continue;
    const settled = false;
    if (at === stages.length - 1) return { undone: real.length, settled, standInsFor };
    throw new DeployError("partly-applied", whyNot(waited));
  }
  return { undone: real.length, settled: true, standInsFor };
}

function whyNot(waited: Exclude<Waited, { readonly outcome: "converged" }>): string {
  return waited.outcome === "hopeless" ? waited.reason : counted(waited.last);
}

function stagesBack(
  { ground, options, rollbacks, lost }: Work,
  to: readonly DesiredService[],
  running: Running,
): Stage[] {
  const free = ground === null ? null : fencing(withoutRules(ground), lost);
  const way = { moves: options.parallelism, releases: rollbacks };
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
  apply: ApplyOptions,
  isFirst: boolean,
): Promise<Waited> {
  const { engine, target, reporter, memory } = work;
  const changes = isFirst ? stage.changes : await changesNow(work, stage, apply);
  const applied: Applied[] = [];
  await applyChanges(engine, realChanges(changes), applied, apply);
  return await waitForServices(engine, awaited(changes, applied, stage), {
    ...apply,
    stack: target.stack,
    inScope: inReach(work),
    monitorMs: 0,
    skipUnavailable: true,
    memory,
    onProgress: reporter.progress,
    onVerify: () => {},
  });
}
