import { Command, type CommandUnknownOpts, Option } from "@commander-js/extra-typings";
import {
  constraintsFromSeries,
  type DerivedConstraint,
  interferenceSeries,
  isPairwise,
  readPairwise,
  writeConstraints,
  writeSeries,
} from "../../baselines/constraints/mod.ts";
import { InputError, type InterferenceModel, type Profile } from "../../domain/mod.ts";
import { fitModel, usualFit } from "../../models/mod.ts";
import { type CliContext, printJson, readText, wantsColor } from "../context.ts";
import { act, type GivenBy } from "../options/define.ts";
import * as options from "../options/mod.ts";
import { Talk } from "../output/progress.ts";
import { type Column, renderTable } from "../output/table.ts";
import { loadProfile } from "../options/mod.ts";

/** Options of `metis interference`. */
const interferenceOptions = () =>
  [
    new Option("--profile <file>", "measured profile (.npz or .csv)").makeOptionMandatory(),
    new Option(
      "--per-app <file>",
      "RPS of each app, row by row, if the profile has only totals",
    ),
    ...options.unitOptions(),
    options.capacityOption().makeOptionMandatory(),
    options.appsOption(),
    options.fitOption(),
    options.seedOption(),
    new Option("--names", "write names of apps instead of numbers"),
    new Option("--weights", "write a column of weights"),
    new Option("--series <file>", "write the relative RPS behind each constraint (CSV)"),
    options.outOption("the constraints (CSV)"),
    ...options.outputOptions(),
  ] as const;
type InterferenceArguments = GivenBy<typeof interferenceOptions>;

/** The command `metis interference`. */
export function command(context: CliContext): CommandUnknownOpts {
  return act(
    new Command("interference")
      .description(
        "Derives the constraints of Medea and Paragon from how each app runs beside more and more containers of another.",
      ),
    interferenceOptions(),
    (given) => runInterference(context, given),
  );
}

async function runInterference(context: CliContext, given: InterferenceArguments): Promise<void> {
  const talk = new Talk(context, given.quiet === true);
  const { capacity } = given;
  for (const file of [given.out, given.series]) {
    if (file !== undefined) await context.checkWritable(file);
  }
  const profile = await readRows(context, talk, given);
  const { apps } = profile;
  const series = interferenceSeries(
    { apps, profile, model: lazyModel(context, talk, profile, given) },
    capacity,
  );
  const predicted = series.reduce((sum, one) => sum + one.predicted, 0);
  const values = series.length * capacity;
  const derived = constraintsFromSeries(apps, series);
  const constraints = derived.map(({ constraint }) => constraint);
  const text = writeConstraints(constraints, apps, {
    names: given.names === true,
    weights: given.weights === true,
  });
  if (given.out !== undefined) await context.writeFile(given.out, text);
  if (given.series !== undefined) {
    const behind = derived.map((one) => one.series);
    await context.writeFile(given.series, writeSeries(behind, capacity));
  }
  if (given.json) {
    return printJson(context, {
      apps,
      capacity,
      values,
      predicted,
      constraints: derived.map(({ constraint: { subject, other, ...rest }, series: { rps } }) => ({
        subject: apps[subject],
        other: apps[other],
        ...rest,
        rps,
      })),
    });
  }
  const layout = { width: context.stdout.columns, color: wantsColor(context, context.stdout) };
  context.stdout.write(
    `${constraints.length} constraints from ${values} values: ${values - predicted} measured, ` +
      `${predicted} predicted.\n\n${renderTable(columnsOf(apps), derived, layout)}`,
  );
  for (const file of [given.out, given.series]) {
    if (file !== undefined) talk.notice(`Wrote ${file}`);
  }
}

async function readRows(
  context: CliContext,
  talk: Talk,
  given: InterferenceArguments,
): Promise<Profile> {
  const { profile: file, perApp, apps } = given;
  const text = file.endsWith(".csv") ? await readText(context, file) : "";
  if (perApp !== undefined) {
    const read = readPairwise(
      { text, file },
      { text: await readText(context, perApp), file: perApp },
    );
    if (apps !== undefined && apps.length !== read.apps.length) {
      throw new InputError(`${file}: has ${read.apps.length} apps, --apps names ${apps.length}`);
    }
    return { ...read, apps: apps ?? read.apps };
  }
  if (isPairwise(text)) {
    throw new InputError(`${file}: has totals only: add the RPS of each app by --per-app FILE`);
  }
  return await loadProfile(context, talk, file, given);
}

/** A model that is fitted when something must be predicted, and not before. */
function lazyModel(
  context: CliContext,
  talk: Talk,
  profile: Profile,
  { fit = usualFit(profile), seed }: InterferenceArguments,
): InterferenceModel {
  let model: InterferenceModel | undefined;
  return {
    kind: fit,
    apps: profile.apps,
    predict(counts, rows) {
      model ??= context.blocking(() => fitModel(fit, profile, { seed }));
      talk.notice(
        `The profile lacks ${rows} of the values: predicted by ${fit} fitted on its ${profile.rows} rows`,
      );
      return model.predict(counts, rows);
    },
  };
}

function columnsOf(apps: readonly string[]): Column<DerivedConstraint>[] {
  return [
    { title: "A node with", align: "left", cell: ({ constraint }) => apps[constraint.subject]! },
    {
      title: "holds",
      align: "left",
      cell: ({ constraint: { kind, threshold } }) => `${kind.replace("-", " ")} ${threshold}`,
    },
    { title: "of", align: "left", cell: ({ constraint }) => apps[constraint.other]! },
    { title: "Weight", align: "right", cell: ({ constraint }) => `${constraint.weight}` },
    {
      title: "Relative RPS with 1, 2, ... more",
      align: "left",
      wraps: true,
      cell: ({ series: { rps } }) =>
        rps.slice(1).map((value) => (value / rps[0]!).toFixed(2)).join(" "),
    },
  ];
}
