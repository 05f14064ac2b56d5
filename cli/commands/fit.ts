import { Command, type CommandUnknownOpts, Option } from "@commander-js/extra-typings";
import {
  aboutFile,
  type Demand,
  inAppOrder,
  InputError,
  type InterferenceModel,
  MissingConfigurationError,
  type Profile,
  UsageError,
} from "../../domain/mod.ts";
import {
  crossValidate,
  type CrossValidation,
  describeKind,
  fitAppMeans,
  fitFrom,
  fitModel,
  hasCopies,
  holdOut,
  holdOutConfigurations,
  saveModel,
  scoreModel,
  type Scores,
  scoreUnseen,
  TableModel,
  usualFit,
} from "../../models/mod.ts";
import { type Regret, RegretMeter } from "../../profiling/mod.ts";
import { type CliContext, printJson, wantsColor } from "../context.ts";
import { act, type GivenBy } from "../options/define.ts";
import { FIT_NAMES } from "../options/names.ts";
import * as options from "../options/mod.ts";
import { type Held, predictedPlot } from "../output/plots/predicted.ts";
import { Talk } from "../output/progress.ts";
import { renderPairs, renderTable } from "../output/table.ts";
import { loadDemands, loadProfile } from "../options/mod.ts";
import { secondsText } from "../output/figures.ts";

/** Options of `metis fit`. */
const fitOptions = () =>
  [
    options.profileOption().makeOptionMandatory(),
    ...options.unitOptions(),
    new Option(
      "--fit <name>",
      `kind of model: ${
        FIT_NAMES.join(", ")
      } (default: pooled, or extra-trees where rows are many)`,
    ),
    new Option(
      "--from <file>",
      "profile of another node class, of the same apps: learn what --profile, of which few rows are enough, differs by from it; " +
        "--fit is then the kind of model of the other (repeatable)",
    ).argParser<string[]>((file, earlier) => [...earlier ?? [], file]),
    new Option("--test <file>", "score on the rows of this profile that are not in the first"),
    new Option(
      "--trust-measured",
      "answer measured configurations with their measurements (default: pooled, boosting, gaussian and auto do)",
    ),
    new Option("--no-trust-measured", "let the model answer for measured configurations too"),
    options.demandsOption(),
    options.rowsOption(),
    options.nodesOption(),
    options.appsOption(),
    options.capacityOption(),
    new Option("--hold-out <share>", "share of the rows that is held out to score on")
      .argParser(options.share).default(0.1),
    new Option("--folds <count>", "folds of the cross-validation; 0 = none")
      .argParser(options.whole(0, 1000)).default(5),
    options.seedOption(),
    options.outOption("the model (JSON)"),
    new Option(
      "--plot <file>",
      "draw predicted against measured values of the rows that each fold leaves out, as an SVG image",
    ),
    ...options.outputOptions(),
  ] as const;
type FitArguments = GivenBy<typeof fitOptions>;

/** The command `metis fit`. */
export function command(context: CliContext): CommandUnknownOpts {
  return act(
    new Command("fit")
      .description(
        "Fits an interference model on a measured profile. The model is fitted on all rows; its " +
          "scores come from further fits that leave the scored rows out. With --test, --demands and " +
          "--nodes, its regret too: what placing by the model loses against the optimum, both valued " +
          "by the test profile.",
      ),
    fitOptions(),
    (given) => runFit(context, given),
  );
}

async function runFit(context: CliContext, given: FitArguments): Promise<void> {
  const talk = new Talk(context, given.quiet === true);
  const { seed } = given;
  const profile = await loadProfile(context, talk, given.profile, given);
  const sources = await loadSources(context, talk, given, profile.apps);
  const kind = sources.length > 0 ? "transfer" : given.fit ?? usualFit(profile);
  const test = given.test === undefined
    ? null
    : inAppOrder(await loadProfile(context, talk, given.test, given), profile.apps, given.test);
  if (given.plot !== undefined && given.folds === 0) {
    throw new UsageError("--plot draws the rows that folds leave out: give --folds 2 or more");
  }
  for (const file of [given.out, given.plot]) {
    if (file !== undefined) await context.checkWritable(file);
  }
  const demands = await loadRegretDemands(context, given, profile.apps);
  const { trustMeasured } = given;
  const fitted = { seed, ...(trustMeasured === undefined ? {} : { trustMeasured }) };
  const fit = (rows: Profile): InterferenceModel =>
    sources.length > 0 ? fitFrom(rows, sources, fitted) : fitModel(kind, rows, fitted);

  const started = context.seconds();
  const model = context.blocking(() => aboutFile(given.profile, () => fit(profile)));
  const seconds = context.seconds() - started;
  if (given.holdOut !== 0) await pause(context, talk, 0.2, "scoring on held-out rows");
  const heldOut = given.holdOut === 0 ? null : scoreOr(context, talk, "held-out rows", () => {
    // The same rows whatever the seed, so that models of several seeds are comparable.
    const { train, test } = holdOutConfigurations(profile, given.holdOut);
    return beside(scoreModel(fit(train), test), scoreModel(fitAppMeans(train), test));
  });
  // Published figures are of rows: copies of a configuration may be on both sides.
  const reference = heldOut === null || !hasCopies(profile)
    ? heldOut
    : scoreOr(context, talk, "the paper's split", () => {
      const { train, test } = holdOut(profile, given.holdOut);
      return scoreModel(fit(train), test);
    });
  if (given.folds !== 0) await pause(context, talk, 0.4, "cross-validating");
  const held: Held[] = [];
  const crossValidation = given.folds === 0 ? null : scoreOr(
    context,
    talk,
    "cross-validation",
    () =>
      beside(
        crossValidate(
          profile,
          fit,
          given.folds,
          seed,
          (rows, predicted) => held.push({ profile: rows, predicted }),
        ),
        crossValidate(profile, fitAppMeans, given.folds, seed),
      ),
  );
  if (test !== null) await pause(context, talk, 0.9, "scoring on the test profile");
  const tested = test === null ? null : scoreOr(context, talk, "the test profile", () =>
    beside(
      scoreUnseen(model, profile, test),
      scoreUnseen(fitAppMeans(profile), profile, test),
    ));

  const regret = demands === null || test === null
    ? null
    : await measureRegret(context, talk, model, test, demands, given);

  const headline = test === null ? heldOut : tested;
  const report = {
    fit: kind,
    model: describeKind(model instanceof TableModel ? model.fallback ?? model : model),
    profile: given.profile,
    ...(given.from === undefined ? {} : { from: given.from }),
    apps: profile.apps,
    rows: profile.rows,
    r2: headline?.r2 ?? null,
    r2Paper: (test === null ? reference : tested)?.r2Paper ?? null,
    mae: headline?.mae ?? null,
    maePresent: headline?.maePresent ?? null,
    regret: regret?.regret ?? null,
    regretMax: regret?.regretMax ?? null,
    regretPerDemand: regret?.perDemand ?? null,
    regretRestricted: regret?.restricted ?? null,
    scoredOn: test === null ? "held-out" : "test",
    seconds,
    seed,
    heldOut,
    crossValidation,
    test: tested,
  };
  talk.clear();
  if (given.out !== undefined) await context.writeFile(given.out, saveModel(model));
  const drawn = given.plot !== undefined && crossValidation !== null ? given.plot : undefined;
  if (drawn !== undefined) {
    const title = `${kind} on ${given.profile}: predicted by folds that did not see the row`;
    await context.writeFile(drawn, predictedPlot(title, profile.apps, held));
  }
  if (given.json) printJson(context, report);
  else context.stdout.write(describeFit(context, report));
  for (const file of [given.out, drawn]) {
    if (file !== undefined) talk.notice(`Wrote ${file}`);
  }
}

/** Models of the other node classes that `--from` names. */
async function loadSources(
  context: CliContext,
  talk: Talk,
  given: FitArguments,
  apps: readonly string[],
): Promise<InterferenceModel[]> {
  const sources: InterferenceModel[] = [];
  for (const file of given.from ?? []) {
    const rows = inAppOrder(await loadProfile(context, talk, file, given), apps, file);
    const kind = given.fit ?? usualFit(rows);
    sources.push(
      context.blocking(() => aboutFile(file, () => fitModel(kind, rows, { seed: given.seed }))),
    );
  }
  return sources;
}

interface FitReport {
  readonly fit: string;
  /** Profiles of other node classes, where it was learned from such too. */
  readonly from?: readonly string[];
  /** The kind, and of a mixture what it is made of. */
  readonly model: string;
  readonly profile: string;
  readonly apps: readonly string[];
  readonly rows: number;
  readonly seconds: number;
  readonly heldOut: (Scores & Beside) | null;
  readonly crossValidation: (CrossValidation & Beside) | null;
  readonly test: (Scores & Beside) | null;
  readonly regret: number | null;
  readonly regretMax: number | null;
  readonly regretRestricted: boolean | null;
}

/** What the trivial model, the mean of each app, scores on the same rows. */
interface Beside {
  readonly trivial: { readonly r2: number; readonly maePresent: number };
}

function beside<S extends Scores>(scores: S, { r2, maePresent }: Scores): S & Beside {
  return { ...scores, trivial: { r2, maePresent } };
}

function describeFit(context: CliContext, report: FitReport): string {
  const scores = [
    ["held-out rows", report.heldOut],
    ["cross-validation", report.crossValidation],
    ["test profile", report.test],
  ] as const;
  const scored = scores.flatMap(([name, score]) => score === null ? [] : [{ name, score }]);
  const number = (title: string, value: (score: Scores & Beside) => string) => ({
    title,
    align: "right" as const,
    cell: ({ score }: { score: Scores & Beside }) => value(score),
  });
  const layout = { width: context.stdout.columns, color: wantsColor(context, context.stdout) };
  const byApp = report.crossValidation ?? report.test ?? report.heldOut;
  return renderPairs([
    ["model", report.model],
    ["profile", report.profile],
    ...(report.from === undefined ? [] : [["learned from", report.from.join(", ")] as const]),
    ["rows", `${report.rows}`],
    ["apps", report.apps.join(", ")],
    ["seconds to fit", secondsText(report.seconds)],
    ...spreadPairs(report),
    ...regretPairs(report),
  ], context.stdout.columns) + "\n" + renderTable(
    [
      { title: "Scored on", align: "left", cell: ({ name }) => name },
      number("Rows", ({ rows }) => `${rows}`),
      number("R2", ({ r2 }) => r2.toFixed(4)),
      number("Error where present", ({ maePresent }) => maePresent.toFixed(4)),
      number("Error of the apps' means", ({ trivial }) => trivial.maePresent.toFixed(4)),
    ],
    scored,
    layout,
  ) + (byApp === null ? "" : "\n" + renderTable(
    [
      { title: "App", align: "left", cell: ({ app }) => app },
      { title: "Rows", align: "right", cell: ({ rows }) => `${rows}` },
      { title: "R2", align: "right", cell: ({ r2 }) => r2?.toFixed(4) ?? "-" },
      {
        title: "Error where present",
        align: "right",
        cell: ({ maePresent }) => maePresent?.toFixed(4) ?? "-",
      },
    ],
    byApp.perApp,
    layout,
  ));
}

/** How far the folds are apart: what one split is worth. */
function spreadPairs({ crossValidation }: FitReport): (readonly [string, string])[] {
  if (crossValidation === null) return [];
  const range = (values: readonly number[]) =>
    `${Math.min(...values).toFixed(4)} to ${Math.max(...values).toFixed(4)}`;
  const { perFold } = crossValidation;
  return [
    ["R2 over the folds", range(perFold.map(({ r2 }) => r2))],
    ["error over the folds", range(perFold.map(({ maePresent }) => maePresent))],
  ];
}

function regretPairs(report: FitReport): (readonly [string, string])[] {
  if (report.regret === null || report.regretMax === null) return [];
  const percent = (share: number) => `${(share * 100).toFixed(2)} %`;
  const among = report.regretRestricted ? ", among the configurations of the test profile" : "";
  return [[
    "regret",
    `${percent(report.regret)} in the mean, ${percent(report.regretMax)} at worst${among}`,
  ]];
}

/** The demands that regret is asked for, or null if it is not. */
async function loadRegretDemands(
  context: CliContext,
  given: FitArguments,
  apps: readonly string[],
): Promise<readonly Demand[] | null> {
  const { demands, nodes, test } = given;
  if (demands === undefined && nodes === undefined && given.rows === undefined) return null;
  if (demands === undefined || nodes === undefined || test === undefined) {
    throw new UsageError("Regret needs --test FILE, --demands FILE and --nodes COUNT together");
  }
  return (await loadDemands(context, { demands }, given.rows, apps)).map(({ demand }) => demand);
}

async function measureRegret(
  context: CliContext,
  talk: Talk,
  model: InterferenceModel,
  test: Profile,
  demands: readonly Demand[],
  given: FitArguments,
): Promise<Regret> {
  await pause(context, talk, 0.95, "measuring regret");
  const { nodes, capacity } = given;
  const meter = new RegretMeter(test, {
    demands,
    nodes: nodes!,
    ...(capacity === undefined ? {} : { capacity }),
    signal: context.signal,
  });
  return await meter.measure(model);
}

/** Lets a Ctrl-C through between two long pieces of work, and shows how far the whole is. */
async function pause(
  context: CliContext,
  talk: Talk,
  fraction: number,
  text: string,
): Promise<void> {
  talk.step({ fraction, text });
  await new Promise((resolve) => setTimeout(resolve, 0));
  context.signal.throwIfAborted();
}

/** A score, or null with a notice where the rows do not allow one: the model is good without it. */
function scoreOr<S extends Scores>(
  context: CliContext,
  talk: Talk,
  what: string,
  score: () => S,
): S | null {
  try {
    return context.blocking(score);
  } catch (error) {
    if (!(error instanceof InputError || error instanceof MissingConfigurationError)) throw error;
    talk.notice(`No score on ${what}: ${error.message}`);
    return null;
  }
}
