/**
 * What fairness costs: `compare --frontier` and the line of `start`.
 * @module
 */
import { bestAboveFloor, solveFrontier } from "../baselines/optimal/frontier.ts";
import { InfeasibleError, nodeSurfaces } from "../domain/mod.ts";
import { type ScheduleOptions, type SchedulingProblem, valuePlacement } from "../scheduling/mod.ts";
import { type PlanValue, planValue } from "../scheduling/plans/mod.ts";
import { gapText, meanText, worstAppText, worstText } from "./output/figures.ts";
import { renderTable, type TableLayout } from "./output/table.ts";

/** The best placement above a floor, in the field names of `--json`. `bound` and `gap` are those of placements that keep it. */
export interface FrontierRow extends PlanValue {
  /** Normalised RPS that every container keeps; 0 = no floor. */
  readonly floor: number;
}

/** The front of the mean against the slowest container, valued. @param points Floors, at least 2. */
export async function frontierRows(
  problem: SchedulingProblem,
  points: number,
  options: ScheduleOptions,
): Promise<FrontierRow[]> {
  const front = await solveFrontier(problem, { ...options, points });
  return front.map(({ floor, placement, boundTotal }) => ({
    floor,
    ...planValue(
      problem,
      valuePlacement(problem.simulator, placement, nodeSurfaces(problem)),
      boundTotal,
    ),
  }));
}

/**
 * What a floor under every container costs, of the best mean known.
 * @returns null if no placement keeps it, or none was found in the time.
 */
export async function costOfFloor(
  problem: SchedulingProblem,
  floor: number,
  bestMean: number,
  options: ScheduleOptions,
): Promise<(FrontierRow & { readonly cost: number }) | null> {
  try {
    const { placement, boundTotal } = await bestAboveFloor(problem, floor, options);
    const value = valuePlacement(problem.simulator, placement, nodeSurfaces(problem));
    const row = { floor, ...planValue(problem, value, boundTotal) };
    return { ...row, cost: Math.max(0, 1 - row.mean / bestMean) };
  } catch (error) {
    if (error instanceof InfeasibleError) return null;
    throw error;
  }
}

/** The front as a table for people. */
export function renderFrontier(rows: readonly FrontierRow[], layout: TableLayout): string {
  const best = rows[0]?.mean ?? 0;
  return `Best mean with a floor under every container:\n${
    renderTable<FrontierRow>(
      [
        {
          title: "Floor",
          align: "right",
          cell: ({ floor }) => floor === 0 ? "none" : floor.toFixed(4),
        },
        { title: "Mean", align: "right", cell: ({ mean }) => meanText(mean) },
        { title: "Gap", align: "right", cell: gapText },
        { title: "Cost", align: "right", cell: ({ mean }) => costText(1 - mean / best) },
        { title: "Worst app", align: "right", cell: ({ perApp }) => worstAppText(perApp) },
        { title: "Worst container", align: "right", cell: ({ worst }) => worstText(worst) },
      ],
      rows,
      layout,
    )
  }`;
}

/** A share of the mean that is given up, for people. */
export function costText(share: number): string {
  return `${(Math.max(0, share) * 100).toFixed(1)} %`;
}
