/**
 * Several schedulers on several demands, measured against one bound per demand: what `compare` and
 * `start` share.
 * @module
 */
import {
  type Cluster,
  type Demand,
  InfeasibleError,
  type InterferenceConstraint,
  nodeSurfaces,
  printable,
  type Resources,
  type Rules,
  UnsupportedError,
} from "../domain/mod.ts";
import {
  type Aim,
  type Grounds,
  groundsOf,
  problemOn,
  type Scheduler,
  type SchedulingProblem,
  type Surface,
} from "../scheduling/mod.ts";
import {
  type AimFields,
  aimFields,
  type NodeGroup,
  type PlanValue,
  planValue,
} from "../scheduling/plans/mod.ts";
import type { Simulator } from "../sim-wasm/mod.ts";
import { breakdownOf, renderBreakdown } from "./output/breakdown.ts";
import { type ViolationFields, violationFields } from "./options/schedulers.ts";
import type { CliContext } from "./context.ts";
import { sparkline } from "./output/plots/sparkline.ts";
import type { Talk } from "./output/progress.ts";
import { type Column, renderTable, type TableLayout, wrapText } from "./output/table.ts";
import {
  type BoundOptions,
  boundTotal,
  type Caution,
  type CautiousRun,
  type DemandRow,
  objectiveBound,
  runWithCaution,
} from "./options/mod.ts";
import { type GroundsOf, tellGuesses } from "./output/grounds.ts";
import { gapText, meanText, secondsText, worstAppText, worstText } from "./output/figures.ts";

/** One scheduler on one demand, in the field names of `--json`. */
export type ComparisonResult =
  & {
    /** Row of the file of demands, or null for `--demand`. */
    readonly row: number | null;
    readonly scheduler: string;
    readonly demand: Demand;
  }
  & (
    | (
      & PlanValue
      & Partial<ViolationFields>
      & AimFields
      & Partial<Grounds>
      & {
        /** Deviations that it was planned below the mean, where any. */
        readonly risk?: number;
        readonly seconds: number;
        readonly error: null;
        /** What nodes hold, with `--verbose`. */
        readonly breakdown?: readonly NodeGroup[];
      }
    )
    /** The scheduler refused the problem or found nothing: `error` says why. */
    | { readonly error: string }
  );

/** What is compared on what. */
export interface Comparison {
  readonly simulator: Simulator;
  /** What the simulator is of, where results are to say what they rest on. */
  readonly surface?: Surface;
  readonly cluster: Cluster;
  readonly rules: Rules;
  /** What one container of each app takes, besides its slot. */
  readonly needs?: readonly Resources[] | undefined;
  readonly demands: readonly DemandRow[];
  readonly schedulers: readonly Scheduler[];
  /** For the schedulers that work by constraints; every placement is then also measured by them. */
  readonly constraints?: readonly InterferenceConstraint[] | undefined;
  /** What the schedulers plan by that look at predictions; without it, the simulator. */
  readonly caution?: Caution | null;
  /** Objective and latency limits; without it, throughput and none. */
  readonly aim?: Aim;
}

/** What every run of a comparison is told. */
export interface ComparisonOptions extends BoundOptions {
  readonly seed: number;
  readonly gap?: number | undefined;
  /** Add what nodes hold. @default false */
  readonly verbose?: boolean | undefined;
  /** What a scheduler is told besides. */
  readonly parametersOf?: (scheduler: Scheduler) => Record<string, string | number | boolean>;
}

/** Runs every scheduler on every demand, one after the other, so that seconds can be compared. */
export async function compareSchedulers(
  context: CliContext,
  talk: Talk,
  comparison: Comparison,
  options: ComparisonOptions,
): Promise<ComparisonResult[]> {
  const { simulator, surface, cluster, rules, needs, demands, constraints, aim, caution = null } =
    comparison;
  const { schedulers } = comparison;
  const results: ComparisonResult[] = [];
  const placements: GroundsOf[] = [];
  const steps = demands.length * schedulers.length;
  let done = 0;
  for (const { row, demand } of demands) {
    const problem = problemOn(simulator, {
      cluster,
      demand,
      rules,
      needs,
      objective: aim?.objective,
      weights: aim?.weights,
      constraints,
    });
    const runs: (CautiousRun | Refusal)[] = [];
    for (const scheduler of schedulers) {
      const text = nameOf(scheduler.name, row);
      talk.step({ fraction: done++ / steps, text });
      context.signal.throwIfAborted();
      runs.push(await runOrRefusal(context, talk, scheduler, problem, caution, options, text));
    }
    const known = runs.flatMap((run) =>
      "refusal" in run || run.boundTotal === undefined ? [] : [run.boundTotal]
    );
    const bound = runs.every((run) => "refusal" in run)
      ? null
      : await boundTotal(context, talk, problem, options, known);
    const boundObjective = runs.every((run) => "refusal" in run) ? null : await objectiveBound(
      context,
      talk,
      problem,
      options,
      runs.flatMap((run) => "refusal" in run ? [] : run.boundObjective ?? []),
    );
    for (const run of runs) {
      if ("refusal" in run) {
        results.push({ row, scheduler: run.scheduler, demand, error: run.refusal });
        continue;
      }
      const rests = surface === undefined || simulator.models.length > 1
        ? null
        : groundsOf(surface, run.placement);
      if (rests !== null) placements.push({ ...rests, whose: nameOf(run.scheduler, row) });
      results.push({
        row,
        scheduler: run.scheduler,
        demand,
        ...planValue(problem, run, bound),
        ...rests?.grounds,
        ...(run.risk === undefined ? {} : { risk: run.risk }),
        ...(aim === undefined ? {} : aimFields(aim, problem.apps, run, boundObjective)),
        ...violationFields(constraints, run.placement),
        ...(options.verbose
          ? { breakdown: breakdownOf(simulator, run.placement, nodeSurfaces(problem)) }
          : {}),
        seconds: run.seconds,
        error: null,
      });
    }
  }
  talk.clear();
  tellGuesses(talk, simulator.apps, placements);
  return results;
}

function nameOf(scheduler: string, row: number | null): string {
  return `${scheduler}${row === null ? "" : `, row ${row}`}`;
}

/** The results as a table for people, with the means over the demands where there are several. */
export function renderComparison(
  results: readonly ComparisonResult[],
  layout: TableLayout,
): string {
  const rows = [...new Set(results.map(({ row }) => row))];
  const columns = comparisonColumns(results);
  const table = renderTable(
    rows.length === 1 ? columns : [columns[0]!, {
      title: "Row",
      align: "right",
      cell: ({ row }) => `${row}`,
    }, ...columns.slice(1)],
    results,
    layout,
  );
  const refusals = new Set(
    results.flatMap((result) =>
      result.error === null ? [] : [`${result.scheduler}: ${result.error}`]
    ),
  );
  const parts = [
    table,
    ...[...refusals].map((text) => wrapText(printable(text), layout.width) + "\n"),
  ];
  if (rows.length > 1) {
    parts.push(`Over all ${rows.length} demands:\n${renderMeans(results, layout)}`);
  }
  return parts.join("\n");
}

/** What nodes hold under each scheduler, for people; empty without `--verbose`. */
export function renderBreakdowns(
  apps: readonly string[],
  results: readonly ComparisonResult[],
  layout: TableLayout,
): string {
  return results.flatMap((result) => {
    if (result.error !== null || result.breakdown === undefined) return [];
    const name = nameOf(result.scheduler, result.row);
    return [`\n${name}:\n${renderBreakdown(apps, result.breakdown, layout)}`];
  }).join("");
}

interface Refusal {
  readonly scheduler: string;
  readonly refusal: string;
}

async function runOrRefusal(
  context: CliContext,
  talk: Talk,
  scheduler: Scheduler,
  problem: SchedulingProblem,
  caution: Caution | null,
  options: ComparisonOptions,
  text: string,
): Promise<CautiousRun | Refusal> {
  try {
    return await runWithCaution(scheduler, problem, caution, {
      seed: options.seed,
      signal: context.signal,
      parameters: options.parametersOf?.(scheduler) ?? {},
      onProgress: (step) => talk.step({ fraction: step.fraction, text: `${text}: ${step.text}` }),
      ...(options.timeLimit === undefined ? {} : { timeLimit: options.timeLimit }),
      ...(options.gap === undefined ? {} : { gap: options.gap }),
    });
  } catch (error) {
    // One scheduler that does not take the problem must not hide what the others do.
    if (error instanceof UnsupportedError || error instanceof InfeasibleError) {
      return { scheduler: scheduler.name, refusal: error.message };
    }
    throw error;
  }
}

/** True where gaps and proofs are those of a model, not of measured values. */
function isUnderModel(results: readonly ComparisonResult[]): boolean {
  return results.some((result) => result.error === null && result.provenUnder === "model");
}

function comparisonColumns(
  results: readonly ComparisonResult[],
): Column<ComparisonResult>[] {
  const violations: Column<ComparisonResult> = {
    title: "Constraint violations",
    align: "right",
    cell: (result) => result.error === null ? `${result.violations ?? "-"}` : "-",
  };
  const measured = results.some((result) =>
    result.error === null && result.violations !== undefined
  );
  return [
    { title: "Scheduler", align: "left", cell: ({ scheduler }) => scheduler },
    {
      title: "Mean normalised throughput",
      align: "right",
      cell: (result) => result.error === null ? meanText(result.mean) : "refused",
    },
    {
      title: isUnderModel(results) ? "Gap under the model" : "Gap to the optimum",
      align: "right",
      cell: (result) => result.error === null ? gapText(withoutGrounds(result)) : "-",
    },
    {
      title: "Worst app",
      align: "right",
      cell: (result) => result.error === null ? worstAppText(result.perApp) : "-",
    },
    {
      title: "Worst container",
      align: "right",
      cell: (result) => result.error === null ? worstText(result.worst) : "-",
    },
    ...(measured ? [violations] : []),
    {
      title: "Seconds",
      align: "right",
      cell: (result) => result.error === null ? secondsText(result.seconds) : "-",
    },
  ];
}

/** Only the gap: the title of the column says what it is proven under. */
function withoutGrounds({ gap, proven }: PlanValue): { gap: number | null; proven: boolean } {
  return { gap, proven };
}

interface SchedulerMeans {
  readonly scheduler: string;
  readonly placed: number;
  readonly mean: number;
  readonly gap: number | null;
  /** True if every placement is proven optimal. */
  readonly proven: boolean;
  readonly seconds: number;
  /** Throughput of each demand, in their order. */
  readonly each: readonly number[];
}

function renderMeans(results: readonly ComparisonResult[], layout: TableLayout): string {
  const means = [...new Set(results.map(({ scheduler }) => scheduler))].map(
    (scheduler): SchedulerMeans => {
      const placed = results.flatMap((result) =>
        result.scheduler === scheduler && result.error === null ? [result] : []
      );
      const gaps = placed.flatMap(({ gap }) => gap === null ? [] : [gap]);
      return {
        scheduler,
        placed: placed.length,
        mean: average(placed.map(({ mean }) => mean)),
        gap: gaps.length < placed.length ? null : average(gaps),
        proven: placed.every(({ proven }) => proven),
        seconds: average(placed.map(({ seconds }) => seconds)),
        each: placed.map(({ mean }) => mean),
      };
    },
  );
  const all = means.flatMap(({ each }) => each);
  const range = [Math.min(...all), Math.max(...all)] as const;
  return renderTable<SchedulerMeans>(
    [
      { title: "Scheduler", align: "left", cell: ({ scheduler }) => scheduler },
      { title: "Placed", align: "right", cell: ({ placed }) => `${placed}` },
      { title: "Mean", align: "right", cell: ({ placed, mean }) => placed ? meanText(mean) : "-" },
      {
        title: isUnderModel(results) ? "Mean gap under the model" : "Mean gap",
        align: "right",
        cell: (means) => means.placed ? gapText(means) : "-",
      },
      {
        title: "Mean seconds",
        align: "right",
        cell: ({ placed, seconds }) => placed ? secondsText(seconds) : "-",
      },
      {
        title: "Throughput of each demand",
        align: "left",
        cell: ({ each }) => sparkline(each, 30, range),
      },
    ],
    means,
    layout,
  );
}

function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}
