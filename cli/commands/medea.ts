import { Command, type CommandUnknownOpts, Option } from "@commander-js/extra-typings";
import {
  deriveConstraints,
  placementViolations,
  readConstraints,
  violationModel,
} from "../../baselines/constraints/mod.ts";
import { medea, SECOND_OBJECTIVES } from "../../baselines/medea/mod.ts";
import { DEFAULT_PROFILE } from "../../datasets/mod.ts";
import {
  countOf,
  type Demand,
  inAppOrder,
  type InterferenceConstraint,
  type InterferenceModel,
  InterruptedError,
  maxCapacity,
  nodeCount,
  placementRows,
  type Profile,
  uniformCluster,
  UsageError,
} from "../../domain/mod.ts";
import { readDemands, selectDemands } from "../../profiles/mod.ts";
import {
  problemOn,
  type ProblemParts,
  runScheduler,
  type ScheduleRun,
  type SchedulingProblem,
  type Surface,
  surfaceFromModel,
  surfaceFromProfile,
} from "../../scheduling/mod.ts";
import type { Simulator } from "../../sim-wasm/mod.ts";
import { type CliContext, printJson, readText, wantsColor } from "../context.ts";
import { loadBundledProfile } from "../datasets.ts";
import { act, type GivenBy } from "../options/define.ts";
import * as options from "../options/mod.ts";
import { Talk } from "../output/progress.ts";
import { renderTable } from "../output/table.ts";
import { denoFiles } from "../training/deno_files.ts";
import { loadProfile } from "../options/mod.ts";

/** One line of the summary. */
interface MedeaRow {
  readonly row: number;
  readonly containers: number;
  readonly violations: number;
  readonly violationRatio: number;
  readonly bound: number;
  readonly proven: boolean;
  readonly seconds: number;
  readonly allocation: string;
}

/** Writes the files of a run: only their names and texts are decided here. */
export interface ResultWriter {
  makeDirectory(path: string): Promise<void>;
  write(path: string, text: string): Promise<void>;
}

/** Options of `metis medea`. */
const medeaOptions = () =>
  [
    options.problemOption(),
    options.demandsOption(),
    options.rowsOption(),
    options.nodesOption(),
    new Option("--capacity <slots>", "slots of each node (default: 8)")
      .argParser(options.whole(1, 255)),
    options.constraintsOption(),
    new Option("--profile <file>", "measured profile to derive constraints from"),
    ...options.unitOptions(),
    options.formulationOption(),
    new Option("--then <objective>", `second objective: ${SECOND_OBJECTIVES.join(", ")}`),
    options.seedOption(),
    options.timeLimitOption(),
    options.gapOption(),
    new Option("--solver-log", "show the solver's log on standard error"),
    new Option("--out <folder>", "folder for the CSV files").default("medea-results"),
    ...options.outputOptions(),
  ] as const;
type MedeaArguments = GivenBy<typeof medeaOptions>;

/** The command `metis medea`, and all that `cli/medea.ts` does. */
export function command(
  context: CliContext,
  writer: ResultWriter = diskWriter(context),
): CommandUnknownOpts {
  return act(
    new Command("medea")
      .description(
        "Places demands with the fewest violations of affinity and anti-affinity constraints.",
      ),
    medeaOptions(),
    (given) => runMedea(context, writer, given),
  );
}

function diskWriter(context: CliContext): ResultWriter {
  return {
    async makeDirectory(path) {
      await denoFiles({}).makeDirectory(path);
    },
    write: (path, text) => context.writeFile(path, text),
  };
}

async function runMedea(
  context: CliContext,
  writer: ResultWriter,
  given: MedeaArguments,
): Promise<void> {
  const talk = new Talk(context, given.quiet === true);
  const { simulator, parts, constraints, demands, nodes, capacity } = given.problem === undefined
    ? await askedByOptions(context, talk, given)
    : await askedByFile(context, talk, given, given.problem);
  const { apps } = simulator;
  await writer.makeDirectory(given.out);
  const parameters = {
    ...(given.formulation === undefined ? {} : { formulation: given.formulation }),
    ...(given.then === undefined ? {} : { then: given.then }),
  };
  const results: MedeaRow[] = [];
  for (const [at, { row, demand }] of demands.entries()) {
    if (context.signal.aborted) break;
    talk.step({ fraction: at / demands.length, text: `row ${row}` });
    const problem = problemOn(simulator, { ...parts, demand, constraints });
    const run = await runScheduler(medea, problem, {
      seed: given.seed,
      signal: context.signal,
      parameters,
      ...(given.timeLimit === undefined ? {} : { timeLimit: given.timeLimit }),
      ...(given.gap === undefined ? {} : { gap: given.gap }),
      ...(given.solverLog ? { onSolverLog: (text: string) => context.stderr.write(text) } : {}),
    });
    const allocation = `${given.out}/allocation-${row}.csv`;
    await writer.write(allocation, allocationText(apps, run));
    results.push(resultRow(row, constraints, problem, run, allocation));
    await writer.write(`${given.out}/summary.csv`, summaryText(results));
  }
  talk.clear();
  if (given.json) {
    printJson(context, { apps, nodes, capacity, results });
  } else {
    const layout = { width: context.stdout.columns, color: wantsColor(context, context.stdout) };
    context.stdout.write(renderSummary(results, layout));
  }
  talk.notice(`Wrote ${given.out}/summary.csv and ${results.length} allocations`);
  if (context.signal.aborted) {
    throw new InterruptedError(
      `Interrupted after ${results.length} of ${
        countOf(demands.length, "demand")
      }, kept in ${given.out}: ` +
        "resume with the --rows that are left, into another --out",
    );
  }
}

/** What is placed where, and by which constraints. */
interface Asked {
  readonly simulator: Simulator;
  readonly parts: Omit<ProblemParts, "demand" | "constraints">;
  readonly constraints: readonly InterferenceConstraint[];
  readonly demands: readonly { readonly row: number; readonly demand: Demand }[];
  readonly nodes: number;
  /** Slots of the largest node. */
  readonly capacity: number;
}

async function askedByOptions(
  context: CliContext,
  talk: Talk,
  given: MedeaArguments,
): Promise<Asked> {
  const { demands: file, nodes, capacity = 8 } = given;
  if (file === undefined || nodes === undefined) {
    throw new UsageError(
      "Say what to place and where: --demands FILE and --nodes COUNT, or --problem FILE",
    );
  }
  const table = readDemands(await readText(context, file), file);
  const { apps } = table;
  const measured = await surfaceOf(context, talk, given, apps, capacity);
  const constraints = given.constraints === undefined
    ? deriveConstraints({ apps, ...measured! }, capacity)
    : readConstraints(await readText(context, given.constraints), apps, given.constraints)
      .constraints;
  if (given.then === "throughput" && measured === null) {
    throw new UsageError(
      "--then throughput needs to know the throughput: give --profile FILE beside --constraints, or --problem FILE",
    );
  }
  // Violations alone need no measured throughput.
  const surface = given.then === "throughput"
    ? measured!.surface
    : surfaceFromModel(violationModel(apps, constraints), { source: "constraints" });
  const simulator = context.blocking(() => surface.simulator(capacity));
  return {
    simulator,
    parts: { cluster: uniformCluster(nodes, capacity) },
    constraints,
    demands: selectDemands(table, given.rows, apps, file),
    nodes,
    capacity,
  };
}

async function askedByFile(
  context: CliContext,
  talk: Talk,
  given: MedeaArguments,
  path: string,
): Promise<Asked> {
  const file = await options.loadProblem(context, talk, path);
  const ground = await options.groundByFile(context, talk, { seed: given.seed }, file!);
  const { surface, moreSurfaces, cluster, demand } = ground;
  const capacity = maxCapacity(cluster);
  const { floors = [], objective } = options.aimOf(context, {}, ground, file);
  const constraints = await options.loadConstraints(
    context,
    talk,
    given,
    surface,
    capacity,
    [medea],
  );
  return {
    simulator: context.blocking(() => surface.simulator(capacity, { floors, more: moreSurfaces })),
    parts: { ...ground, objective },
    constraints: constraints!,
    demands: [{ row: 0, demand }],
    nodes: nodeCount(cluster),
    capacity,
  };
}

/** The profile that is given, or where no constraints are either, the bundled one; null where constraints say all. */
async function surfaceOf(
  context: CliContext,
  talk: Talk,
  given: MedeaArguments,
  apps: readonly string[],
  capacity: number,
): Promise<{ profile: Profile; model: InterferenceModel; surface: Surface } | null> {
  const { constraints, profile: file, seed } = given;
  if (file === undefined && constraints !== undefined) return null;
  if (file === undefined) {
    talk.notice(
      `Constraints are derived from the bundled profile ${DEFAULT_PROFILE}: give others by --constraints or --profile`,
    );
  }
  const source = file ?? DEFAULT_PROFILE;
  const loaded = file === undefined
    ? await loadBundledProfile(DEFAULT_PROFILE)
    : await loadProfile(context, talk, file, { ...given, capacity });
  const profile = inAppOrder(loaded, apps, source);
  const surface = context.blocking(() => surfaceFromProfile(profile, { source, seed }));
  return { profile, model: surface.model, surface };
}

function resultRow(
  row: number,
  constraints: readonly InterferenceConstraint[],
  { demand }: SchedulingProblem,
  { placement, seconds, details }: ScheduleRun,
  allocation: string,
): MedeaRow {
  const { weighted, ratio } = placementViolations(constraints, placement);
  return {
    row,
    containers: demand.reduce((sum, count) => sum + count, 0),
    violations: weighted,
    violationRatio: ratio,
    bound: Number(details?.violationBound ?? 0),
    proven: details?.violationsProven === true,
    seconds,
    allocation,
  };
}

function allocationText(apps: readonly string[], { placement }: ScheduleRun): string {
  const quoted = apps.map((app) => /[",\n]/.test(app) ? `"${app.replaceAll('"', '""')}"` : app);
  return [quoted.join(","), ...placementRows(placement).map((row) => row.join(","))].join("\n") +
    "\n";
}

function summaryText(results: readonly MedeaRow[]): string {
  const columns = [
    "row",
    "containers",
    "violations",
    "violationRatio",
    "bound",
    "proven",
    "seconds",
  ] as const;
  const lines = results.map((result) => columns.map((column) => result[column]).join(","));
  return [columns.join(","), ...lines].join("\n") + "\n";
}

function renderSummary(
  results: readonly MedeaRow[],
  layout: { readonly width: number; readonly color: boolean },
): string {
  return renderTable<MedeaRow>(
    [
      { title: "Row", align: "right", cell: ({ row }) => `${row}` },
      { title: "Containers", align: "right", cell: ({ containers }) => `${containers}` },
      { title: "Violations", align: "right", cell: ({ violations }) => `${violations}` },
      {
        title: "Proven",
        align: "left",
        cell: ({ proven, bound }) => proven ? "least" : `at least ${bound}`,
      },
      {
        title: "Ratio",
        align: "right",
        cell: ({ violationRatio }) => `${(violationRatio * 100).toFixed(4)} %`,
      },
      { title: "Seconds", align: "right", cell: ({ seconds }) => seconds.toFixed(3) },
    ],
    results,
    layout,
  );
}
