/**
 * What `schedule` and `compare` ask alike: the options, how it is placed, and the simulators that it is placed by.
 * @module
 */
import { type InterferenceConstraint, maxCapacity } from "../../domain/mod.ts";
import { CautiousModel } from "../../models/mod.ts";
import { type Aim, type Scheduler, type Surface, surfaceFromModel } from "../../scheduling/mod.ts";
import type { ProblemFile } from "../../scheduling/problem_file/mod.ts";
import type { Simulator } from "../../sim-wasm/mod.ts";
import type { CliContext } from "../context.ts";
import type { Talk } from "../output/progress.ts";
import { type Asked, type Ground, loadAsked, type problemOptions } from "./asked.ts";
import { boundOption, gapOption, timeLimitOption } from "./bound.ts";
import type { GivenBy } from "./define.ts";
import {
  type Floor,
  floorOption,
  loadAim,
  type ObjectiveOptions,
  objectiveOptions,
} from "./objective.ts";
import { seedOption, verboseOption } from "./output.ts";
import { type Caution, checkRisk, riskOption } from "./risk.ts";
import { ruleOptions } from "./rules.ts";
import { baselineOptions, loadConstraints, ownParameters } from "./schedulers.ts";

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
export interface Placing extends Asked {
  /** Slots of the largest node. */
  readonly capacity: number;
  readonly schedulers: readonly Scheduler[];
  /** For the schedulers that work by constraints; undefined if none does and none were given. */
  readonly constraints: readonly InterferenceConstraint[] | undefined;
  readonly aim: Aim;
  /** What a scheduler is told by options of its own. */
  readonly parametersOf: (scheduler: Scheduler) => Record<string, string | number | boolean>;
}

/**
 * Loads what the options name, or the problem file.
 * @param problem What `--problem` names; what options say besides comes before it.
 * @param rows Rows of the file of demands; undefined means all of them.
 * @param choose The schedulers, by the surface and the slots of the largest node.
 * @throws {UsageError | InputError} for options that do not go together, and for files that cannot be used.
 */
export async function loadPlacing(
  context: CliContext,
  talk: Talk,
  given: PlacingOptions,
  problem: ProblemFile | null,
  rows: readonly number[] | undefined,
  choose: (surface: Surface, capacity: number) => readonly Scheduler[],
): Promise<Placing> {
  const asked = await loadAsked(context, talk, given, problem, rows);
  const { surface, cluster } = asked;
  const capacity = maxCapacity(cluster);
  const schedulers = choose(surface, capacity);
  const parametersOf = ownParameters(given, schedulers);
  const constraints = await loadConstraints(context, talk, given, surface, capacity, schedulers);
  const aim = aimOf(context, given, asked, problem);
  checkRisk(given.risk, schedulers, aim);
  return { ...asked, capacity, schedulers, constraints, aim, parametersOf };
}

/** The options about what a placement is to reach. */
type AimOptions = Partial<ObjectiveOptions> & { readonly floor?: readonly Floor[] | undefined };

/** What a placement is to reach, by the options and, where they say nothing, by the problem file. */
export function aimOf(
  context: CliContext,
  given: AimOptions,
  { surface, moreSurfaces, weights }: Ground,
  problem: ProblemFile | null,
): Aim {
  return {
    ...loadAim(context, surface, problem === null ? given : aimOfFile(given, problem)),
    // Of the other nodes it would tell what is not so.
    ...(moreSurfaces.length === 0 ? {} : { latency: null }),
    ...(weights === undefined ? {} : { weights }),
  };
}

/** The options about the aim, with those of the file where they say nothing. */
function aimOfFile(given: AimOptions, file: ProblemFile): AimOptions {
  const floors = file.apps.flatMap((app, at): Floor[] => {
    const rps = file.floors[at] ?? null;
    return rps === null ? [] : [{ app, rps }];
  });
  return {
    ...given,
    objective: given.objective ?? file.objective,
    floor: given.floor ?? floors,
  };
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
  { surface, moreSurfaces, capacity, aim }: Pick<
    Placing,
    "surface" | "moreSurfaces" | "capacity" | "aim"
  >,
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
    const simulator = make(() =>
      surface.simulator(capacity, { limits, floors, more: moreSurfaces, onProgress })
    );
    const caution = risk === undefined ? null : {
      risk,
      simulator: make(() => {
        const cautious = (one: Surface) =>
          surfaceFromModel(new CautiousModel(one.model, risk), one);
        const more = moreSurfaces.map(cautious);
        return cautious(surface).simulator(capacity, { floors, more, onProgress });
      }),
    };
    return await use({ simulator, caution });
  } finally {
    talk.clear();
  }
}
