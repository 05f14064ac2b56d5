import { countOf, InfeasibleError, InterruptedError } from "../../domain/mod.ts";
import { DeployError, oneLine } from "../errors.ts";
import { type Applied, applyChanges, type ApplyOptions } from "./apply.ts";
import { type DesiredService, isPlanned, planChanges, realChanges } from "./changes.ts";
import { fencing } from "./ground.ts";
import { listed } from "./hosts.ts";
import { LockedError } from "./lock.ts";
import { type Patience, retrying } from "./retry.ts";
import { rollBack, type RolledBack } from "./roll_back.ts";
import { planStages, type Running, type Stage } from "./stages.ts";
import { containersOn, leftOn, withStandIns } from "./stand_ins.ts";
import { readSwarm, runningOf } from "./state.ts";
import { type Waited, waitForServices } from "./wait.ts";
import { awaited, changesNow, counted, inReach, leaveLost, messageOf, type Work } from "./work.ts";

/**
 * Makes the changes of one stage after the other, and waits after each until what it started keeps running and what it
 * stopped is gone. At the first that fails everything is taken back; where a node is lost, what it carries.
 * @param patience Of the first stage: each has as long. @param mayContinue Asked before each change.
 * @param earlier Changes that were made before these.
 */
export async function carryOut(
  work: Work,
  stages: readonly Stage[],
  patience: Patience,
  mayContinue: () => void,
  earlier = 0,
): Promise<void> {
  const { engine, target, options, reporter, clock } = work;
  const all = stages.reduce((sum, { changes }) => sum + realChanges(changes).length, earlier);
  const needed = new Set(stages.at(-1)!.services.map(({ node }) => node));
  let made = earlier;
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
          inScope: inReach(work),
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
    if (waited.outcome === "hopeless" && waited.lost.length > 0 && options.rollback) {
      return await goOnWithout(work, waited.lost, waited.reason, made, mayContinue);
    }
    await conclude(work, waited, made, all, isLast);
  }
}

/**
 * Goes on where nodes are lost: what they carry is as before, all else becomes as it should be, and for what was to come to
 * them containers stay where they are. Where the other nodes have no room for these, all stays as it is at this moment, in
 * which as many answer as should.
 * @throws {DeployError} always: not all is as planned.
 */
async function goOnWithout(
  given: Work,
  nodes: readonly string[],
  reason: string,
  made: number,
  mayContinue: () => void,
): Promise<never> {
  const { engine, target, options, desired, before, clock, reporter } = given;
  const work: Work = { ...given, lost: new Set([...given.lost, ...nodes]) };
  const names = listed([...work.lost].sort());
  const goOn = `run the same command again when ${names} ${
    work.lost.size > 1 ? "are" : "is"
  } back, or plan without`;
  const rest = withStandIns(desired, before.filter(isPlanned), work.ground, work.lost);
  const left = leftOn(work.lost, desired, before);
  const isUndone = rest !== null &&
    realChanges(planChanges([...rest, ...left], before)).length === 0;
  if (isUndone) return await giveUp(work, reason, made, made, false);
  const patience: Patience = {
    clock,
    deadline: clock.now() + options.timeout * 1000,
    signal: options.signal,
  };
  const apply: ApplyOptions = {
    ...patience,
    stack: target.stack,
    parallelism: options.parallelism,
    mayContinue,
    onChange: reporter.change,
  };
  let stages: readonly Stage[] | null = null;
  try {
    const state = await retrying(patience, () => readSwarm(engine, target.stack));
    const running = runningOf(state, inReach(work));
    stages = rest === null ? null : stagesWithout(work, rest, running);
    if (stages !== null) {
      reporter.note(`without ${names}: ${reason}`);
      await leaveLost(work, left, state, apply);
    }
  } catch (error) {
    const interrupted = options.signal?.aborted === true;
    return await giveUp(
      work,
      interrupted ? "Interrupted" : messageOf(error),
      made,
      made,
      interrupted,
      error,
    );
  }
  if (stages === null) {
    throw new DeployError(
      "partly-applied",
      `${reason}; the other nodes have no room for what would have to stay on them instead: nothing more was changed after ` +
        `${countOf(made, "change")}, ${goOn}`,
    );
  }
  await carryOut(work, stages, patience, mayContinue, made);
  const standIns = containersOn(rest!, work.lost) - containersOn(desired, work.lost);
  throw new DeployError(
    "partly-applied",
    `${reason}; what ${names} was to carry is as before, all else is as planned${
      standIns > 0 ? `, with ${countOf(standIns, "container")} kept elsewhere instead` : ""
    }: ${goOn}`,
  );
}

/** Stages to what there should be without lost nodes; null where no order keeps as many running as were asked for. */
function stagesWithout(
  { ground, options, updates, lost }: Work,
  rest: readonly DesiredService[],
  running: Running,
): Stage[] | null {
  const way = {
    ...{ moves: options.parallelism, keepRunning: options.keepRunning },
    releases: updates,
  };
  const used = new Set(rest.map(({ node }) => node));
  try {
    return planStages(rest, running, ground === null ? null : fencing(ground, lost, used), way);
  } catch (error) {
    if (error instanceof InfeasibleError) return null;
    throw error;
  }
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
      if (work.lost.size > 0) return;
      await work.arrived();
      return work.reporter.note("verify: Services converged");
    case "hopeless":
      return await giveUp(work, waited.reason, made, all, false, undefined, waited.isLeft);
    case "timed-out":
      if (isLast && work.lost.size === 0) await work.arrived();
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
      if (work.lost.size === 0) await work.arrived();
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
  let back: RolledBack;
  try {
    back = await rollBack(work);
    await work.returned(back.standInsFor.length === 0);
  } catch (error) {
    const left = work.before.length === 0
      ? `\`docker stack rm ${stack}\` removes what is left`
      : `deploy the plan before this one again, or look at \`metis status --stack ${stack}\``;
    return end(
      "partly-applied",
      `${reason}; the rollback failed as well: ${messageOf(error)}; to do by hand: ${left}`,
    );
  }
  const { undone, settled, standInsFor } = back;
  if (undone === 0) return end("failed", `${reason}; nothing was changed`);
  const what = `${reason}; rolled back ${undone} changes${
    settled ? "" : ", which are still converging"
  }`;
  if (standInsFor.length === 0) return end("rolled-back", what);
  const names = listed(standInsFor);
  return end(
    "partly-applied",
    `${what}, but for containers that stay for what ${names} ran: run the same command again when ${names} is back`,
  );
}
