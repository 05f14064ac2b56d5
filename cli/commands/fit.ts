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
  DEFAULT_FIT,
  fitModel,
  holdOut,
  saveModel,
  scoreModel,
  type Scores,
  scoreUnseen,
} from "../../models/mod.ts";
import { type Regret, RegretMeter } from "../../profiling/mod.ts";
import { type CliContext, printJson, wantsColor } from "../context.ts";
import { act, type GivenBy } from "../options/define.ts";
import { FIT_NAMES } from "../options/names.ts";
import * as options from "../options/mod.ts";
import { Talk } from "../output/progress.ts";
import { renderPairs, renderTable } from "../output/table.ts";
import { loadDemands, loadProfile } from "../options/mod.ts";
import { secondsText } from "../output/figures.ts";

/** Options of `metis fit`. */
const fitOptions = () =>
  [
    options.profileOption().makeOptionMandatory(),
    new Option("--fit <name>", `kind of model: ${FIT_NAMES.join(", ")}`).default(DEFAULT_FIT),
    new Option("--test <file>", "score on the rows of this profile that are not in the first"),
    new Option(
      "--trust-measured",
      "answer measured configurations with their measurements (default: boosting, gaussian and auto do)",
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
  const { fit: kind, seed } = given;
  const profile = await loadProfile(context, talk, given.profile, given);
  const test = given.test === undefined
    ? null
    : inAppOrder(await loadProfile(context, talk, given.test, given), profile.apps, given.test);
  if (given.out !== undefined) await context.checkWritable(given.out);
  const demands = await loadRegretDemands(context, given, profile.apps);
  const { trustMeasured } = given;
  const fit = (rows: Profile): InterferenceModel =>
    fitModel(kind, rows, {
      seed,
      ...(trustMeasured === undefined ? {} : { trustMeasured }),
    });

  const started = context.seconds();
  const model = context.blocking(() => aboutFile(given.profile, () => fit(profile)));
  const seconds = context.seconds() - started;
  await pause(context, talk, 0.2, "scoring on held-out rows");
  const heldOut = given.holdOut === 0 ? null : scoreOr(context, talk, "held-out rows", () => {
    // The same rows whatever the seed, so that models of several seeds are comparable.
    const split = holdOut(profile, given.holdOut);
    return scoreModel(fit(split.train), split.test);
  });
  await pause(context, talk, 0.4, "cross-validating");
  const crossValidation = given.folds === 0 ? null : scoreOr(
    context,
    talk,
    "cross-validation",
    () => crossValidate(profile, fit, given.folds, seed),
  );
  await pause(context, talk, 0.9, "scoring on the test profile");
  const tested = test === null
    ? null
    : scoreOr(context, talk, "the test profile", () => scoreUnseen(model, profile, test));

  const regret = demands === null || test === null
    ? null
    : await measureRegret(context, talk, model, test, demands, given);

  const headline = test === null ? heldOut : tested;
  const report = {
    fit: kind,
    profile: given.profile,
    apps: profile.apps,
    rows: profile.rows,
    r2: headline?.r2 ?? null,
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
  if (given.json) printJson(context, report);
  else context.stdout.write(describeFit(context, report));
  if (given.out !== undefined) talk.notice(`Wrote ${given.out}`);
}

interface FitReport {
  readonly fit: string;
  readonly profile: string;
  readonly apps: readonly string[];
  readonly rows: number;
  readonly seconds: number;
  readonly heldOut: Scores | null;
  readonly crossValidation: Scores | null;
  readonly test: Scores | null;
  readonly regret: number | null;
  readonly regretMax: number | null;
  readonly regretRestricted: boolean | null;
}

function describeFit(context: CliContext, report: FitReport): string {
  const scores = [
    ["held-out rows", report.heldOut],
    ["cross-validation", report.crossValidation],
    ["test profile", report.test],
  ] as const;
  const scored = scores.flatMap(([name, score]) => score === null ? [] : [{ name, score }]);
  const number = (title: string, value: (score: Scores) => string) => ({
    title,
    align: "right" as const,
    cell: ({ score }: { score: Scores }) => value(score),
  });
  return renderPairs([
    ["model", report.fit],
    ["profile", report.profile],
    ["rows", `${report.rows}`],
    ["apps", report.apps.join(", ")],
    ["seconds to fit", secondsText(report.seconds)],
    ...regretPairs(report),
  ], context.stdout.columns) + "\n" + renderTable(
    [
      { title: "Scored on", align: "left", cell: ({ name }) => name },
      number("Rows", ({ rows }) => `${rows}`),
      number("R2", ({ r2 }) => r2.toFixed(4)),
      number("Mean absolute error", ({ mae }) => mae.toFixed(4)),
      number("Error where present", ({ maePresent }) => maePresent.toFixed(4)),
    ],
    scored,
    { width: context.stdout.columns, color: wantsColor(context, context.stdout) },
  );
}

function regretPairs(report: FitReport): (readonly [string, string])[] {
  if (report.regret === null || report.regretMax === null) return [];
  const percent = (share: number) => `${(share * 100).toFixed(2)} %`;
  const among = report.regretRestricted ? ", among the configurations of the test profile" : "";
  return [["regret", `${percent(report.regret)}, at most ${percent(report.regretMax)}${among}`]];
}

/** The demands that regret is asked for, or null where it is not. */
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
function scoreOr(
  context: CliContext,
  talk: Talk,
  what: string,
  score: () => Scores,
): Scores | null {
  try {
    return context.blocking(score);
  } catch (error) {
    if (!(error instanceof InputError || error instanceof MissingConfigurationError)) throw error;
    talk.notice(`No score on ${what}: ${error.message}`);
    return null;
  }
}
