/**
 * What `schedule` and `compare` ask alike: the options, what they load, and the simulators that it is placed by.
 * @module
 */
import {
  type Cluster,
  type InterferenceConstraint,
  maxCapacity,
  type Rules,
} from "../../domain/mod.ts";
import { CautiousModel } from "../../models/mod.ts";
import { type Aim, type Scheduler, type Surface, surfaceFromModel } from "../../scheduling/mod.ts";
import type { Simulator } from "../../sim-wasm/mod.ts";
import type { CliContext } from "../context.ts";
import type { Talk } from "../output/progress.ts";
import { boundOption, gapOption, timeLimitOption } from "./bound.ts";
import { clusterOptions, loadCluster } from "./cluster.ts";
import type { GivenBy } from "./define.ts";
import { demandOptions, type DemandRow, loadDemands } from "./demand.ts";
import { floorOption, loadAim, objectiveOptions } from "./objective.ts";
import { seedOption, verboseOption } from "./output.ts";
import { type Caution, checkRisk, riskOption } from "./risk.ts";
import { ruleOptions, rulesOf } from "./rules.ts";
import { baselineOptions, loadConstraints, ownParameters } from "./schedulers.ts";
import { appsOption, loadSurface, surfaceOptions } from "./surface.ts";

/** What is placed on which nodes, and what values it. */
export const problemOptions = () =>
  [...surfaceOptions(), appsOption(), ...clusterOptions(), ...demandOptions()] as const;

/** How it is placed. */
export const placingOptions = () =>
  [
    ...baselineOptions(),
    ...objectiveOptions(),
    floorOption(),
    riskOption(),
    ...ruleOptions(),
    seedOption(),
    timeLimitOption(),
    gapOption(),
    boundOption(),
    verboseOption(),
  ] as const;

/** Values of {@link problemOptions} and {@link placingOptions}. */
export type PlacingOptions = GivenBy<typeof problemOptions> & GivenBy<typeof placingOptions>;

/** Demands and how to place them, loaded and checked. */
export interface Placing {
  readonly surface: Surface;
  readonly cluster: Cluster;
  /** Slots of the largest node. */
  readonly capacity: number;
  readonly rules: Rules;
  readonly demands: readonly DemandRow[];
  readonly schedulers: readonly Scheduler[];
  /** For the schedulers that work by constraints; undefined if none does and none were given. */
  readonly constraints: readonly InterferenceConstraint[] | undefined;
  readonly aim: Aim;
  /** What a scheduler is told by options of its own. */
  readonly parametersOf: (scheduler: Scheduler) => Record<string, string | number | boolean>;
}

/**
 * Loads what the options name.
 * @param rows Rows of the file of demands; undefined means all of them.
 * @param choose The schedulers, by the number of apps and the slots of the largest node.
 * @throws {UsageError | InputError} for options that do not go together, and for files that cannot be used.
 */
export async function loadPlacing(
  context: CliContext,
  talk: Talk,
  given: PlacingOptions,
  rows: readonly number[] | undefined,
  choose: (apps: number, capacity: number) => readonly Scheduler[],
): Promise<Placing> {
  const cluster = await loadCluster(context, talk, given);
  const capacity = maxCapacity(cluster);
  const surface = await loadSurface(context, talk, given, capacity);
  const { apps } = surface;
  const schedulers = choose(apps.length, capacity);
  const demands = await loadDemands(context, given, rows, apps);
  const parametersOf = ownParameters(given, schedulers);
  const constraints = await loadConstraints(context, talk, given, surface, capacity, schedulers);
  const aim = loadAim(context, surface, given);
  checkRisk(given.risk, schedulers, aim);
  const rules = rulesOf(given, apps);
  return { surface, cluster, capacity, rules, demands, schedulers, constraints, aim, parametersOf };
}

/** What placements are valued and planned by. */
export interface Simulators {
  /** Values placements. */
  readonly simulator: Simulator;
  /** With `--risk`. */
  readonly caution: Caution | null;
}

/** Makes the simulators, and disposes of them after their use. @param risk As `--risk` gives it. */
export async function withSimulators<Result>(
  context: CliContext,
  talk: Talk,
  { surface, capacity, aim }: Placing,
  risk: number | undefined,
  use: (simulators: Simulators) => Promise<Result>,
): Promise<Result> {
  const onProgress = talk.predicting;
  using made = new DisposableStack();
  const make = (simulator: () => Simulator): Simulator => {
    const one = context.blocking(simulator);
    made.defer(() => one.dispose());
    return one;
  };
  try {
    const { limits, floors = [] } = aim;
    const simulator = make(() => surface.simulator(capacity, { limits, floors, onProgress }));
    const caution = risk === undefined ? null : {
      risk,
      simulator: make(() =>
        surfaceFromModel(new CautiousModel(surface.model, risk), surface)
          .simulator(capacity, { floors, onProgress })
      ),
    };
    return await use({ simulator, caution });
  } finally {
    talk.clear();
  }
}
