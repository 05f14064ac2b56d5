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
  inAppOrder,
  type InterferenceConstraint,
  InterruptedError,
  placementRows,
  type Profile,
  uniformCluster,
} from "../../domain/mod.ts";
import { readDemands, selectDemands } from "../../profiles/mod.ts";
import {
  problemOn,
  runScheduler,
  type ScheduleRun,
  type SchedulingProblem,
  surfaceFromModel,
  surfaceFromProfile,
} from "../../scheduling/mod.ts";
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
    options.demandsOption().makeOptionMandatory(),
    options.rowsOption(),
    options.nodesOption().makeOptionMandatory(),
    options.capacityOption().default(8),
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
  const table = readDemands(await readText(context, given.demands), given.demands);
  const { apps } = table;
  const constraints = await constraintsOf(context, talk, given, apps);
  const simulator = surfaceFromModel(violationModel(apps, constraints), { source: "constraints" })
    .simulator(given.capacity);
  const cluster = uniformCluster(given.nodes, given.capacity);
  const chosen = selectDemands(table, given.rows, apps, given.demands);
  await writer.makeDirectory(given.out);
  const parameters = {
    ...(given.formulation === undefined ? {} : { formulation: given.formulation }),
    ...(given.then === undefined ? {} : { then: given.then }),
  };
  const results: MedeaRow[] = [];
  for (const [at, { row, demand }] of chosen.entries()) {
    if (context.signal.aborted) break;
    talk.step({ fraction: at / chosen.length, text: `row ${row}` });
    const problem = problemOn(simulator, { cluster, demand, constraints });
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
    printJson(context, { apps, nodes: given.nodes, capacity: given.capacity, results });
  } else {
    const layout = { width: context.stdout.columns, color: wantsColor(context, context.stdout) };
    context.stdout.write(renderSummary(results, layout));
  }
  talk.notice(`Wrote ${given.out}/summary.csv and ${results.length} allocations`);
  if (context.signal.aborted) {
    throw new InterruptedError(
      `Interrupted after ${results.length} of ${
        countOf(chosen.length, "demand")
      }, kept in ${given.out}: ` +
        "resume with the --rows that are left, into another --out",
    );
  }
}

async function constraintsOf(
  context: CliContext,
  talk: Talk,
  given: MedeaArguments,
  apps: readonly string[],
): Promise<readonly InterferenceConstraint[]> {
  const { constraints: file, profile: profileFile, capacity, seed } = given;
  if (file !== undefined) {
    return readConstraints(await readText(context, file), apps, file).constraints;
  }
  let profile: Profile;
  if (profileFile === undefined) {
    profile = inAppOrder(await loadBundledProfile(DEFAULT_PROFILE), apps, DEFAULT_PROFILE);
    talk.notice(
      `Constraints are derived from the bundled profile ${DEFAULT_PROFILE}: give others by --constraints or --profile`,
    );
  } else {
    profile = inAppOrder(
      await loadProfile(context, talk, profileFile, given),
      apps,
      profileFile,
    );
  }
  const source = profileFile ?? DEFAULT_PROFILE;
  const { model } = context.blocking(() => surfaceFromProfile(profile, { source, seed }));
  return deriveConstraints({ apps, profile, model }, capacity);
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
