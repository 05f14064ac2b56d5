import {
  type InterferenceConstraint,
  nodeSurfaces,
  type Placement,
  SolverError,
} from "../../domain/mod.ts";
import { Deadline, type ScheduleOptions, type SchedulingProblem } from "../../scheduling/mod.ts";
import type { Formulation } from "../columns/mod.ts";
import { placementViolations } from "../constraints/mod.ts";
import type { MilpSolver } from "../milp/mod.ts";
import type { MedeaAnswer } from "./answer.ts";
import { possibleColumns, relaxViolations } from "./configuration_formulation.ts";
import { configurationProgram, readConfigurations } from "./configuration_program.ts";
import type { SecondObjective } from "./parameters.ts";

/** The better placement, in violations as good as the first. */
export interface SecondAnswer {
  readonly placement: Placement;
  /** Total throughput, nodes in use, or sum of the squares of the nodes' containers. */
  readonly value: number;
  /** True if no placement of these violations is better in this. */
  readonly proven: boolean;
}

/**
 * Among all placements with no more violations than the first answer's: the one of highest throughput, or of
 * fewest nodes, or of the most even load (least sum of squares of the containers on each node). Lexicographic:
 * a row of the program holds the violations, and only configurations that such a placement can contain
 * (reduced cost fixing against the relaxation of the first program) are looked at.
 */
export async function improveSecond(
  problem: SchedulingProblem,
  constraints: readonly InterferenceConstraint[],
  first: MedeaAnswer,
  objective: SecondObjective,
  options: ScheduleOptions,
  solver: MilpSolver,
): Promise<SecondAnswer> {
  using relaxed = await relaxViolations(problem, constraints, new Deadline(options));
  const { formulation } = relaxed;
  const { columns, complete } = possibleColumns(relaxed, constraints, first.violations);
  const { timeLimit, gap, seed = 1, signal } = options;
  options.onProgress?.({ fraction: null, text: `second program, ${columns.length} columns` });
  const answer = await solver.solve(
    configurationProgram(
      formulation,
      columns,
      objective === "throughput" ? "maximise" : "minimise",
      Float64Array.from(
        columns,
        ({ group, counts }) =>
          valueOf(problem, objective, counts, surfaceOfGroup(formulation, group)),
      ),
      first.violations,
    ),
    {
      timeLimit,
      relativeGap: gap,
      signal,
      // Nodes and squares are whole numbers: a smaller gap is none.
      absoluteGap: objective === "throughput" ? 1e-7 : 1 - 1e-6,
      seed,
    },
  );
  if (answer.solution === undefined) {
    return {
      placement: first.placement,
      value: placementValue(problem, objective, first.placement),
      proven: false,
    };
  }
  const placement = readConfigurations(formulation, columns, answer.solution);
  const { weighted } = placementViolations(constraints, placement);
  if (weighted > first.violations + 1e-6) {
    throw new SolverError(`HiGHS exceeded ${first.violations} violations in its second answer`);
  }
  return {
    placement,
    value: placementValue(problem, objective, placement),
    proven: first.proven && complete && answer.status === "optimal",
  };
}

/** Index of the surface that values the nodes of a group. */
function surfaceOfGroup({ groups, families, spaces }: Formulation, group: number): number {
  return spaces[families[groups[group]!.family]!.space]!.surface ?? 0;
}

function valueOf(
  problem: SchedulingProblem,
  objective: SecondObjective,
  counts: Uint8Array,
  surface: number,
): number {
  const held = counts.reduce((sum, count) => sum + count, 0);
  if (objective === "throughput") return problem.simulator.throughput(counts, 0, surface);
  return objective === "fewest-nodes" ? Math.min(held, 1) : held * held;
}

function placementValue(
  problem: SchedulingProblem,
  objective: SecondObjective,
  { nodes, apps, counts }: Placement,
): number {
  const surfaces = nodeSurfaces(problem);
  let value = 0;
  for (let node = 0; node < nodes; node++) {
    const held = counts.subarray(node * apps, (node + 1) * apps);
    value += valueOf(problem, objective, held, surfaces?.[node] ?? 0);
  }
  return value;
}
