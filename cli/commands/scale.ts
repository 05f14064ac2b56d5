import {
  Command,
  type CommandUnknownOpts,
  InvalidArgumentError,
} from "@commander-js/extra-typings";
import { InfeasibleError } from "../../domain/mod.ts";
import { replan, type ReplanProblem } from "../../replanning/mod.ts";
import { UndecidedError } from "../../scheduling/mod.ts";
import type { CliContext } from "../context.ts";
import { act, type GivenBy } from "../options/define.ts";
import * as options from "../options/mod.ts";
import { Talk } from "../output/progress.ts";
import * as own from "../replan/options.ts";
import { searchOptions, tellReplanned, withReplanning } from "../replan/run.ts";
import { sourceOfPlan } from "../replan/source.ts";

/** Options of `metis scale`. */
const scaleOptions = () =>
  [
    own.fromOption().makeOptionMandatory(),
    ...own.ownOptions(),
    own.keepRunningOption(),
    ...own.effortOptions(),
    options.outOption("the new plan (JSON)"),
    ...options.outputOptions(),
  ] as const;
type ScaleArguments = GivenBy<typeof scaleOptions>;

/** The command `metis scale`. */
export function command(context: CliContext): CommandUnknownOpts {
  return act(
    new Command("scale")
      .description(
        "Changes how many containers of some apps a plan that runs has: only what must start and stop does, placed as well " +
          "as that allows.",
      )
      .argument(
        "<app=count...>",
        "apps with how many containers they should have: web=7 redis=3",
        (text: string, earlier: options.NamedLimit[] | undefined) => [
          ...earlier ?? [],
          ...text.split(",").map(named),
        ],
      ),
    scaleOptions(),
    (counts, given) => runScale(context, counts, given),
  );
}

function named(text: string): options.NamedLimit {
  try {
    return options.parseNamed(text.trim());
  } catch {
    throw new InvalidArgumentError("It must be apps with whole numbers: web=7.");
  }
}

async function runScale(
  context: CliContext,
  counts: readonly options.NamedLimit[],
  given: ScaleArguments,
): Promise<void> {
  const talk = new Talk(context, given.quiet === true);
  options.refuseTwice("metis scale", counts);
  if (given.out !== undefined) await context.checkWritable(given.out);
  const started = performance.now();
  await withReplanning(
    context,
    talk,
    await sourceOfPlan(context, given.from),
    given,
    null,
    (apps, own) => {
      const scaled = [...own()];
      for (const { app, limit } of counts) {
        scaled[options.appIndex(app, apps, "metis scale")] = limit;
      }
      return scaled;
    },
    async (problem, loaded) => {
      const { replanned, moveCost } = await withFewestMoves(context, talk, problem, given);
      await tellReplanned(context, talk, problem, loaded, replanned, {
        from: given.from,
        seed: given.seed,
        parameters: { maxMoves: replanned.change.moves },
        seconds: (performance.now() - started) / 1000,
        moveCost,
        keepRunning: given.keepRunning,
        out: given.out,
        json: given.json === true,
      });
    },
  );
}

/** The best placement without moves; where there is none, the best of those with the fewest. */
async function withFewestMoves(
  context: CliContext,
  talk: Talk,
  problem: ReplanProblem,
  given: ScaleArguments,
) {
  const search = searchOptions(context, talk, given);
  try {
    return { replanned: await replan(problem, { ...search, maxMoves: 0 }), moveCost: 0 };
  } catch (error) {
    if (!(error instanceof InfeasibleError) || error instanceof UndecidedError) throw error;
    const replanned = await replan(problem, { ...search, fewestMoves: true });
    talk.notice(`${error.message}: ${replanned.fewest ? "the fewest" : "few"} are made`);
    return { replanned, moveCost: 0 };
  }
}
