/**
 * A stack on a Swarm as a watch sees it, and changes it.
 * @module
 */
import {
  checkPlacement,
  countOf,
  InputError,
  MetisError,
  nodeSurfaces,
  type Placement,
} from "../../domain/mod.ts";
import {
  orderSteps,
  replan,
  type Replanned,
  type ReplanOptions,
  type ReplanProblem,
} from "../../replanning/mod.ts";
import { aimFields } from "../../scheduling/plans/mod.ts";
import type { ProblemFile } from "../../scheduling/problem_file/mod.ts";
import {
  forecastGain,
  heldConfigurations,
  isSteered,
  type MeanForecast,
  valuePlacement,
} from "../../scheduling/mod.ts";
import type { Clock } from "../../swarm/clock.ts";
import type { DeployReport, Target } from "../../swarm/deploy/deployment.ts";
import { type Lock, takeLock } from "../../swarm/deploy/lock.ts";
import { currentOfStack, ifStill, printOf, type StackNow } from "../../swarm/deploy/stack.ts";
import { planTarget } from "../../swarm/deploy/target.ts";
import type { Engine } from "../../swarm/engine/engine.ts";
import { sha256 } from "../../swarm/names.ts";
import { canonical } from "../../swarm/services/spec.ts";
import type { Proposal, Sight } from "../../swarm/watch/decide.ts";
import { noteName, readNote, writeNote } from "../../swarm/deploy/notes.ts";
import type { Patience } from "../../swarm/deploy/retry.ts";
import { type Entry, type PastAct, readPastActs } from "../../swarm/watch/history.ts";
import type { Asked, World } from "../../swarm/watch/watcher.ts";
import type { CliContext } from "../context.ts";
import * as options from "../options/mod.ts";
import { isTableAlone } from "../output/grounds.ts";
import { Talk } from "../output/progress.ts";
import type { Replanning } from "../replan/load.ts";
import { searchOptions, withReplanning } from "../replan/run.ts";
import { sourceOfNow } from "../replan/source.ts";
import * as swarm from "../swarm/mod.ts";
import type { WatchArguments } from "./options.ts";

/** What a watch of a Swarm needs besides its options. */
export interface Outside {
  readonly engine: Engine;
  readonly clock: Clock;
  /** Who watches, for others who find the stack watched; unique for each run. */
  readonly owner: string;
  readonly note: (entry: Entry) => void;
  /** Makes a target so. */
  readonly deploy: (target: Target) => Promise<DeployReport>;
}

/** The stack that a watch was asked for. */
export class StackWorld implements World {
  readonly note: (entry: Entry) => void;
  /** What the files held at the last look. */
  #seenFiles = "";
  /** What the last proposal was made for, by its print. */
  #found: { readonly print: string; readonly problem: ReplanProblem } | null = null;

  constructor(
    readonly context: CliContext,
    readonly given: WatchArguments,
    readonly outside: Outside,
  ) {
    this.note = outside.note;
  }

  async look(): Promise<Sight> {
    const now = await this.#now();
    const files = await this.#files();
    this.#seenFiles = canonical(files);
    const containers = now.demand.reduce((sum, count) => sum + count, 0);
    const away = [...now.away].map(([name, why]) => `${name} is ${why}`);
    return {
      print: canonical([printOf(now), files]),
      text: `${countOf(now.nodeNames.length, "node")}, ${countOf(containers, "container")}${
        away.length === 0 ? "" : `; ${away.join(", ")}`
      }`,
      nodes: now.nodeNames.length,
      away: now.away.size,
      containers,
    };
  }

  async propose({ maxMoves, pinned }: Asked): Promise<Proposal> {
    const { context, given } = this;
    const now = await this.#now();
    const talk = new Talk(context, true);
    const problemFile = await options.loadProblem(context, talk, given.problem);
    refuseForgotten(now, problemFile);
    let proposal: Proposal | undefined;
    await withReplanning(
      context,
      talk,
      sourceOfNow(now, given.stack),
      given,
      problemFile,
      (_, own) => own(),
      async (problem, loaded) => {
        const must = whatIsWrong(problem);
        const search = searchOptions(context, talk, given);
        const { next, change } = must !== null
          ? withParked(problem, loaded, await replan(problem, { ...search, fewestMoves: true }))
          : await bestWithin(problem, loaded, {
            ...{ ...search, maxMoves },
            pinned: problem.apps.map((app) => pinned.includes(app)),
          });
        this.#found = { print: printOf(now), problem };
        proposal = {
          apps: problem.apps,
          nodeNames: loaded.nodeNames ?? now.nodeNames,
          current: problem.current,
          next,
          change,
          must,
          gain: must === null ? gainOf(problem, loaded, next) : null,
        };
      },
    );
    await this.#refuseOtherFiles();
    return proposal!;
  }

  async carryOut({ next, nodeNames }: Proposal): Promise<void> {
    const { context, given, outside: { engine, deploy } } = this;
    const { print, problem } = this.#found!;
    const talk = new Talk(context, true);
    const services = await swarm.loadRunningServices(context, talk, given, engine);
    await this.#refuseOtherFiles();
    const request = {
      stack: given.stack,
      problem,
      placement: next,
      planFile: "the new placement",
      ...services,
      selection: { names: nodeNames },
      force: given.force === true,
      limits: { cpus: given.cpus, memory: given.memory },
    };
    const target = planTarget(engine, request);
    const { dryRun: _, ...change } = { ...given, rollback: true };
    await swarm.supportPlans(context, talk, change, engine, [request]);
    await deploy(ifStill(engine, target, print, this.#nodes()));
  }

  async lock(): Promise<Lock> {
    const { engine, owner } = this.outside;
    return await takeLock(engine, this.given.stack, owner, this.#patience(), () => {}, "watching");
  }

  async recall(): Promise<PastAct[]> {
    const { stack } = this.given;
    const text = await readNote(this.outside.engine, "watch", stack);
    return text === undefined ? [] : readPastActs(text, `The config ${noteName("watch", stack)}`);
  }

  async remember(acts: readonly PastAct[]): Promise<void> {
    const { given: { stack }, outside: { engine } } = this;
    await writeNote(engine, "watch", stack, JSON.stringify(acts), this.#patience());
  }

  #patience(): Patience {
    const { clock } = this.outside;
    const { signal } = this.context;
    return { clock, deadline: clock.now() + this.given.timeout * 1000, signal };
  }

  /** What is acted on is what has settled, not what was written while it was read. @throws {InputError} */
  async #refuseOtherFiles(): Promise<void> {
    if (canonical(await this.#files()) === this.#seenFiles) return;
    throw new InputError("The files have changed meanwhile: they are looked at again");
  }

  async #now(): Promise<StackNow> {
    return await currentOfStack(this.outside.engine, this.given.stack, this.#nodes());
  }

  #nodes() {
    return { label: this.given.nodeLabel, slots: this.given.slots };
  }

  /** What the files hold that a placement depends on. */
  async #files(): Promise<string[]> {
    const { problem, profile, model, table, services } = this.given;
    const named = [problem, profile, model, table, ...services ?? []].filter((file) =>
      file !== undefined
    );
    return await Promise.all(
      named.map(async (file) => sha256(await this.context.readFile(file))),
    );
  }
}

/** A placement, and what it takes: a container that is parked on the way moves once more. */
type Way = Pick<Proposal, "next" | "change">;

/** The best placement within a number of moves, those counted that only make room. */
async function bestWithin(
  problem: ReplanProblem,
  loaded: Replanning,
  options: ReplanOptions & { readonly maxMoves: number },
): Promise<Way> {
  for (let most = options.maxMoves;;) {
    const found = await replan(problem, { ...options, maxMoves: most });
    const way = withParked(problem, loaded, found);
    const over = way.change.moves - options.maxMoves;
    if (over <= 0 || most === 0) return way;
    most = Math.max(0, found.change.moves - over);
  }
}

function withParked(
  problem: ReplanProblem,
  { current: { lost } }: Replanning,
  { placement, change }: Replanned,
): Way {
  // Room alone decides what waits elsewhere.
  const { simulator: _, ...room } = problem;
  const { parked } = orderSteps(room, problem.current, placement, { lost });
  return { next: placement, change: { ...change, moves: change.moves + parked } };
}

/** What is wrong with what runs; null if it does as it is. */
function whatIsWrong(problem: ReplanProblem): string | null {
  const running = problem.apps.map((_, app) =>
    problem.current.counts.reduce(
      (sum, count, at) => at % problem.apps.length === app ? sum + count : sum,
      0,
    )
  );
  const wrong = problem.demand.findIndex((count, app) => count !== running[app]);
  if (wrong >= 0) {
    return `${running[wrong]} of ${problem.apps[wrong]} run, ${
      problem.demand[wrong]
    } are asked for`;
  }
  try {
    checkPlacement(problem, problem.current);
    return null;
  } catch (error) {
    if (error instanceof MetisError) return error.message;
    throw error;
  }
}

/** A file that was saved by half may lack an app: nothing is stopped for that. @throws {InputError} */
function refuseForgotten({ apps, demand }: StackNow, file: ProblemFile | null): void {
  if (file === null) return;
  const forgotten = apps.find((app, at) => demand[at]! > 0 && !file.apps.includes(app));
  if (forgotten === undefined) return;
  throw new InputError(
    `${forgotten} runs, but ${file.file} does not name it: give it 0 containers there, or deploy a plan without it`,
  );
}

/**
 * By how much the mean is expected to grow, as the objective takes it: weighted, or geometric; null for a model that does not
 * know how sure it is.
 */
function gainOf(
  problem: ReplanProblem,
  { surface, moreSurfaces, aim }: Replanning,
  next: Placement,
): MeanForecast | null {
  if (moreSurfaces.length === 0 && !isSteered(problem)) {
    const [before, after] = [problem.current, next].map(heldConfigurations);
    return forecastGain(surface.model, surface.profile ?? null, before!, after!);
  }
  // Of several surfaces, and of other objectives, it is known only where all are measured.
  if (![surface, ...moreSurfaces].every(isTableAlone)) return null;
  const mean = (placement: Placement): number => {
    const { simulator, weights } = problem;
    const value = valuePlacement(simulator, placement, nodeSurfaces(problem), weights);
    if (problem.objective === "fair") return value.fairness ?? 0;
    return aimFields(aim, problem.apps, { placement, ...value }).weightedMean ?? value.mean;
  };
  const gain = mean(next) - mean(problem.current);
  return { mean: gain, deviation: 0, low: gain, high: gain };
}
