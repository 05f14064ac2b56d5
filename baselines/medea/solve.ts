import { UnsupportedError } from "../../domain/mod.ts";
import type { ScheduleOptions, ScheduleResult, SchedulingProblem } from "../../scheduling/mod.ts";
import { constraintsOf, placementViolations } from "../constraints/mod.ts";
import { HighsSolver, type MilpSolver } from "../milp/mod.ts";
import { type MedeaAnswer, violationGap } from "./answer.ts";
import { solveByConfigurations } from "./configuration_formulation.ts";
import { solveByContainers } from "./container_formulation.ts";
import { medeaParameters } from "./parameters.ts";
import { improveSecond } from "./second_objective.ts";
import { solveWithoutTable } from "./without_table.ts";

/** Configurations from which on the relaxation takes long enough to load HiGHS meanwhile. */
const FEW_CONFIGURATIONS = 500;

/** Solves a problem by Medea, see `medea`. */
export async function solveMedea(
  problem: SchedulingProblem,
  options: ScheduleOptions,
): Promise<ScheduleResult> {
  const parameters = medeaParameters(options);
  const { formulation, then } = parameters;
  if (then !== undefined && !problem.simulator.dense) {
    throw new UnsupportedError(
      "Parameter then needs a table of all configurations, and there are too many: leave it out",
    );
  }
  const constraints = constraintsOf(problem);
  const highs = new HighsSolver();
  // Small problems are often solved without it, before it is loaded.
  if (problem.simulator.configurations > FEW_CONFIGURATIONS) highs.warmUp();
  const solver = logging(highs, options.onSolverLog);
  const started = performance.now();
  try {
    const solve = formulation === "container"
      ? solveByContainers
      : problem.simulator.dense
      ? solveByConfigurations
      : solveWithoutTable;
    const first = await solve(problem, constraints, { ...options, ...parameters }, solver);
    const left = (options.timeLimit ?? Infinity) - (performance.now() - started) / 1000;
    const second = then === undefined || left <= 0 || options.signal?.aborted
      ? undefined
      : await improveSecond(problem, constraints, first, then, {
        ...options,
        ...(Number.isFinite(left) ? { timeLimit: left } : {}),
      }, solver);
    const placement = second?.placement ?? first.placement;
    const { unweighted, ratio } = placementViolations(constraints, placement);
    return {
      placement,
      details: {
        formulation: solve === solveWithoutTable ? withoutTableName(first) : formulation,
        constraints: constraints.length,
        violations: first.violations,
        violationsUnweighted: unweighted,
        violationRatio: ratio,
        violationBound: first.bound,
        violationGap: violationGap(first),
        violationsProven: first.proven,
        columns: first.columns,
        branches: first.branches,
        ...(then === undefined ? {} : {
          then,
          thenProven: second?.proven ?? false,
          ...(second === undefined ? {} : { thenValue: second.value }),
        }),
      },
    };
  } finally {
    highs.close();
  }
}

/** What found the answer: the published program, or what went before. */
function withoutTableName({ columns }: MedeaAnswer): "container" | "search" {
  return columns > 0 ? "container" : "search";
}

/** A solver that hands its log on, where somebody wants it. */
function logging(solver: MilpSolver, onLog: ScheduleOptions["onSolverLog"]): MilpSolver {
  if (onLog === undefined) return solver;
  return {
    async solve(model, options) {
      const answer = await solver.solve(model, { ...options, log: true });
      onLog(answer.log);
      return answer;
    },
    write: (model, format) => solver.write(model, format),
    close: () => solver.close(),
  };
}
